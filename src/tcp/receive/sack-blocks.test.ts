import { describe, expect, test } from "vitest";
import { accepted, MODERN, SACK } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { SeqRanges } from "../../base/ranges.ts";
import { seq } from "../../base/seq.ts";
import { TcpOptions } from "../../wire/tcp-options.ts";
import { SackReports } from "./sack-blocks.ts";

function bench() {
  const reports = new SackReports();
  const ranges = new SeqRanges();
  return {
    reports,
    ranges,
    arrives(start: number, end: number): void {
      ranges.add(seq(start), seq(end));
      reports.arrived(seq(start), ranges);
    },
    blocks(nxt: number, timestamps = false, finAt?: number): number[][] {
      const options = new TcpOptions();
      options.hasTimestamps = timestamps;
      reports.fill(options, ranges, seq(nxt), finAt === undefined ? undefined : seq(finAt));
      return Array.from({ length: options.sackCount }, (_, i) => [
        options.sackEdges[2 * i] as number,
        options.sackEdges[2 * i + 1] as number,
      ]);
    },
  };
}

describe("SackReports: RFC 2018 §4", () => {
  test("the first block holds what came last", () => {
    const { arrives, blocks } = bench();
    arrives(10, 20);
    arrives(30, 40);
    expect(blocks(0)).toEqual([
      [30, 40],
      [10, 20],
    ]);
    arrives(20, 25);
    expect(blocks(0)).toEqual([
      [10, 25],
      [30, 40],
    ]);
  });

  test("each range once, however many segments it was made of", () => {
    const { arrives, blocks } = bench();
    for (let at = 10; at < 60; at += 10) arrives(at, at + 10);
    expect(blocks(0)).toEqual([[10, 60]]);
  });

  test("many segments of one range between two ACKs push no other range out", () => {
    const { arrives, blocks } = bench();
    arrives(10, 20);
    for (let at = 100; at < 300; at += 10) arrives(at, at + 10);
    for (let at = 400; at < 600; at += 10) arrives(at, at + 10);
    expect(blocks(0)).toEqual([
      [400, 600],
      [100, 300],
      [10, 20],
    ]);
  });

  test("nor do two ranges that grow in turn", () => {
    const { arrives, blocks } = bench();
    arrives(10, 20);
    for (let at = 0; at < 200; at += 10) {
      arrives(1_000 + at, 1_010 + at);
      arrives(2_000 + at, 2_010 + at);
    }
    expect(blocks(0).map(([start]) => start)).toEqual([2_000, 1_000, 10]);
  });

  test("a FIN that came before the text in front of it is reported too, alone or behind its text", () => {
    const { reports, ranges, arrives, blocks } = bench();
    reports.arrived(seq(50), ranges);
    expect(blocks(0, false, 50)).toEqual([[50, 51]]);
    arrives(40, 50);
    expect(blocks(0, false, 50)).toEqual([[40, 51]]);
    expect(reports.blocks(new SeqRanges(), seq(50))).toBe(1);
  });

  test("ranges that joined are one block", () => {
    const { arrives, blocks } = bench();
    arrives(10, 20);
    arrives(30, 40);
    arrives(20, 30);
    expect(blocks(0)).toEqual([[10, 40]]);
  });

  test("what has been acknowledged meanwhile is not reported any more", () => {
    const { ranges, reports, arrives, blocks } = bench();
    arrives(10, 20);
    arrives(30, 40);
    ranges.removeBefore(seq(20));
    expect(blocks(20)).toEqual([[30, 40]]);
    ranges.removeBefore(seq(40));
    expect(blocks(40)).toEqual([]);
    expect(reports.isEmpty).toBe(true);
  });

  test("four blocks at most, three beside timestamps, the latest ones (RFC 2018 §3)", () => {
    const { arrives, blocks } = bench();
    for (let i = 1; i <= 6; i++) {
      arrives(100 * i, 100 * i + 10);
      blocks(0);
    }
    expect(blocks(0).map(([start]) => start)).toEqual([600, 500, 400, 300]);
    expect(blocks(0, true).map(([start]) => start)).toEqual([600, 500, 400]);
  });

  test("what one ACK has no room for the next ones tell, the oldest first", () => {
    const { reports, arrives, blocks } = bench();
    for (let i = 1; i <= 6; i++) arrives(100 * i, 100 * i + 10);
    expect(reports.untold).toBe(6);
    expect(blocks(0).map(([start]) => start)).toEqual([400, 300, 200, 100]);
    expect(reports.untold).toBe(2);
    expect(blocks(0).map(([start]) => start)).toEqual([600, 500, 400, 300]);
    expect(reports.untold).toBe(0);
  });

  test("a range that grows is news, and counts once", () => {
    const { reports, arrives, blocks } = bench();
    for (let i = 1; i <= 4; i++) arrives(100 * i, 100 * i + 10);
    blocks(0);
    arrives(110, 120);
    arrives(120, 130);
    expect(reports.untold).toBe(1);
    expect(blocks(0)[0]).toEqual([100, 130]);
  });

  test("where signatures leave no room, nothing waits to be told", () => {
    const { reports, ranges, arrives } = bench();
    arrives(10, 20);
    const options = new TcpOptions();
    options.hasTimestamps = true;
    options.md5 = new Uint8Array(16);
    reports.fill(options, ranges, seq(0), undefined);
    expect(options.sackCount).toBe(0);
    expect(reports.untold).toBe(0);
  });

  test("an older range comes back when newer ones are filled", () => {
    const { ranges, arrives, blocks } = bench();
    for (let i = 1; i <= 5; i++) arrives(100 * i, 100 * i + 10);
    blocks(0);
    ranges.removeBefore(seq(310));
    expect(blocks(310).map(([start]) => start)).toEqual([500, 400]);
  });
});

