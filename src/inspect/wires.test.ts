import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { impair } from "../link/impair.ts";
import { createPair } from "../link/pair.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import { FaultGate } from "../sim/fault-gate.ts";
import { connect } from "../sim/topology.ts";
import { World } from "../sim/world.ts";
import { describeWire, wireOfDevice, wireOfLink } from "./wires.ts";

const PERFECT = { loss: 0, delay: 0, jitter: 0, rateBytesPerSecond: 0, isCut: false, hasGate: true };

/** A wire with an impaired device at its near end, and gates at both; what arrives at the far end. */
function deviceWire() {
  const time = new VirtualTime();
  const [near, far] = createPair(time, { medium: "ip" });
  const device = impair(near, { scheduler: time, random: new SeededRandom(1) });
  const nearGate = new FaultGate(device, time);
  const farGate = new FaultGate(far, time);
  const wire = wireOfDevice({ name: "wire", near: "gate", far: "server", device, nearGate, farGate });
  const arrivals: number[] = [];
  farGate.attach({ receive: () => arrivals.push(time.now()), writable() {} });
  nearGate.attach({ receive: () => arrivals.push(-time.now()), writable() {} });
  const [out, back] = wire.directions;
  if (out === undefined || back === undefined) throw new Error("a wire has two directions");
  const send = (): void => {
    nearGate.transmit(PacketBuffer.from(new Uint8Array(100)));
    time.runFor(seconds(1));
  };
  const answer = (): void => {
    farGate.transmit(PacketBuffer.from(new Uint8Array(100)));
    time.runFor(seconds(1));
  };
  return { wire, out, back, arrivals, send, answer };
}

describe("a wire that is impaired by a device", () => {
  test("is perfect at first, and says who is at its ends", () => {
    expect(describeWire(deviceWire().wire)).toEqual({
      name: "wire",
      directions: [
        { id: "gate → server", from: "gate", to: "server", ...PERFECT },
        { id: "server → gate", from: "server", to: "gate", ...PERFECT },
      ],
    });
  });

  test("each direction is changed alone, and what is not said stays", () => {
    const { out, back, arrivals, send, answer } = deviceWire();
    out.impair({ direction: "", delay: milliseconds(20) });
    back.impair({ direction: "", delay: milliseconds(5) });
    out.impair({ direction: "", rateBytesPerSecond: 10_000 });
    expect(out.describe()).toMatchObject({ delay: 20_000, rateBytesPerSecond: 10_000 });
    send();
    answer();
    expect(arrivals).toEqual([30_000, -1_005_000]);
    out.impair({ direction: "", rateBytesPerSecond: 0 });
    expect(out.describe()).toMatchObject({ delay: 20_000, rateBytesPerSecond: 0 });
  });

  test("cut, it carries nothing this way; healed, it is as it was, with what was changed meanwhile", () => {
    const { out, arrivals, send } = deviceWire();
    out.impair({ direction: "", delay: 7 });
    out.impair({ direction: "", isCut: true });
    out.impair({ direction: "", delay: 9 });
    send();
    expect(out.describe()).toMatchObject({ isCut: true, loss: 0, delay: 9 });
    out.impair({ direction: "", isCut: false });
    send();
    expect(out.describe()).toMatchObject({ isCut: false, loss: 0, delay: 9 });
    expect(arrivals).toEqual([1_000_009]);
  });

  test("one frame is dropped, one is delayed", () => {
    const { out, arrivals, send } = deviceWire();
    out.dropNext();
    send();
    out.delayNext(milliseconds(3));
    send();
    send();
    expect(arrivals).toEqual([1_003_000, 2_000_000]);
  });

  test("a frame has one fate, however often it is asked for", () => {
    const { out, arrivals, send } = deviceWire();
    expect(out.isAimedAt).toBe(false);
    out.delayNext(milliseconds(3));
    out.dropNext();
    expect(out.isAimedAt).toBe(true);
    send();
    expect(out.isAimedAt).toBe(false);
    send();
    expect(arrivals).toEqual([3_000, 1_000_000]);
  });
});

test("a simulated link has its impairments and its gates; a cut by its own hand is seen and healed", () => {
  const link = connect(new World(), { ends: ["a", "b"], aToB: { loss: 0.25 } });
  const wire = wireOfLink(link);
  expect(wire.directions.map(direction => direction.describe())).toEqual([
    { id: "a → b", from: "a", to: "b", ...PERFECT, loss: 0.25 },
    { id: "b → a", from: "b", to: "a", ...PERFECT },
  ]);
  link.cut();
  expect(wire.directions[0]?.describe().isCut).toBe(true);
  wire.directions[0]?.impair({ direction: "a → b", isCut: false });
  expect(link.aToB.gate.isCut).toBe(false);
  expect(link.aToB.wire.transmitImpairment.loss).toBe(0.25);
});
