// A guided scene as text: its packets, and what it tells of them. `node examples/scene.mjs syn-flood 7` plays
// another one, with another seed.
import { LINK_TYPE, PacketLines } from "@postel/stack/capture";
import { Performance, remarksOf, SCENES, sceneNamed } from "@postel/stack/scenes";

const [name = "three-way-handshake", seed] = process.argv.slice(2);
const scene = sceneNamed(name);
if (scene === undefined) {
  const known = SCENES.map(({ description }) => description.id).join(", ");
  console.error(`There is no scene of the name ${name}. There are ${known}.`);
  process.exit(1);
}

const { title, about } = scene.description;
console.log(`${title.en}\n${about.en}\n`);

const seconds = time => (time / 1e6).toFixed(6);
const remarks = remarksOf(scene.description);
const performance = new Performance(scene, {
  seed: seed === undefined ? undefined : Number(seed),
  onRemark: (number, time) => console.log(`${seconds(time)} * ${remarks[number].words.en}`),
});
const lines = new PacketLines();
for (const host of performance.hosts) {
  host.observe({
    frames: {
      frame: (iface, direction, { bytes, start, end }) => {
        if (direction !== "out") return;
        const line = lines.line(LINK_TYPE.raw, bytes, start, end);
        console.log(`${seconds(performance.world.now())} ${iface.name}: ${line}`);
      },
    },
  });
}
performance.run();
