import { describe, expect, test } from "vitest";
import { established, FULL, SACK } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";
import { bytesInFlight } from "../flight.ts";
import { Signatures } from "../md5-signatures.ts";
import { isSigned } from "../segment-sizes.ts";

const OFFLOAD = { checksum: true, maxSuperSegment: 65_535, gathers: false };

function overOffload() {
  const bench = established({ offer: { ...SACK, window: 0xffff }, rtt: 1, config: { initialWindow: 20 } });
  bench.path.offload = OFFLOAD;
  return bench;
}

describe("super-segments, where the path's device cuts them", () => {
  test("a unit leaves as one packet, and is as many segments for TCP as it will be cut into", () => {
    const { peer, user, connection } = overOffload();
    const before = connection.info().segmentsOut;
    user.sends(4 * FULL);
    peer.expects(text(4 * FULL));
    peer.expectsNothing();
    expect(connection.info().segmentsOut).toBe(before + 4);
    expect(bytesInFlight(connection)).toBe(4 * FULL);
  });

  test("what was lost of it goes out again alone", () => {
    const { peer, user } = overOffload();
    user.sends(6 * FULL);
    peer.takes();
    peer.advance(milliseconds(1));
    peer.sends(ack({ ack: 1 + FULL, sack: [[1 + 2 * FULL, 1 + 6 * FULL]] }));
    peer.expects(text(FULL, { seq: 1 + FULL }));
    peer.expectsNothing();
  });

  test("not beyond what IP can carry", () => {
    const { peer, user, connection } = established({
      offer: { ...SACK, window: 0xffff, windowScale: 7 },
      rtt: 1,
      config: { initialWindow: 200 },
    });
    Object.assign(connection.path, { offload: OFFLOAD });
    user.sends(200_000);
    const sizes = peer.takes().map(segment => segment.bytes.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_000);
    expect(sizes.length).toBeLessThan(10);
  });

  test("a signed connection sends none: each segment needs a signature of its own (RFC 2385 §2.0)", () => {
    const { peer, user, connection } = overOffload();
    connection.signatures = new Signatures();
    connection.signatures.set(connection.remote, 32, new TextEncoder().encode("key"));
    expect(isSigned(connection)).toBe(true);
    user.sends(4_000);
    for (const segment of peer.takes()) expect(segment.bytes.length).toBeLessThanOrEqual(FULL);
  });
});
