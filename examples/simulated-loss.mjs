// Two hosts on a lossy wire, in virtual time: ten seconds pass in a moment, and the same seed gives the same
// run.
import { milliseconds, seconds } from "@postel/stack/base";
import { Trace, twoHosts, World } from "@postel/stack/sim";
import { connectTcp, listenTcp } from "@postel/stack/socket";
import { ip } from "@postel/stack/wire";

const world = new World({
  seed: Number(process.argv[2] ?? 7),
  // Between two events, Node's own streams finish what they are at.
  drain: () => new Promise(resolve => setImmediate(resolve)),
});
const trace = new Trace(world);
const bad = { delay: milliseconds(20), loss: 0.02, reorder: 0.01 };
const { a, b } = twoHosts(world, { aToB: bad, bToA: bad, trace });

const listener = listenTcp(b, { port: 80 });
const serve = async () => {
  const stream = await listener.accept();
  let received = 0;
  for await (const chunk of stream.readable) received += chunk.length;
  return received;
};

const client = connectTcp(a, { remote: ip("10.0.0.2"), remotePort: 80 });
const send = async () => {
  const writer = client.writable.getWriter();
  await writer.write(new Uint8Array(1_000_000));
  await writer.close();
};

const [received] = await world.runUntilSettled(Promise.all([serve(), send()]), seconds(600));
const { retransmissions, srtt } = client.info();
console.log(`${received} bytes arrived in ${(world.now() / 1e6).toFixed(3)} simulated seconds`);
console.log(`SRTT ${(srtt / 1e3).toFixed(1)} ms, sent again: ${JSON.stringify(retransmissions)}`);
console.log(`trace ${trace.hash}`);
