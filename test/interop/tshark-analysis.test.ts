/**
 * Our analysis of captures beside tshark's own, packet by packet: of two kernels over a wire of ours, seen
 * from either end, with offloads and without; the same with packets missing, or from the middle on; and of
 * simulated hosts. Where the two differ, one of the kinds below says why; no packet may differ otherwise.
 */
import { describe, expect, test } from "vitest";
import { MARK } from "../../src/analysis/marks.ts";
import { concatBytes } from "../../src/base/bytes.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { milliseconds } from "../../src/base/time.ts";
import { readCapture } from "../../src/capture/capture-file.ts";
import type { CapturedPacket } from "../../src/capture/captured-packet.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { PcapWriter } from "../../src/capture/pcap.ts";
import { missingTools } from "../support/capture-tools.ts";
import { simulatedCaptures } from "../support/simulated-captures.ts";
import { captured, type Talk, type WireOptions } from "./kernel-wire.ts";
import { requireRoot } from "./namespace.ts";
import { type Comparison, compared, type Difference } from "./tshark-analysis.ts";

const noTshark = missingTools("tshark");
const noRoot = noTshark ?? requireRoot();

/**
 * Why a difference is right. `theirs` and `ours` are what it explains; `share`: of the packets, at most, on a
 * machine that has other things to do, too. That the judgements themselves are right, seeds show:
 * test/sim/analysis-causes.test.ts.
 */
interface Kind {
  readonly name: string;
  readonly theirs?: readonly string[];
  readonly ours?: readonly string[];
  readonly share: number;
  /** Of simulated hosts, which do the same each time. Undefined: not one. */
  readonly simulated?: number;
  readonly holds?: (difference: Difference) => boolean;
}

const has =
  (mark: keyof typeof MARK) =>
  ({ verdict }: Difference): boolean =>
    verdict !== undefined && (verdict.marks & MARK[mark]) !== 0;

const KINDS: readonly Kind[] = [
  {
    // tshark takes whatever is sent again within a round trip for overtaken.
    name: "sent again: the capture has had it, or its identification or timestamp is newer",
    theirs: ["out_of_order"],
    ours: ["retransmission"],
    share: 0.3,
    simulated: 0.02,
  },
  {
    // tshark takes what fills a hole after two duplicate ACKs for a fast retransmission.
    name: "overtaken, not sent again: identification or timestamp are older than those of what came before",
    theirs: ["retransmission"],
    ours: ["outOfOrder"],
    share: 0.2,
    simulated: 0.05,
  },
  {
    name: "the very same packet twice is no retransmission: the wire has doubled it",
    theirs: ["retransmission"],
    share: 0.1,
    holds: has("copy"),
  },
  {
    name: "doubled on the wire, and acknowledged between",
    theirs: ["spurious_retransmission"],
    share: 0.1,
    holds: has("copy"),
  },
  {
    // RFC 6675 §2: whatever else it changes. tshark has RFC 5681 §2 alone, which asks for the same window;
    // but a receiver of Linux, and ours, tells another with nearly each segment that waits for one before it,
    // so where text is lost many ACKs are of this kind. None of them is without news of SACK.
    name: "an ACK that tells of text by SACK is a duplicate ACK, though its window is another",
    theirs: ["window_update"],
    ours: ["duplicateAck"],
    share: 0.7,
    simulated: 0.25,
    holds: ({ verdict }) => verdict !== undefined && verdict.sackedBytes > 0,
  },
  {
    name: "with nothing in flight no ACK is a duplicate (RFC 5681 §2)",
    theirs: ["duplicate_ack"],
    share: 0.02,
  },
  {
    name: "that text had arrived shows later: by D-SACK or timestamps",
    ours: ["spurious"],
    share: 0.2,
    simulated: 0.02,
    holds: has("retransmission"),
  },
  {
    name: "with the window closed it is a probe, also in the form of a keepalive",
    theirs: ["keep_alive"],
    ours: ["zeroWindowProbe"],
    share: 0.02,
  },
  { name: "the answer to such a probe", ours: ["zeroWindowProbeAnswer"], share: 0.02 },
  {
    // The two have crossed: the answer repeats a window that is known already.
    name: "the answer to such a probe, behind the ACK that opened the window",
    theirs: ["keep_alive_ack"],
    share: 0.02,
  },
  { name: "the ACK before has told of it already", theirs: ["lost_segment"], share: 0.05 },
  {
    // tshark tells of some of these when the next text comes, as of a gap.
    name: "an ACK that passes text which was never seen",
    ours: ["acknowledgesUnseen"],
    share: 0.05,
  },
  {
    name: "an ACK behind a gap of which an ACK has told before",
    theirs: ["ack_lost_segment"],
    share: 0.05,
  },
];

