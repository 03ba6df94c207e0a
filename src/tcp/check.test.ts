import { describe, expect, test } from "vitest";
import { established, FULL, SACK, timeWait } from "../../test/tcp/fixtures.ts";
import { text } from "../../test/tcp/segments.ts";
import { seqAdd } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import { checkConnection } from "./check.ts";
import type { SentRange } from "./send/sent-range.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** A connection with text in flight, some of it reported, and text out of order. */
function busy(): TcpConnection {
  const { peer, user, connection } = established({ offer: SACK });
  user.sends(3 * FULL);
  peer.sends(text("xyz", { seq: 200, ack: 1, sack: [[1 + FULL, 1 + 2 * FULL]] }));
  return connection;
}

function nth(c: TcpConnection, index: number): SentRange {
  return c.queue.find(seqAdd(c.tcb.snd.una, index * FULL)) as SentRange;
}

const DAMAGES: ReadonlyArray<readonly [string, (c: TcpConnection) => void]> = [
  ["SND.UNA beyond SND.NXT", c => Object.assign(c.tcb.snd, { una: seqAdd(c.tcb.snd.nxt, 1) })],
  ["SND.NXT beyond the queue", c => Object.assign(c.tcb.snd, { nxt: seqAdd(c.tcb.snd.nxt, 1) })],
  ["a gap in the queue", c => Object.assign(nth(c, 1), { start: seqAdd(nth(c, 1).start, 1) })],
  ["an empty record", c => Object.assign(nth(c, 2), { end: nth(c, 2).start })],
  ["a record lost that is not counted", c => Object.assign(nth(c, 2), { lost: true })],
  ["a record reported that is not counted", c => Object.assign(nth(c, 2), { sacked: true })],
  ["a record that miscounts its segments", c => Object.assign(nth(c, 0), { segments: 2 })],
  ["a record both reported and lost", c => Object.assign(nth(c, 1), { lost: true })],
  ["text gone from the buffer", c => c.sendBuffer.clear()],
  ["RCV.NXT beyond the window", c => Object.assign(c.tcb.rcv, { nxt: seqAdd(c.tcb.rcv.adv, 1) })],
  ["text out of order that is in order", c => Object.assign(c.tcb.rcv, { nxt: seqAdd(c.tcb.rcv.nxt, 99) })],
  ["no timer for what is in flight", c => Object.assign(c.timers, { retransmit: NEVER })],
  ["a timer for nothing", c => c.queue.clear()],
  [
    "a tail loss probe after the timeout",
    c => Object.assign(c.timers, { tailLossProbe: (c.timers.retransmit + 1) as Instant }),
  ],
];

describe("checkConnection", () => {
  test("finds nothing wrong with a sound connection", () => {
    expect(() => checkConnection(busy())).not.toThrow();
    expect(() => checkConnection(timeWait().connection)).not.toThrow();
  });

  test.each(DAMAGES)("finds %s", (_name, damage) => {
    const connection = busy();
    damage(connection);
    expect(() => checkConnection(connection)).toThrow();
  });

  test("finds a timer of a connection that is over", () => {
    const { connection } = timeWait();
    connection.timers.keepalive = 5 as Instant;
    expect(() => checkConnection(connection)).toThrow("has a timer");
  });
});
