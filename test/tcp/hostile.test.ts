/**
 * Arbitrary segments at a connection in each state, mixed with the user's calls and the passing of time:
 * nothing throws, the TCB check holds after every event, only legal edges are taken, and no timer runs hot
 * (see bench.ts for all four).
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { ADDRESSES, type Bench } from "./bench.ts";
import {
  accepted,
  closed,
  closeWait,
  closing,
  established,
  type FixtureOptions,
  finWait1,
  finWait2,
  lastAck,
  listening,
  MODERN,
  SACK,
  simultaneouslyOpened,
  synReceived,
  synSent,
  timeWait,
} from "./fixtures.ts";
import type { SegmentFields, SegmentSpec } from "./segments.ts";

/** Numbers around those that matter, and some from anywhere. */
function near(...centers: number[]): fc.Arbitrary<number> {
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.constantFrom(...centers), fc.integer({ min: -3, max: 3 }))
        .map(([a, b]) => a + b),
    },
    { weight: 4, arbitrary: fc.integer({ min: -3_000, max: 5_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }) },
  );
}

const FLAGS = ["", "A", "A", "A", "A", "A", "S", "SA", "F", "AF", "AF", "R", "AR", "SF", "SR", "SAF", "SAFR"];

const seqNumber = near(100, 101, 102, 600, 1_600, 101 + 65_535);
const ackNumber = near(0, 1, 2, 500, 1_461, 2_921, 5_000);
const sackBlock = fc.tuple(ackNumber, ackNumber);

const arbitraryOptions: fc.Arbitrary<SegmentFields> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.array(sackBlock, { minLength: 1, maxLength: 3 }).map(sack => ({ sack })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 999_990, max: 1_100_000 }), fc.integer())
      .map(([value, echo]) => ({ timestamps: [value, echo] as const })),
  },
  { weight: 1, arbitrary: fc.array(fc.nat(255), { maxLength: 40 }).map(options => ({ options })) },
  {
    weight: 1,
    arbitrary: fc.record({ mss: fc.nat(0xffff), windowScale: fc.nat(20), sackPermitted: fc.boolean() }),
  },
);

const arbitrarySegment: fc.Arbitrary<SegmentSpec> = fc
  .tuple(
    fc.constantFrom(...FLAGS),
    seqNumber,
    ackNumber,
    fc.oneof(fc.constantFrom(0, 1, 100, 65_535), fc.nat(0xffff)),
    fc.oneof(fc.constant(0), fc.constantFrom(1, 2, 500, 1_460), fc.nat(3_000)),
    fc.option(fc.nat(0xffff), { nil: undefined, freq: 6 }),
    arbitraryOptions,
  )
  .map(([flags, seq, ack, window, text, urgent, options]) => ({
    flags,
    seq,
    ack,
    window,
    text,
    ...(urgent === undefined ? {} : { urgent }),
    ...options,
  }));

type Step =
  | { readonly kind: "segments"; readonly specs: SegmentSpec[] }
  | { readonly kind: "advance"; readonly duration: Duration }
  | { readonly kind: "send"; readonly size: number; readonly urgent: boolean }
  | { readonly kind: "read"; readonly size: number }
  | { readonly kind: "close" | "release" | "abort" | "shrink" };

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .array(arbitrarySegment, { minLength: 1, maxLength: 4 })
      .map(specs => ({ kind: "segments" as const, specs })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(1, 40, 200, 1_000, 20_000, 130_000)
      .map(time => ({ kind: "advance" as const, duration: milliseconds(time) })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("send" as const), size: fc.nat(20_000), urgent: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), size: fc.nat(4_000) }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("close", "close", "release", "abort", "shrink")
      .map(kind => ({ kind }) as Step),
  },
);

const RECEIVE_BUFFER = 70_000;
const OPTIONS: FixtureOptions[] = [
  {},
  { offer: SACK },
  { offer: MODERN },
  { offer: MODERN, iss: -2_000, peerBase: -1_000 },
  { offer: SACK, config: { keepalive: true, keepaliveTime: seconds(3), keepaliveInterval: seconds(1) } },
];

function walk(bench: Bench, steps: readonly Step[]): void {
  for (const step of steps) {
    perform(bench, step);
    const sent = bench.peer.takes().length;
    if (step.kind === "segments") expect(sent, "segments for one burst").toBeLessThan(200);
    for (const connection of bench.tcp.connections()) {
      expect(connection.readable).toBeLessThanOrEqual(RECEIVE_BUFFER + 128);
    }
  }
  // Whatever is left goes quiet, or goes away.
  bench.advance(seconds(4_000));
}

function perform(bench: Bench, step: Step): void {
  const hasConnection = [...bench.tcp.connections()].length > 0;
  if (step.kind === "segments") bench.peer.sendsBurst(...step.specs);
  else if (step.kind === "advance") bench.advance(step.duration);
  else if (!hasConnection) return;
  else {
    bench.connection = [...bench.tcp.connections()][0] as typeof bench.connection;
    userDoes(bench, step);
  }
}

function userDoes(bench: Bench, step: Step): void {
  const { user } = bench;
  if (step.kind === "send") user.fails(() => user.sends(step.size, { urgent: step.urgent }));
  else if (step.kind === "read") user.readsBytes(step.size);
  else if (step.kind === "close") user.closes();
  else if (step.kind === "release") user.releases();
  else if (step.kind === "abort") user.aborts();
  else bench.path.mtu = 700;
}

const FIXTURES = {
  closed,
  listening,
  synSent,
  synReceived,
  simultaneouslyOpened,
  established,
  accepted,
  finWait1,
  finWait2,
  closing,
  closeWait,
  lastAck,
  timeWait,
};

describe.each(Object.entries(FIXTURES))("arbitrary segments at %s", (_name, fixture) => {
  test("never throw, and never leave the TCB in disorder", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryStep, { maxLength: 12 }),
        fc.constantFrom(...OPTIONS),
        (steps, options) => {
          const config = { receiveBuffer: RECEIVE_BUFFER, receiveBufferLimit: 6 << 20, ...options.config };
          walk(fixture({ ...options, config }), steps);
        },
      ),
      { numRuns: 40, seed: 20_260_101 },
    );
  });
});

test("arbitrary bytes with a good checksum do no harm either", () => {
  const { host, peer } = ADDRESSES[4];
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 80 }),
      fc.constantFrom(...OPTIONS),
      (bytes, options) => {
        for (const fixture of [established, listening, synReceived]) {
          const bench = fixture(options);
          // Addressed to the connection, with a header that may be read.
          bytes.set([5_000 >> 8, 5_000 & 0xff, bench.peer.hostPort >> 8, bench.peer.hostPort & 0xff]);
          bytes[12] = (bytes[12] as number) | 0x50;
          bytes[16] = 0;
          bytes[17] = 0;
          const sum = transportChecksum(peer, host, 6, bytes, 0, bytes.length);
          bytes[16] = sum >> 8;
          bytes[17] = sum & 0xff;
          expect(bench.peer.sendsBytes(bytes)).not.toBe("tcp-bad-checksum");
        }
      },
    ),
    { numRuns: 100, seed: 20_260_102 },
  );
});
