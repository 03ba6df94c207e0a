import { describe, test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { Bridge } from "./bridge.ts";
import { complianceChecks, type DeviceBench } from "./compliance.ts";
import { impair } from "./impair.ts";
import { createLoopback } from "./loopback.ts";
import { createPair } from "./pair.ts";
import { segmentation } from "./segmentation.ts";
import { tap } from "./tap.ts";
import { VirtualTime } from "./virtual-time.ts";
import { vlan } from "./vlan.ts";

function settling(time: VirtualTime, bench: Omit<DeviceBench, "settle">): DeviceBench {
  return { ...bench, settle: () => time.runFor(seconds(10)) };
}

const BENCHES: Record<string, () => DeviceBench> = {
  "pair, Ethernet": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    return settling(time, { a, b });
  },
  "pair, IP": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time, { medium: "ip", mtu: 9_000, queueLimit: 100 });
    return settling(time, { a, b });
  },
  loopback: () => {
    const time = new VirtualTime();
    const lo = createLoopback(time);
    return settling(time, { a: lo, b: lo });
  },
  "a tapped pair": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    return settling(time, { a: tap(a, { frame() {} }), b: tap(b, { frame() {} }) });
  },
  "a pair with segmentation in software": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    return settling(time, { a: segmentation(a), b: segmentation(b) });
  },
  "a pair impaired by nothing": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    const options = { scheduler: time, random: new SeededRandom(1) };
    return settling(time, { a: impair(a, options), b: impair(b, options) });
  },
  "a pair with delay both ways": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    const slow = { delay: milliseconds(20) };
    const options = { scheduler: time, random: new SeededRandom(1), transmit: slow, receive: slow };
    return settling(time, { a: impair(a, options), b: impair(b, options) });
  },
  "a pair with a rate": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    const transmit = { rateBytesPerSecond: 1_000_000, queueLimit: 4_000 };
    const options = { scheduler: time, random: new SeededRandom(1), transmit };
    return settling(time, { a: impair(a, options), b: impair(b, options) });
  },
  "VLANs over a pair": () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    return settling(time, { a: vlan(a, 7), b: vlan(b, 7) });
  },
  "a bridge between two pairs": () => {
    const time = new VirtualTime();
    const [a, portA] = createPair(time, { names: ["a", "portA"] });
    const [b, portB] = createPair(time, { names: ["b", "portB"] });
    const bridge = new Bridge(time);
    bridge.add(portA);
    bridge.add(portB);
    // A bridge forwards by destination: each way its own addresses.
    const frame = (length: number, mark: number): Uint8Array => {
      const bytes = new Uint8Array(length).map((_, i) => mark + i);
      bytes.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, mark >> 8, mark]);
      return bytes;
    };
    return settling(time, { a, b, frame });
  },
};

for (const [name, build] of Object.entries(BENCHES)) {
  describe(name, () => {
    for (const check of complianceChecks(build)) test(check.name, () => check.run());
  });
}
