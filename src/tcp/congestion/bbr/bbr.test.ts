import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, BDP, lost, RATE, RTT, sample } from "../../../../test/tcp/bbr.ts";
import { MSS, parameters } from "../../../../test/tcp/congestion.ts";
import { type Duration, type Instant, milliseconds } from "../../../base/time.ts";
import { Bbr } from "./bbr.ts";

/**
 * A bottleneck of `RATE` and a round trip of `RTT`, with a queue; what is sent is what pace and window allow.
 */
class Path {
  readonly bbr = new Bbr(parameters());
  now = at(0);
  #delivered = 0;
  #before = 0;
  #inFlight = 0;

  /** A round trip, ten acknowledgments long. */
  round(changes: Parameters<typeof sample>[0] = {}): void {
    // What is acknowledged now was sent a round trip ago, with the acknowledgments of that time.
    const before = this.#before;
    const sent = this.#delivered - before;
    this.#before = this.#delivered;
    const queue = Math.max(0, this.#inFlight - BDP);
    const rtt = Math.round(RTT + (queue * 1_000_000) / RATE) as Duration;
    const flight = Math.min(this.bbr.cwnd, (this.bbr.pacingRate * rtt) / 1_000_000);
    const carried = Math.min(flight, (RATE * rtt) / 1_000_000);
    this.#inFlight = flight;
    for (let i = 0; i < 10; i++) {
      this.now = (this.now + rtt / 10) as Instant;
      this.#delivered += carried / 10;
      const ack = sample({
        now: this.now,
        rtt,
        ackedBytes: carried / 10,
        delivered: this.#delivered,
        priorDelivered: before + (i * sent) / 10,
        intervalDelivered: carried,
        deliveryRate: (carried * 1_000_000) / rtt,
        inFlight: Math.min(flight, this.bbr.cwnd),
        sentInFlight: flight,
        ...changes,
      });
      this.bbr.onAck(ack);
    }
  }

  until(phase: Bbr["phase"], most = 100): number {
    for (let rounds = 0; rounds < most; rounds++) {
      if (this.bbr.phase === phase) return rounds;
      this.round();
    }
    throw new Error(`${phase} never came`);
  }
}

describe("Startup (§5.3.1)", () => {
  test("begins with the initial window, at 2.77 of it in a round trip, or in a millisecond", () => {
    const bbr = new Bbr(parameters());
    expect([bbr.cwnd, bbr.phase]).toEqual([10 * MSS, "startup"]);
    expect(bbr.pacingRate).toBeCloseTo(2.77 * 10 * MSS * 1_000);
    bbr.onAck(sample({ delivered: MSS, deliveryRate: 0, intervalDelivered: 0, rtt: milliseconds(100) }));
    expect(bbr.pacingRate).toBeCloseTo(2.77 * 10 * MSS * 10);
    expect(new Bbr(parameters({ srtt: milliseconds(100) })).pacingRate).toBeCloseTo(2.77 * 10 * MSS * 10);
  });

  test("doubles what is in flight in a round trip, finds the bottleneck's rate, and drains its queue", () => {
    const path = new Path();
    const rounds = path.until("drain");
    expect(rounds).toBeLessThan(10);
    expect(path.bbr.model.bandwidth).toBeGreaterThan(0.98 * RATE);
    expect(path.bbr.model.bandwidth).toBeLessThan(1.02 * RATE);
    expect(path.until("cruise")).toBeLessThan(6);
    expect(path.bbr.pacingRate).toBeCloseTo(0.99 * RATE, -4);
  });

  test("does not end while the user limits it and nothing is lost (§A)", () => {
    const path = new Path();
    for (let i = 0; i < 50; i++) path.round({ appLimited: true });
    expect(path.bbr.phase).toBe("startup");
  });

  test("ends when a round trip of recovery loses more than 2 % in six acknowledgments (§5.3.1.3)", () => {
    const losses = { lostBytes: MSS, lostSinceSent: 10 * MSS, inRecovery: true, appLimited: true };
    const path = new Path();
    path.round({ ...losses, inRecovery: false });
    expect(path.bbr.phase).toBe("startup");
    path.round(losses);
    path.round(losses);
    expect(path.bbr.phase).not.toBe("startup");
  });
});

describe("the steady state", () => {
  function steady(): Path {
    const path = new Path();
    path.until("cruise");
    return path;
  }

  test("goes through the cycle: cruise, refill, up, down", () => {
    const path = steady();
    for (const phase of ["refill", "up", "down", "cruise", "refill", "up"] as const) path.until(phase);
  });

  test("empties the queue for 200 ms every five seconds", () => {
    const path = steady();
    path.until("probe-rtt", 120);
    path.round();
    path.round();
    expect(path.bbr.cwnd).toBeLessThan(0.6 * BDP);
    path.until("cruise", 10);
  });

  test("keeps no more than twice of what the path holds in flight", () => {
    const path = steady();
    for (let i = 0; i < 200; i++) {
      path.round();
      expect(path.bbr.cwnd).toBeLessThan(2.6 * BDP);
    }
  });

  test("answers a loss by what was delivered, and takes the answer back when it was none", () => {
    const path = steady();
    const { cwnd, pacingRate } = path.bbr;
    path.bbr.onLost(lost({ now: path.now, delivered: 0 }));
    path.bbr.onCongestion("loss", sample());
    path.round({ deliveryRate: 0.8 * RATE, intervalDelivered: 0.8 * BDP, inRecovery: true });
    path.round({ deliveryRate: 0.8 * RATE, intervalDelivered: 0.8 * BDP, inRecovery: true });
    expect(path.bbr.pacingRate).toBeLessThan(0.9 * pacingRate);
    expect(path.bbr.cwnd).toBeLessThan(cwnd);
    path.bbr.onSpurious();
    path.round();
    expect(path.bbr.pacingRate).toBeGreaterThan(0.99 * pacingRate);
    expect(path.bbr.cwnd).toBeGreaterThan(0.99 * cwnd);
  });

  test("ECN's sign is a loss like another", () => {
    const path = steady();
    const { pacingRate } = path.bbr;
    path.bbr.onCongestion("ecn", sample({ delivered: 0 }));
    for (let i = 0; i < 2; i++) path.round({ deliveryRate: 0.8 * RATE, intervalDelivered: 0.8 * BDP });
    expect(path.bbr.pacingRate).toBeLessThan(0.9 * pacingRate);
  });

  test("a timeout leaves one segment beside what may still arrive, the next acknowledgment four (§5.6.4.4)", () => {
    const { bbr } = steady();
    bbr.onTimeout(true, 2 * MSS);
    expect(bbr.cwnd).toBe(3 * MSS);
    bbr.onTimeout(false, 0);
    expect(bbr.cwnd).toBe(MSS);
    bbr.onAck(sample({ ackedBytes: MSS, inRecovery: true }));
    expect(bbr.cwnd).toBe(4 * MSS);
    bbr.onAck(sample({ ackedBytes: MSS }));
    expect(bbr.cwnd).toBeGreaterThan(BDP);
  });

  test("after idle time it paces at what the path delivers (§5.4.1)", () => {
    const path = steady();
    path.until("up");
    path.bbr.onTransmissionStart(path.now, path.now, true);
    expect(path.bbr.pacingRate).toBeCloseTo(0.99 * RATE, -4);
  });
});

test("rate and window stay finite and above their least, whatever is acknowledged", () => {
  const event = fc.record({
    kind: fc.constantFrom("ack", "ack", "ack", "lost", "timeout", "recovered", "spurious", "idle", "loss"),
    ms: fc.nat(3_000),
    bytes: fc.nat(200),
    rtt: fc.nat(300),
    rate: fc.nat(5_000_000),
    limited: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), events => {
      const bbr = new Bbr(parameters());
      let now = 0;
      let delivered = 0;
      for (const { kind, ms, bytes, rtt, rate, limited } of events) {
        now += ms;
        const ackedBytes = bytes * MSS;
        const ack = sample({
          now: at(now),
          rtt: milliseconds(rtt),
          ackedBytes,
          priorDelivered: delivered,
          delivered: delivered + ackedBytes,
          intervalDelivered: ackedBytes,
          deliveryRate: rate,
          appLimited: limited,
          inRecovery: limited,
          lostBytes: rtt % 2 === 0 ? MSS : 0,
          lostSinceSent: bytes * MSS,
        });
        if (kind === "ack") {
          delivered += ackedBytes;
          bbr.onAck(ack);
        } else if (kind === "lost") bbr.onLost(lost({ now: at(now), delivered, lostSinceSent: bytes * MSS }));
        else if (kind === "timeout") bbr.onTimeout(limited, ackedBytes);
        else if (kind === "recovered") bbr.onRecovered();
        else if (kind === "spurious") bbr.onSpurious();
        else if (kind === "loss") bbr.onCongestion("loss", ack);
        else bbr.onTransmissionStart(at(now), at(now), limited);
        expect(bbr.cwnd).toBeGreaterThanOrEqual(MSS);
        expect(Number.isFinite(bbr.cwnd)).toBe(true);
        expect(bbr.cwnd % MSS).toBe(0);
        expect(bbr.pacingRate).toBeGreaterThan(0);
        expect(Number.isFinite(bbr.pacingRate)).toBe(true);
      }
    }),
  );
});
