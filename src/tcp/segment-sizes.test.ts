import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../test/tcp/bench.ts";
import { accepted, closed, connects, established, MODERN, synSent } from "../../test/tcp/fixtures.ts";
import { Signatures } from "./md5-signatures.ts";
import {
  effectiveMss,
  headersSize,
  isSigned,
  largestArriving,
  usualOptions,
  windowOfSyn,
} from "./segment-sizes.ts";

const TIMESTAMPS = 12;
const SIGNATURE = 20;

function signing(): Signatures {
  const signatures = new Signatures();
  signatures.set(ADDRESSES[4].peer, 32, new Uint8Array([1]));
  return signatures;
}

describe("the text of a segment that we send: RFC 9293 §3.7.1", () => {
  test("before the peer has said anything it is what the path leaves", () => {
    const { connection } = synSent();
    expect(effectiveMss(connection)).toBe(1_500 - 40);
    expect(headersSize(connection)).toBe(40);
  });

  test("the options that every segment has are counted (MUST-16)", () => {
    const { connection } = established({ offer: MODERN });
    expect(usualOptions(connection)).toBe(TIMESTAMPS);
    expect(effectiveMss(connection)).toBe(1_460 - TIMESTAMPS);
    expect(headersSize(connection)).toBe(40 + TIMESTAMPS);
  });

  test.each([
    ["the peer's MSS", { mss: 536 }, 1_500, 0, 536],
    ["the path", { mss: 1_460 }, 1_000, 0, 960],
    ["the user (TCP_MAXSEG)", { mss: 1_460 }, 1_500, 700, 700],
    ["half of the largest window that the peer has told", { mss: 1_460, window: 2_000 }, 1_500, 0, 1_000],
  ])("%s is the least that counts", (_what, offer, mtu, maximumSegment, mss) => {
    const { connection } = established({ offer, mtu, config: { maximumSegment } });
    expect(effectiveMss(connection)).toBe(mss);
  });

  test("a path that takes less than the least MSS is not believed", () => {
    const bench = established();
    bench.path.mtu = 60;
    expect(effectiveMss(bench.connection)).toBe(bench.connection.config.leastMss);
  });

  test("a search for larger packets limits it to what it has found (RFC 4821 §7.2)", () => {
    const { connection } = established({ config: { mtuProbing: 2, baseMss: 1_024 } });
    expect(effectiveMss(connection)).toBe(1_460);
    connection.probing?.blackHole(1_024, 48, headersSize(connection));
    expect(effectiveMss(connection)).toBe(1_024);
  });
});

describe("the text of a segment that the peer sends", () => {
  test("is our MSS without what its options take", () => {
    expect(largestArriving(established().connection)).toBe(1_460);
    expect(largestArriving(established({ offer: MODERN }).connection)).toBe(1_460 - TIMESTAMPS);
  });

  test("our SYN's window is in whole ones: of our MSS, or of what the answer has settled", () => {
    const receiveBuffer = 10_000;
    const config = { receiveBuffer, receiveBufferLimit: receiveBuffer };
    expect(windowOfSyn(synSent({ config }).connection)).toBe(6 * 1_460);
    expect(windowOfSyn(accepted({ config, offer: MODERN }).connection)).toBe(6 * (1_460 - TIMESTAMPS));
  });
});

test("a key for the peer makes each segment a signed one (RFC 2385)", () => {
  const bench = closed({ config: { signatures: signing() } });
  connects(bench);
  expect(isSigned(bench.connection)).toBe(true);
  expect(usualOptions(bench.connection)).toBe(SIGNATURE);
  bench.peer.takes();
  const other = established();
  other.connection.signatures = new Signatures();
  expect(isSigned(other.connection)).toBe(false);
});
