import { type Duration, SeededRandom } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { createPair, type NetDevice, VirtualTime } from "@postel/stack/link";
import { ip } from "@postel/stack/wire";
import { expect, test } from "vitest";
import { Path } from "./path.ts";

const TEXT = new Uint8Array(1 << 16);

/** So far the receiver's acknowledgments come in a second. */
function acknowledgedInASecond(offload: boolean, loss: number): number {
  const time = new VirtualTime();
  const host = (device: NetDevice, address: string): Host => {
    const made = new Host({ clock: time, scheduler: time, random: new SeededRandom(1) });
    made.attach(device, {
      addresses: [{ address: ip(address), prefixLength: 24 }],
      duplicateDetection: false,
    });
    return made;
  };
  const [left, leftInside] = createPair(time, { medium: "ip", offload });
  const [right, rightInside] = createPair(time, { medium: "ip" });
  const hosts = [host(leftInside, "10.9.0.1"), host(rightInside, "10.9.0.2")] as const;
  const options = { roundTrip: 10_000 as Duration, loss, rateBytesPerSecond: 12_500_000, seed: 1 };
  const path = new Path(left, right, time, options);
  hosts[1].tcp.listen({ port: 80 }).observer = {
    acceptable: listener =>
      listener.accept()?.observe({ connectionEvent: each => void (each.receive(TEXT) > 0) }),
  };
  hosts[0].tcp.connect({ remote: ip("10.9.0.2"), remotePort: 80 }).observe({
    connectionEvent(connection) {
      while (connection.send(TEXT) === TEXT.length);
    },
  });
  for (let passed = 0; passed < 10_000; passed++) {
    for (const each of hosts) each.poll();
    time.runFor(100 as Duration);
  }
  return path.acknowledged;
}

test("a sender whose device joins segments is heard as one that sends packet by packet", () => {
  const plain = acknowledgedInASecond(false, 0.01);
  const joined = acknowledgedInASecond(true, 0.01);
  expect(plain).toBeGreaterThan(500_000);
  expect(joined).toBeGreaterThan(plain / 2);
  expect(joined).toBeLessThan(plain * 2);
});
