/**
 * The rules of net-device.ts as checks that any device can be put through. Free of a test framework, so that
 * the TUN device's test uses it too: each check throws when a rule is broken.
 */
import { assert } from "../base/assert.ts";
import { sameBytes } from "../base/bytes.ts";
import { anyPacket, type DeviceBench, equal, Harness, Recorder } from "./compliance-bench.ts";
import type { NetDevice } from "./net-device.ts";

export type { DeviceBench } from "./compliance-bench.ts";

export interface ComplianceCheck {
  readonly name: string;
  run(): Promise<void>;
}

type Build = () => DeviceBench | Promise<DeviceBench>;

/** More than any queue holds; a device that takes them all has no back-pressure to check. */
const FLOOD = 20_000;
const BURST = 100;

export function complianceChecks(build: Build): ComplianceCheck[] {
  const checks: ComplianceCheck[] = [];
  const check = (name: string, body: (bench: Harness) => void | Promise<void>): void => {
    checks.push({
      name,
      run: async () => {
        const bench = await build();
        try {
          await body(new Harness(bench));
        } finally {
          await bench.dispose?.();
        }
      },
    });
  };
  deliveryChecks(check);
  borrowingChecks(check);
  limitChecks(check);
  closingChecks(check);
  return checks;
}

type Check = (name: string, body: (bench: Harness) => void | Promise<void>) => void;

function deliveryChecks(check: Check): void {
  check("what one end transmits the other receives, byte for byte, both ways", async bench => {
    const { a, b, atA, atB } = bench.attach();
    const [there, back] = [bench.packet(100, 1), bench.packet(101, 2)];
    const [sentThere, sentBack] = [there.view().slice(), back.view().slice()];
    assert(a.transmit(there), "a frame was not taken");
    await bench.settle();
    atB.expect([sentThere], "the far end");
    atB.clear();
    assert(b.transmit(back), "a frame was not taken on the way back");
    await bench.settle();
    atA.expect([sentBack], "the near end");
  });

  check("a burst arrives whole and in order", async bench => {
    const { a, atB } = bench.attach();
    const sent: Uint8Array[] = [];
    for (let i = 0; i < BURST; i++) {
      const packet = bench.packet(bench.smallest + (i % 50), i);
      sent.push(packet.view().slice());
      assert(a.transmit(packet), "a frame of a burst was not taken");
    }
    await bench.settle();
    atB.expect(sent, "the far end");
  });

  check("frames of the smallest and the largest size pass", async bench => {
    const { a, atB } = bench.attach();
    const sizes = [bench.smallest, bench.largest];
    const packets = sizes.map((size, i) => bench.packet(size, i));
    for (const packet of packets) assert(a.transmit(packet), "a frame was not taken");
    await bench.settle();
    atB.expect(
      packets.map(packet => packet.view()),
      "the far end",
    );
  });

  check("the counters tell what passed", async bench => {
    const { a, b } = bench.attach();
    for (const mark of [1, 2, 3]) a.transmit(bench.packet(200, mark));
    await bench.settle();
    equal(a.counters.transmittedFrames, 3, "transmitted frames");
    equal(a.counters.transmittedBytes, 600, "transmitted bytes");
    equal(b.counters.receivedFrames, 3, "received frames");
    equal(b.counters.receivedBytes, 600, "received bytes");
  });
}

