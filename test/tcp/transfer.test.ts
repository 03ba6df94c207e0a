/** Whole transfers to and from a peer that loses, repeats and reorders: what arrives is what was sent. */
import { describe, expect, test } from "vitest";
import { chance, SeededRandom } from "../../src/base/random.ts";
import { SeqRanges } from "../../src/base/ranges.ts";
import { type Seq, seq, seqAdd } from "../../src/base/seq.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { Bench } from "./bench.ts";
import { accepted, established, type FixtureOptions, FULL, finWait1, MODERN, SACK } from "./fixtures.ts";
import { ack, fin, patternAt, type SeenSegment, text } from "./segments.ts";

/** An honest receiver behind a way that loses one segment in `1 / loss`. */
class Receiver {
  readonly #bench: Bench;
  readonly #random: SeededRandom;
  readonly #loss: number;
  readonly #sacks: boolean;
  readonly #ranges = new SeqRanges();
  #nxt: Seq = seq(1);

  constructor(bench: Bench, loss: number, sacks: boolean, seed: number) {
    this.#bench = bench;
    this.#loss = loss;
    this.#sacks = sacks;
    this.#random = new SeededRandom(seed);
  }

  /** Answers everything that the host has sent; false if that was nothing. */
  turn(): boolean {
    const sent = this.#bench.peer.takes();
    for (const seen of sent) {
      if (chance(this.#random, this.#loss)) continue;
      this.#arrives(seen);
      if (!chance(this.#random, this.#loss)) this.#answers();
    }
    return sent.length > 0;
  }

  get received(): number {
    return this.#nxt - 1;
  }

  #arrives(seen: SeenSegment): void {
    this.#ranges.add(seq(seen.seq), seqAdd(seq(seen.seq), seen.bytes.length));
    if (this.#ranges.count > 0 && this.#ranges.start(0) <= this.#nxt) this.#nxt = this.#ranges.end(0);
  }

  #answers(): void {
    const sack: Array<readonly [number, number]> = [];
    for (let i = 1; i < this.#ranges.count && sack.length < 3; i++) {
      sack.push([this.#ranges.start(i), this.#ranges.end(i)]);
    }
    this.#bench.peer.sends(ack({ ack: this.#nxt, ...(this.#sacks ? { sack } : {}) }));
  }
}

/** Sends so many bytes of the pattern, and looks at every one that arrives. */
function uploads(bench: Bench, size: number, loss: number, sacks: boolean, seed = 1): void {
  const receiver = new Receiver(bench, loss, sacks, seed);
  let given = 0;
  for (let turns = 0; receiver.received < size; turns++) {
    if (turns > 100_000) throw new Error(`stuck at ${receiver.received} of ${size}`);
    if (given < size && bench.connection.isWritable)
      given += bench.user.sends(Math.min(size - given, 20_000));
    bench.advance(milliseconds(10));
    if (!receiver.turn()) bench.advance(milliseconds(100));
  }
  const { stream } = bench.peer;
  expect(stream).toHaveLength(size);
  for (let i = 0; i < size; i++) if (stream[i] !== patternAt(1 + i)) expect.fail(`byte ${i} is wrong`);
}

const OFFERS = [
  ["Reno and duplicate ACKs", undefined, false],
  ["SACK", SACK, true],
  ["SACK, timestamps and scaling", MODERN, true],
] as const;

describe.each(OFFERS)("sending with %s", (_name, offer, sacks) => {
  const options: FixtureOptions = offer === undefined ? { rtt: 20 } : { offer, rtt: 20 };

  test.each([0, 0.02, 0.1, 0.3])("with %f lost, everything arrives", loss => {
    uploads(established(options), 150_000, loss, sacks);
  });

  test("at many seeds", () => {
    for (let seed = 0; seed < 12; seed++) uploads(established(options), 40_000, 0.08, sacks, seed);
  });

  test.each([-1, -2, -FULL, -10_000, 0x7fff_ffff - 5_000])(
    "from an ISS of %d on, across the wrap of the sequence numbers",
    iss => {
      const bench = established({ ...options, iss, peerBase: iss });
      expect(bench.connection.tcb.iss).toBe(iss | 0);
      uploads(bench, 40_000, 0.05, sacks);
    },
  );
});

describe("receiving across the wrap", () => {
  test.each([-101, -102, -150, -5_000, 0x7fff_ffff - 5_000])(
    "with the peer's numbers from %d on",
    peerBase => {
      for (const offer of [undefined, SACK, MODERN]) {
        const { peer, user } = accepted(offer === undefined ? { peerBase } : { peerBase, offer });
        // Every second segment first, then those between.
        for (const first of [1, 0]) {
          for (let n = first; n < 20; n += 2) peer.sends(text(1_000, { seq: 101 + 1_000 * n, ack: 1 }));
        }
        const read = user.readsBytes();
        expect(read).toHaveLength(20_000);
        for (let i = 0; i < read.length; i++) if (read[i] !== patternAt(101 + i)) expect.fail(`byte ${i}`);
        expect(peer.takes().at(-1)?.ack).toBe(20_101);
      }
    },
  );

  test("a FIN at the wrap, ours and the peer's", () => {
    for (const iss of [-1, -2, -3]) {
      const { peer } = finWait1({ iss, peerBase: iss - 100 });
      peer.sends(fin({ ack: 2 }));
      peer.expects(ack({ seq: 2, ack: 102 }));
      expect(peer.state).toBe("TIME-WAIT");
    }
  });
});

test("after exactly 4 GiB, when SND.NXT is the ISS again, sending goes on", () => {
  const { peer, user, connection } = established();
  connection.tcb.iss = connection.tcb.snd.nxt;
  user.sends("abc");
  peer.expects(text("abc"));
  peer.sends(ack());
  user.closes();
  peer.expects(fin());
});

test("both ways at once, with the acknowledgments on the text", () => {
  const { peer, user, connection } = established();
  for (let i = 0; i < 50; i++) {
    user.sends("ping");
    peer.expects(text("ping", { ack: 101 + 4 * i }));
    peer.sends(text("pong"));
    expect(user.reads()).toBe("pong");
    // That the user answers is known only after the first time.
    if (i === 0) peer.expects(ack({ ack: 105 }));
  }
  peer.advance(seconds(1));
  expect(peer.takes()).toHaveLength(1);
  expect(connection.info()).toMatchObject({ bytesSent: 200, bytesReceived: 200, bytesRetransmitted: 0 });
});