/** Takes away what the kinds explain; answers what is left, and how often each was needed. */
function explained({ differences }: Comparison): { left: Difference[]; counts: Map<Kind, number> } {
  const counts = new Map<Kind, number>();
  const left = differences.filter(difference => {
    let { theirs, ours } = difference;
    for (const kind of KINDS) {
      const their = kind.theirs ?? [];
      const our = kind.ours ?? [];
      const fits =
        their.every(flag => theirs.includes(flag)) && our.every(mark => ours.some(o => o === mark));
      if (!fits || kind.holds?.(difference) === false) continue;
      theirs = theirs.filter(flag => !their.includes(flag));
      ours = ours.filter(mark => !our.includes(mark));
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return theirs.length + ours.length > 0;
  });
  return { left, counts };
}

function expectAgreement(capture: Uint8Array, most: (kind: Kind, packets: number) => number): Comparison {
  const comparison = compared(capture);
  const { left, counts } = explained(comparison);
  expect(left.map(({ packet, theirs, ours }) => ({ packet, theirs, ours }))).toEqual([]);
  const tooMany = [...counts].filter(([kind, count]) => count > most(kind, comparison.packets));
  expect(tooMany.map(([{ name }, count]) => `${count} of ${comparison.packets}: ${name}`)).toEqual([]);
  return comparison;
}

const ofKernels = ({ share }: Kind, packets: number): number => 3 + share * packets;
const ofSimulated = ({ simulated = 0 }: Kind, packets: number): number => Math.ceil(simulated * packets);

const delay = milliseconds(8);

/** `agreed`: what the captures must hold, on which both agree. */
const CASES: ReadonlyArray<{
  readonly name: string;
  readonly talk: Talk;
  readonly wire: WireOptions;
  readonly agreed: readonly string[];
  readonly clean?: boolean;
}> = [
  {
    name: "loss of text",
    talk: ["sink 1500000"],
    wire: { forth: { loss: 0.02, delay }, back: { delay } },
    agreed: ["retransmission", "duplicate_ack", "lost_segment"],
  },
  {
    name: "loss both ways, IPv6",
    talk: ["source 200000"],
    wire: { family: 6, forth: { loss: 0.02, delay }, back: { loss: 0.02, delay } },
    agreed: ["retransmission"],
  },
  {
    name: "reordering",
    talk: ["sink 400000"],
    wire: { forth: { delay, jitter: milliseconds(3) }, back: { delay } },
    agreed: ["out_of_order", "lost_segment"],
  },
  {
    name: "duplicates",
    talk: ["sink 600000"],
    wire: { forth: { delay, duplicate: 0.03 }, back: { delay, duplicate: 0.03 } },
    agreed: [],
  },
  {
    name: "a reader that is slow",
    talk: ["slow 400000", "small"],
    wire: { forth: { delay }, back: { delay } },
    agreed: ["zero_window", "window_full", "window_update"],
  },
  {
    name: "a conversation that loses its ends",
    talk: ["echo 25"],
    wire: { forth: { loss: 0.08, delay }, back: { loss: 0.08, delay } },
    agreed: ["retransmission"],
  },
  {
    name: "keepalives",
    talk: ["keepalive"],
    wire: { forth: { delay }, back: { delay } },
    agreed: ["keep_alive", "keep_alive_ack"],
    clean: true,
  },
  {
    name: "a reset, and the ports again",
    talk: ["reset"],
    wire: { forth: { delay }, back: { delay } },
    agreed: ["reused_ports"],
    clean: true,
  },
  { name: "super-segments", talk: ["sink 12000000"], wire: { offload: true }, agreed: [], clean: true },
];

function fileOf(packets: readonly CapturedPacket[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const linkType = packets[0]?.interface.linkType ?? LINK_TYPE.raw;
  const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType });
  for (const { time, bytes } of packets) writer.packet(time, bytes, 0, bytes.length);
  return concatBytes(chunks);
}

/** Without one packet in twenty-five, as a capture that cannot keep up has it. */
function withHoles(capture: Uint8Array): Uint8Array {
  const random = new SeededRandom(5);
  return fileOf(readCapture(capture).packets.filter(() => random.uint32() % 25 !== 0));
}

function fromTheMiddle(capture: Uint8Array): Uint8Array {
  return fileOf(readCapture(capture).packets.slice(40));
}

describe.each(CASES)(`two kernels, $name${noRoot === undefined ? "" : ` [skipped: ${noRoot}]`}`, each => {
  test.skipIf(noRoot !== undefined)(
    "are judged as tshark judges, from both ends",
    async () => {
      const captures = await captured(each.talk, each.wire);
      const comparisons = captures.map(capture => expectAgreement(capture, ofKernels));
      const agreed = comparisons.flatMap(comparison => Object.keys(comparison.agreed));
      expect(each.agreed.filter(flag => !agreed.includes(flag))).toEqual([]);
      for (const { roundTrips, otherRoundTrips } of comparisons) {
        expect(roundTrips).toBeGreaterThan(0);
        if (each.clean === true) expect(otherRoundTrips).toBe(0);
      }
      if (each.clean === true) return;
      for (const capture of captures) {
        expectAgreement(withHoles(capture), ofKernels);
        expectAgreement(fromTheMiddle(capture), ofKernels);
      }
    },
    60_000,
  );
});

describe.skipIf(noTshark !== undefined)("simulated hosts", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("seed %d", seed => {
    for (const capture of simulatedCaptures(seed).captures) {
      const { agreed, roundTrips, otherRoundTrips } = expectAgreement(capture, ofSimulated);
      // tshark measures by the last segment that an ACK passes, though SACK may have told of it before.
      expect(otherRoundTrips).toBeLessThanOrEqual(agreed["duplicate_ack"] === undefined ? 0 : roundTrips - 1);
    }
  });
});
