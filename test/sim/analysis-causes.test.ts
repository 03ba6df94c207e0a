/**
 * What the analysis of a capture holds to be the cause of a retransmission, beside the cause that the sender
 * itself has told: from its own end most are judged right, and no segment is held for sent again that was
 * not, nor the other way round.
 */
import { expect, test } from "vitest";
import { CaptureAnalyzer } from "../../src/analysis/capture-analyzer.ts";
import { MARK, type Verdict } from "../../src/analysis/marks.ts";
import { readCapture } from "../../src/capture/capture-file.ts";
import type { EventOf } from "../../src/trace/event.ts";
import { simulatedCaptures } from "../support/simulated-captures.ts";

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);

interface Judged {
  readonly time: number;
  readonly cause: string | undefined;
}

function judged(capture: Uint8Array): Judged[] {
  const analyzer = new CaptureAnalyzer();
  const { packets } = readCapture(capture);
  const repeated = (verdict: Verdict | undefined): verdict is Verdict =>
    verdict !== undefined && verdict.side === 0 && (verdict.marks & MARK.retransmission) !== 0;
  return packets.flatMap(packet => {
    const verdict = analyzer.packet(packet);
    return repeated(verdict) ? [{ time: packet.time, cause: verdict.cause }] : [];
  });
}

function told(sent: readonly EventOf<"tcp:sent">[]): Judged[] {
  return sent
    .filter(({ data }) => data.cause !== undefined)
    .map(({ time, data }) => ({ time, cause: data.cause }));
}

/** From outside, RACK and three duplicate ACKs look the same: the sender was told by acknowledgments. */
function family(cause: string | undefined): string | undefined {
  return cause === "rack" ? "fast" : cause;
}

test("causes are those that the sender tells, nineteen times in twenty", () => {
  const pairs: Array<readonly [string | undefined, string | undefined]> = [];
  for (const seed of SEEDS) {
    const { captures, sent } = simulatedCaptures(seed, seed % 2 === 0 ? 0.02 : 0.12);
    const ours = judged(captures[0]);
    const truth = told(sent);
    expect(ours.map(({ time }) => time)).toEqual(truth.map(({ time }) => Math.floor(time)));
    for (const [i, { cause }] of truth.entries()) pairs.push([cause, ours[i]?.cause]);
  }
  for (const cause of ["fast", "timeout", "syn"]) {
    expect(pairs.some(([truth, guess]) => family(truth) === cause && family(guess) === cause)).toBe(true);
  }
  const right = pairs.filter(([truth, guess]) => family(truth) === family(guess)).length;
  expect(pairs.length).toBeGreaterThan(100);
  expect(right / pairs.length).toBeGreaterThan(0.95);
});

/** What a packet at the receiver is in truth: the sender's own capture has it, once for each time it was sent. */
function truthAtReceiver(near: Uint8Array, far: Uint8Array) {
  const sent = new Map<string, boolean>();
  const analyzer = new CaptureAnalyzer();
  for (const packet of readCapture(near).packets) {
    const verdict = analyzer.packet(packet);
    const key = packet.bytes.join();
    if (verdict?.side === 0 && !sent.has(key)) sent.set(key, (verdict.marks & MARK.retransmission) !== 0);
  }
  const arrived = new Set<string>();
  const receiver = new CaptureAnalyzer();
  return readCapture(far).packets.flatMap(packet => {
    const verdict = receiver.packet(packet);
    const key = packet.bytes.join();
    const wasRepeated = sent.get(key);
    const isCopy = arrived.has(key);
    arrived.add(key);
    return verdict === undefined || wasRepeated === undefined || isCopy ? [] : [{ verdict, wasRepeated }];
  });
}

test("at the receiver, what was sent again and what was overtaken are told apart", () => {
  let repeated = 0;
  let overtaken = 0;
  const wrong = { missed: 0, invented: 0, late: 0 };
  for (const seed of SEEDS) {
    const { captures } = simulatedCaptures(seed, seed % 3 === 0 ? 0.08 : 0.02);
    for (const { verdict, wasRepeated } of truthAtReceiver(...captures)) {
      const isMarked = (verdict.marks & MARK.retransmission) !== 0;
      const isLate = (verdict.marks & MARK.outOfOrder) !== 0;
      if (wasRepeated) repeated++;
      else if (isLate) overtaken++;
      if (wasRepeated && isLate) wrong.late++;
      if (wasRepeated && !isMarked && !isLate) wrong.missed++;
      if (!wasRepeated && isMarked) wrong.invented++;
    }
  }
  expect(repeated).toBeGreaterThan(100);
  expect(overtaken).toBeGreaterThan(500);
  // The tail, lost and sent again, is new to the receiver.
  expect(wrong).toEqual({ missed: expect.toSatisfy(missed => missed <= 3), invented: 0, late: 0 });
});