function borrowingChecks(check: Check): void {
  check("transmit leaves the frame as it found it, with much headroom and with none", async bench => {
    const { a } = bench.attach();
    for (const headroom of [128, 0]) {
      const packet = bench.packet(300, 7, headroom);
      const before = packet.view().slice();
      a.transmit(packet);
      equal(packet.start, headroom, "start");
      equal(packet.end, headroom + 300, "end");
      assert(sameBytes(packet.view(), before), "transmit changed the frame's bytes");
    }
    await bench.settle();
  });

  check("the sender may use its packet again at once", async bench => {
    const { a, atB } = bench.attach();
    const packet = bench.packet(300, 7);
    const before = packet.view().slice();
    a.transmit(packet);
    packet.bytes.fill(0xee);
    await bench.settle();
    atB.expect([before], "the far end");
  });

  check("the receiver may change what it was given, and nobody else notices", async bench => {
    const { a, atB } = bench.attach();
    atB.onFrame = frame => {
      frame.bytes.fill(0xdd);
      frame.reset(0);
    };
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 5; i++) {
      const packet = bench.packet(300, i);
      sent.push(packet.view().slice());
      a.transmit(packet);
    }
    await bench.settle();
    atB.expect(sent, "the far end");
  });

  check("transmit never calls a sink from within, also when a receiver answers at once", async bench => {
    const { a, b, atA, atB } = bench.attach();
    let inside = 0;
    const send = (device: NetDevice, mark: number): void => {
      inside++;
      device.transmit(bench.packet(100, mark));
      inside--;
    };
    let answers = 0;
    const answer = (device: NetDevice) => (): void => {
      assert(inside === 0, "a sink was called from within transmit");
      if (answers++ < 5) send(device, answers);
    };
    atB.onFrame = answer(b);
    if (a !== b) atA.onFrame = answer(a);
    send(a, 0);
    for (let i = 0; i < 6; i++) await bench.settle();
    equal(atA.count + atB.count - (a === b ? atA.count : 0), 6, "frames of the exchange");
  });

  check("frames that arrive before a sink is attached are dropped, and harm nothing", async bench => {
    const { a, b } = bench;
    if (a === b) {
      a.transmit(bench.packet(100, 1));
      await bench.settle();
    } else {
      a.attach(new Recorder());
      a.transmit(bench.packet(100, 1));
      await bench.settle();
    }
    const late = new Recorder();
    b.attach(late);
    await bench.settle();
    late.expect([], "a late sink");
    const packet = bench.packet(100, 2);
    a.transmit(packet);
    await bench.settle();
    late.expect([packet.view()], "a late sink");
  });
}

function limitChecks(check: Check): void {
  check("a frame beyond the MTU is refused: dropped, counted, and no reason to wait", async bench => {
    const { a, atB } = bench.attach();
    const dropped = a.counters.dropped;
    assert(
      a.transmit(bench.packet(bench.largest + 1, 1)),
      "transmit asked to wait with a frame that never fits",
    );
    await bench.settle();
    atB.expect([], "the far end");
    equal(a.counters.dropped, dropped + 1, "dropped frames");
  });

  check("frames too short for a header do not make it throw", async bench => {
    const { a, atB } = bench.attach();
    for (let length = 0; length < 20; length++) a.transmit(anyPacket(length));
    await bench.settle();
    atB.clear();
    const packet = bench.packet(100, 1);
    a.transmit(packet);
    await bench.settle();
    atB.expect([packet.view()], "the far end");
  });

  check("a full device says so, takes nothing, and calls writable once when there is room", async bench => {
    const { a, b, atA, atB } = bench.attach();
    let accepted = 0;
    while (accepted < FLOOD && a.transmit(bench.packet(bench.smallest, accepted))) accepted++;
    if (accepted === FLOOD) return;
    equal(a.transmit(bench.packet(bench.smallest, 0)), false, "a second try at a full device");
    equal(atA.writables, 0, "calls of writable before there was room");
    await bench.settle();
    equal(atB.count, accepted, "frames that arrived");
    equal(atA.writables, 1, "calls of writable");
    if (a !== b) equal(atB.writables, 0, "calls of writable at the other end");
    assert(a.transmit(bench.packet(bench.smallest, 0)), "the device is still full after writable");
    await bench.settle();
    equal(atA.writables, 1, "calls of writable after a frame that was taken");
  });

  check("a sender that fills up the room on each writable gets all through, in order", async bench => {
    const { a, atA, atB } = bench.attach();
    const total = 3_000;
    let sent = 0;
    const fill = (): void => {
      while (sent < total && a.transmit(bench.packet(bench.smallest, sent))) sent++;
    };
    atA.onWritable = fill;
    fill();
    for (let i = 0; i < 20 && atB.count < total; i++) await bench.settle();
    const expected = Array.from({ length: total }, (_, i) => bench.packet(bench.smallest, i).view());
    atB.expect(expected, "the far end");
  });
}

function closingChecks(check: Check): void {
  check("after close nothing leaves and nothing arrives, and closing twice is no error", async bench => {
    const { a, b, atA, atB } = bench.attach();
    a.transmit(bench.packet(100, 1));
    b.transmit(bench.packet(100, 2));
    a.close();
    atB.clear();
    a.close();
    assert(a.transmit(bench.packet(100, 3)), "a closed device asked to wait");
    b.transmit(bench.packet(100, 4));
    await bench.settle();
    atA.expect([], "the closed end");
    const marked = bench.packet(100, 3).view();
    assert(
      atB.frames.every(frame => !sameBytes(frame, marked)),
      "a frame left after close",
    );
  });

  check("a device that is closed by its own sink stops there", async bench => {
    const { a, b, atB } = bench.attach();
    atB.onFrame = () => b.close();
    for (let i = 0; i < 3; i++) a.transmit(bench.packet(100, i));
    await bench.settle();
    equal(atB.count, 1, "frames that arrived");
  });
}
