import fc from "fast-check";
import { expect, test } from "vitest";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { TcpSpec } from "./script.ts";
import { SequenceMap } from "./sequence-map.ts";

const segment = (changes: Partial<TcpSpec>): TcpSpec => ({
  protocol: "tcp",
  ports: undefined,
  flags: TCP_FLAG.ack,
  ace: undefined,
  sequence: 0,
  length: 0,
  acknowledgment: 0,
  window: 0,
  urgentPointer: 0,
  options: [],
  ...changes,
});

function map(localScript: number, localLive: number, remote: number): SequenceMap {
  const made = new SequenceMap();
  made.learnLocal(localScript, localLive);
  made.learnRemote(remote);
  return made;
}

const word = fc.integer({ min: 0, max: 0xffff_ffff });

test("numbers of SYNs are absolute in the script, all others count from the SYN, modulo 2³²", () => {
  fc.assert(
    fc.property(word, word, word, (script, live, remote) => {
      const numbers = map(script, live, remote);
      expect(numbers.localToScript(live, true)).toBe(script);
      expect(numbers.localToScript((live + 1) >>> 0, false)).toBe(1);
      expect(numbers.remoteToScript(remote, true)).toBe(remote);
      expect(numbers.remoteToScript((remote + 1) >>> 0, false)).toBe(1);
    }),
  );
});

test("to the stack and back is the same number", () => {
  fc.assert(
    fc.property(word, word, word, word, fc.boolean(), (script, live, remote, number, isSyn) => {
      const numbers = map(script, live, remote);
      expect(numbers.localToScript(numbers.localToLive(number, isSyn), isSyn)).toBe(number);
      expect(numbers.remoteToScript(numbers.remoteToLive(number, isSyn), isSyn)).toBe(number);
    }),
  );
});

test("a segment of the stack is read with its acknowledgment and its SACK blocks", () => {
  const numbers = map(0, 5_000, 100);
  const live = segment({
    sequence: 5_001,
    acknowledgment: 201,
    options: [{ kind: "sack", blocks: [[301, 401]] }],
  });
  expect(numbers.toScript(live)).toMatchObject({
    sequence: 1,
    acknowledgment: 101,
    options: [{ kind: "sack", blocks: [[201, 301]] }],
  });
});

test("without the ACK flag the acknowledgment is what it is", () => {
  const numbers = map(0, 5_000, 100);
  expect(numbers.toScript(segment({ flags: TCP_FLAG.rst, acknowledgment: 7 })).acknowledgment).toBe(7);
  expect(numbers.toLive(segment({ flags: TCP_FLAG.rst, acknowledgment: 7 })).acknowledgment).toBe(7);
});

test("a segment to the stack acknowledges in the stack's numbers", () => {
  const numbers = map(0, 5_000, 100);
  const script = segment({
    sequence: 1,
    acknowledgment: 1_001,
    options: [{ kind: "sack", blocks: [[1, 2]] }],
  });
  expect(numbers.toLive(script)).toMatchObject({
    sequence: 101,
    acknowledgment: 6_001,
    options: [{ kind: "sack", blocks: [[5_001, 5_002]] }],
  });
});

test("timestamps of the stack are labels: the last live value of a label is echoed", () => {
  const { timestamps } = new SequenceMap();
  timestamps.sent(100, 7_000);
  timestamps.sent(200, 7_105);
  timestamps.sent(200, 7_110);
  expect(timestamps.toLive(100, false)).toBe(7_000);
  expect(timestamps.toLive(200, false)).toBe(7_110);
  expect(timestamps.toLive(150, false)).toBeUndefined();
  expect(timestamps.toLive(150, true)).toBe(7_050);
  expect(timestamps.toScript(7_030)).toBe(130);
  expect(timestamps.drift(200, 7_110)).toBe(10);
  expect(timestamps.drift(100, 7_000)).toBe(0);
});
