import { describe, expect, test } from "vitest";
import { ADDRESSES, BenchPath } from "../../../test/tcp/bench.ts";
import { seq } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { Timestamps } from "../receive/timestamps.ts";
import { Segment } from "../segment.ts";
import { TimeWait } from "./time-wait.ts";

const { host, peer } = ADDRESSES[4];

function record(rcvNxt: number, recent?: number): TimeWait {
  const timestamps = new Timestamps(0);
  if (recent !== undefined) timestamps.received(recent, 0 as Instant);
  const path = new BenchPath(host, peer, 1_500, () => {});
  const ports = { localPort: 80, remotePort: 5_000 };
  const window = { field: 10, bytes: 10 };
  return new TimeWait(path, ports, seq(1), seq(rcvNxt), window, timestamps, 0 as Instant);
}

function syn(number: number, timestamp?: number): Segment {
  const segment = new Segment();
  segment.seq = seq(number);
  if (timestamp !== undefined) {
    segment.options.hasTimestamps = true;
    segment.options.timestampValue = timestamp;
  }
  return segment;
}

describe("whether a SYN may succeed a TIME-WAIT record: RFC 6191 §2", () => {
  test("without timestamps: only beyond RCV.NXT, across the wrap too", () => {
    expect([99, 100, 101].map(n => record(100).mayBeReusedBy(syn(n)))).toEqual([false, false, true]);
    expect(record(-1).mayBeReusedBy(syn(5))).toBe(true);
    expect(record(5).mayBeReusedBy(syn(-1))).toBe(false);
  });

  test("with timestamps on both: by them, whatever the sequence number", () => {
    expect(record(100, 50).mayBeReusedBy(syn(1, 51))).toBe(true);
    expect(record(100, 50).mayBeReusedBy(syn(200, 49))).toBe(false);
    expect(record(100, -1).mayBeReusedBy(syn(1, 3))).toBe(true);
  });

  test("with equal timestamps: by the sequence number", () => {
    expect(record(100, 50).mayBeReusedBy(syn(200, 50))).toBe(true);
    expect(record(100, 50).mayBeReusedBy(syn(100, 50))).toBe(false);
  });

  test("with timestamps on one side only: by the sequence number", () => {
    expect(record(100, 50).mayBeReusedBy(syn(101))).toBe(true);
    expect(record(100, 50).mayBeReusedBy(syn(99))).toBe(false);
    expect(record(100).mayBeReusedBy(syn(99, 1_000))).toBe(false);
  });
});
