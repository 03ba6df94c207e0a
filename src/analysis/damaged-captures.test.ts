/** Captures that somebody has made to do harm: what is read of them is judged, told, drawn and bounded. */
import { describe, expect, test } from "vitest";
import { damagedCapture, WHOLE_CAPTURES } from "../../test/support/damaged-captures.ts";
import { below, SeededRandom } from "../base/random.ts";
import { compileFilter, type PacketFilter } from "../capture/bpf/compile.ts";
import { CaptureFileReader } from "../capture/capture-file.ts";
import type { CapturedPacket, CaptureError } from "../capture/captured-packet.ts";
import { dissect } from "../capture/dissect.ts";
import { PacketLines } from "../capture/packet-line.ts";
import { renderTree } from "../capture/render-tree.ts";
import { CaptureAnalyzer } from "./capture-analyzer.ts";

const SEEDS = Number(process.env["POSTEL_CAPTURES"] ?? 200);

interface Read {
  readonly packets: readonly CapturedPacket[];
  readonly error: CaptureError | undefined;
}

/** In pieces of these lengths, the last again and again. */
function read(bytes: Uint8Array, nextLength: () => number): Read {
  const reader = new CaptureFileReader();
  const packets: CapturedPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Math.max(1, nextLength());
    packets.push(...reader.push(bytes.subarray(at, at + length)));
    at += length;
  }
  reader.end();
  return { packets, error: reader.error };
}

const FILTER = "tcp[tcpflags] & tcp-syn != 0 or ip6 protochain 17 or geneve and ip or inbound";

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length && one.every((byte, index) => byte === other[index]);
}

const DURATION_BELOW_0 = /"(min|max|mean|srtt|rttvar|zeroWindowTime|handshakeTime|waited|silence)":-/;

/** Everything that is done with packets of a file. */
function used(packets: readonly CapturedPacket[]): void {
  const analyzer = new CaptureAnalyzer();
  const lines = new PacketLines({ verifyChecksums: true });
  const filters = new Map<number, PacketFilter | undefined>();
  for (const packet of packets) {
    const { bytes, originalLength, time, nanoseconds, direction, interface: via } = packet;
    if (!Number.isSafeInteger(time) || time < 0) expect.fail(`time ${time}`);
    if (!(nanoseconds >= 0 && nanoseconds < 1000)) expect.fail(`${nanoseconds} ns`);
    if (originalLength < bytes.length) expect.fail(`${bytes.length} bytes of ${originalLength}`);
    analyzer.packet(packet);
    if (lines.line(via.linkType, bytes, 0, bytes.length, originalLength).includes("\n"))
      expect.fail("two lines");
    renderTree(dissect(via.linkType, bytes, originalLength), bytes);
    if (!filters.has(via.linkType)) {
      const compiled = compileFilter(FILTER, via.linkType);
      filters.set(via.linkType, compiled.ok ? compiled.filter : undefined);
    }
    const known = { direction, interfaceName: via.name };
    filters.get(via.linkType)?.matches(bytes, 0, bytes.length, originalLength, known);
  }
  const told = JSON.stringify(analyzer.conclude());
  // JSON has no word for what is no finite number: it writes null.
  expect(told).not.toContain("null");
  expect(told).not.toMatch(DURATION_BELOW_0);
}

describe("damaged captures", () => {
  test(`${SEEDS} of them are read in the same way whole and in pieces, and used without harm`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const bytes = damagedCapture(seed);
      const random = new SeededRandom(seed);
      const whole = read(bytes, () => bytes.length);
      const pieces = read(bytes, () => below(random, 300));
      expect([seed, pieces.packets.length, pieces.error]).toEqual([seed, whole.packets.length, whole.error]);
      const kept = whole.packets.reduce((sum, packet) => sum + packet.bytes.length, 0);
      expect(kept).toBeLessThanOrEqual(bytes.length);
      if (whole.error !== undefined) {
        expect(whole.error.message).toMatch(/^[a-z]/);
        expect(whole.error.offset).toBeLessThanOrEqual(bytes.length);
      }
      used(whole.packets);
    }
  });

  test("a capture that is cut at any byte keeps the packets before, and says that it was cut", () => {
    for (const bytes of WHOLE_CAPTURES) {
      const { packets } = read(bytes, () => bytes.length);
      let most = 0;
      let unseen = 0;
      for (let end = 0; end < bytes.length; end++) {
        const cut = read(bytes.subarray(0, end), () => bytes.length);
        if (cut.packets.length < most) expect.fail(`byte ${end} takes a packet away`);
        most = cut.packets.length;
        const last = cut.packets.at(-1);
        const same = last === undefined || sameBytes(last.bytes, packets[most - 1]?.bytes);
        if (!same) expect.fail(`cut at byte ${end}, packet ${most} is another`);
        if (cut.error === undefined) unseen++;
        else if (cut.error.kind !== "truncated") expect.fail(`cut at byte ${end}: ${cut.error.message}`);
      }
      expect(most).toBeGreaterThanOrEqual(packets.length - 1);
      // Between two packets or blocks nothing shows that more should come.
      expect(unseen).toBeLessThan(packets.length + 16);
    }
  });
});