describe("D-SACK: RFC 2883 §4", () => {
  test("is the first block, once", () => {
    const { reports, arrives, blocks } = bench();
    arrives(100, 110);
    reports.duplicateArrived(seq(10), seq(20));
    expect(blocks(50)).toEqual([
      [10, 20],
      [100, 110],
    ]);
    expect(blocks(50)).toEqual([[100, 110]]);
  });

  test("within a range, the range follows it, though it covers the same (§4.2)", () => {
    const { reports, arrives, blocks } = bench();
    arrives(100, 150);
    reports.duplicateArrived(seq(110), seq(120));
    expect(blocks(50)).toEqual([
      [110, 120],
      [100, 150],
    ]);
  });

  test("alone it is reported too", () => {
    const { reports, blocks } = bench();
    expect(reports.isEmpty).toBe(true);
    reports.duplicateArrived(seq(10), seq(20));
    expect(reports.isEmpty).toBe(false);
    expect(blocks(50)).toEqual([[10, 20]]);
    expect(reports.isEmpty).toBe(true);
  });

  test("takes a place from the others", () => {
    const { reports, arrives, blocks } = bench();
    for (let i = 1; i <= 5; i++) {
      arrives(100 * i, 100 * i + 10);
      blocks(50, true);
    }
    reports.duplicateArrived(seq(10), seq(20));
    expect(blocks(50, true).map(([start]) => start)).toEqual([10, 500, 400]);
  });

  test("an empty range is none", () => {
    const { reports, blocks } = bench();
    reports.duplicateArrived(seq(10), seq(10));
    expect(blocks(50)).toEqual([]);
  });
});

describe("SACK in what we send: RFC 2018 §4", () => {
  test("the first block holds the segment that came last; the others follow by age", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("bb", { seq: 110 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([[110, 112]]);
    peer.sends(text("dd", { seq: 120 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [120, 122],
      [110, 112],
    ]);
    peer.sends(text("cc", { seq: 112 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [110, 114],
      [120, 122],
    ]);
    peer.sends(text("123456789", { seq: 101 }));
    expect(peer.expects(ack({ ack: 114 })).sack).toEqual([[120, 122]]);
    peer.sends(text("123456", { seq: 114 }));
    expect(peer.expects(ack({ ack: 122 })).sack).toEqual([]);
  });

  test("at most three blocks beside timestamps, four without", () => {
    const plain = accepted({ offer: SACK });
    const stamped = accepted({ offer: MODERN });
    for (const { peer } of [plain, stamped]) {
      for (let i = 0; i < 6; i++) peer.sends(text("x", { seq: 110 + 10 * i }));
    }
    expect(plain.peer.takes().at(-1)?.sack).toHaveLength(4);
    expect(stamped.peer.takes().at(-1)?.sack).toHaveLength(3);
  });

  test("a burst that begins more ranges than one ACK has room for: each is reported", () => {
    const { peer } = accepted({ offer: SACK });
    const starts = [110, 120, 130, 140, 150, 160, 170];
    peer.sendsBurst(...starts.map(start => text("b", { seq: start })));
    const told = new Set(peer.takes().flatMap(seen => seen.sack.map(([start]) => start)));
    expect([...told].sort()).toEqual(starts);
  });

  test("text received twice is reported once, in the first block (D-SACK, RFC 2883 §4)", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("abcdef"));
    peer.sends(text("cd", { seq: 103 }));
    expect(peer.expects(ack({ ack: 107 })).sack).toEqual([[103, 105]]);
    peer.sends(text("z", { seq: 120 }));
    expect(peer.expects(ack({ ack: 107 })).sack).toEqual([[120, 121]]);
  });

  test("a duplicate of what waits out of order: D-SACK, then the block that it lies in", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("abcdef", { seq: 110 }));
    peer.takes();
    peer.sends(text("cd", { seq: 112 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [112, 114],
      [110, 116],
    ]);
  });

  test("a peer that did not offer it gets none", () => {
    const { peer } = accepted();
    peer.sends(text("b", { seq: 110 }), text("b", { seq: 110 }));
    for (const seen of peer.takes()) expect(seen.sack).toEqual([]);
  });
});
