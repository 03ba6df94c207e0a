import { describe, expect, test } from "vitest";
import { established, SACK } from "../../../test/tcp/fixtures.ts";
import { ack } from "../../../test/tcp/segments.ts";
import { type Duration, type Instant, milliseconds, START_OF_TIME } from "../../base/time.ts";
import { DeliveryRate } from "./delivery-rate.ts";
import { SentRange } from "./sent-range.ts";

const at = (ms: number): Instant => (ms * 1_000) as Instant;
const NONE = 0 as Duration;

/** A sender of segments, and what its peer acknowledges. */
class Flow {
  readonly rate = new DeliveryRate(START_OF_TIME);
  readonly #out: SentRange[] = [];

  sends(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      const record = new SentRange();
      record.segments = 1;
      record.transmissions = 1;
      record.sentAt = at(ms);
      this.#out.push(record);
      this.rate.sent(record, at(ms), this.#out.length === 1, this.#out.length, 0);
    }
  }

  acks(count: number, ms: number, minRtt: Duration = NONE) {
    this.rate.begin(0);
    for (const record of this.#out.splice(0, count)) this.rate.received(record);
    return this.rate.generate(at(ms), minRtt, 0);
  }
}

describe("a sample (draft-ietf-ccwg-bbr §4.1)", () => {
  test("is what was delivered between a segment's sending and its delivery", () => {
    const flow = new Flow();
    flow.sends(10, 0);
    flow.acks(2, 100);
    flow.sends(2, 100);
    flow.acks(2, 110);
    flow.acks(6, 130);
    const sample = flow.acks(2, 200);
    expect([sample.delivered, sample.interval]).toEqual([10, 100_000]);
    expect(flow.rate.rate).toBe(100);
  });

  test("takes the longer of the times of sending and of acknowledging: bunched ACKs do not look fast", () => {
    const flow = new Flow();
    flow.sends(1, 0);
    flow.sends(1, 50);
    flow.sends(1, 100);
    const sample = flow.acks(3, 110);
    expect([sample.delivered, sample.interval]).toEqual([3, 110_000]);
    flow.sends(1, 200);
    flow.sends(1, 300);
    flow.acks(1, 310);
    // 100 ms to send, 10 ms between the acknowledgments.
    expect(flow.acks(1, 310).interval).toBe(110_000);
  });

  test("begins when something is sent after nothing was in flight: idle time does not count", () => {
    const flow = new Flow();
    flow.sends(1, 0);
    flow.acks(1, 100);
    flow.sends(1, 5_000);
    expect(flow.acks(1, 5_100).interval).toBe(100_000);
  });

  test("shorter than the smallest round trip is none", () => {
    const flow = new Flow();
    flow.sends(1, 0);
    expect(flow.acks(1, 10, milliseconds(11)).interval).toBe(0);
    expect(flow.rate.rate).toBe(0);
  });

  test("says what was in flight, and how much was lost since", () => {
    const flow = new Flow();
    flow.sends(4, 0);
    flow.rate.begin(0);
    const record = new SentRange();
    record.segments = 1;
    flow.rate.sent(record, at(1), false, 5, 3);
    flow.rate.begin(3);
    flow.rate.received(record);
    const sample = flow.rate.generate(at(100), NONE, 7);
    expect([sample.sentInFlight, sample.lost, sample.newlyLost]).toEqual([5, 4, 4]);
  });
});

test("a round trip has passed when something is delivered that was sent after the last one's end", () => {
  const flow = new Flow();
  flow.sends(4, 0);
  const ends = (count: number, ms: number): boolean => flow.acks(count, ms).roundStart;
  expect([ends(2, 100), ends(2, 110)]).toEqual([true, false]);
  flow.sends(4, 120);
  expect([ends(1, 220), ends(2, 230)]).toEqual([true, false]);
  flow.sends(2, 240);
  expect([ends(1, 250), ends(1, 340), ends(1, 350)]).toEqual([false, true, false]);
});

describe("the user as the limit (§4.1.2.4)", () => {
  test("holds for what is sent until the bubble is delivered", () => {
    const flow = new Flow();
    flow.sends(2, 0);
    flow.acks(2, 100);
    flow.sends(2, 100);
    flow.rate.ranOut(2);
    flow.sends(1, 110);
    expect(flow.acks(2, 200).isAppLimited).toBe(false);
    flow.sends(1, 205);
    expect(flow.acks(1, 210).isAppLimited).toBe(true);
    flow.sends(1, 300);
    expect(flow.acks(1, 310).isAppLimited).toBe(true);
    expect(flow.acks(1, 400).isAppLimited).toBe(false);
  });

  test("a limited sample does not lower what is told, a faster one raises it", () => {
    const flow = new Flow();
    flow.sends(2, 0);
    flow.acks(2, 10);
    flow.sends(10, 10);
    flow.acks(10, 110);
    expect([flow.rate.rate, flow.rate.rateIsAppLimited]).toEqual([100, false]);
    flow.rate.ranOut(0);
    flow.sends(1, 200);
    flow.acks(1, 300);
    expect([flow.rate.rate, flow.rate.rateIsAppLimited]).toEqual([100, false]);
    flow.rate.ranOut(0);
    flow.sends(20, 400);
    flow.acks(20, 500);
    expect([flow.rate.rate, flow.rate.rateIsAppLimited]).toEqual([200, true]);
  });
});

test("without SACK a duplicate ACK is a delivered segment, and is not counted twice", () => {
  const { user, peer, connection } = established({ config: { sack: false } });
  const before = connection.deliveryRate.delivered;
  user.sends(5 * 1_460);
  peer.sends(ack({ ack: 1 }), ack({ ack: 1 }));
  expect(connection.deliveryRate.delivered - before).toBe(2);
  peer.sends(ack({ ack: 1 + 5 * 1_460 }));
  expect(connection.deliveryRate.delivered - before).toBe(5);
});

test("with SACK a reported segment is delivered once", () => {
  const { user, peer, connection } = established({ offer: SACK });
  const before = connection.deliveryRate.delivered;
  user.sends(5 * 1_460);
  peer.sends(ack({ ack: 1, sack: [[1 + 1_460, 1 + 3 * 1_460]] }));
  expect(connection.deliveryRate.delivered - before).toBe(2);
  peer.sends(ack({ ack: 1 + 5 * 1_460 }));
  expect(connection.deliveryRate.delivered - before).toBe(5);
});
