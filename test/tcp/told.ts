/** What TCP tells a probe, as words: one list a kind, each event in the order in which it came. */
import { seqDiff } from "../../src/base/seq.ts";
import type { TcpEnd, TcpProbe } from "../../src/tcp/tcp-probe.ts";
import { probeOfMany } from "../../src/tcp/tcp-probes.ts";
import { TCP_FLAG } from "../../src/wire/tcp.ts";
import type { Bench } from "./bench.ts";

const KINDS = [
  "ends",
  "causes",
  "sent",
  "verdicts",
  "acknowledged",
  "lost",
  "recovery",
  "timers",
  "settled",
  "user",
  "queues",
  "cookies",
] as const;

type Kind = (typeof KINDS)[number];

export type Told = Readonly<Record<Kind, string[]>> & {
  /** All that came since the last call is forgotten. */
  forget(): void;
};

/** Begins to listen to the bench's TCP, beside the bench itself. */
export function told(bench: Bench): Told {
  const lists = Object.fromEntries(KINDS.map(kind => [kind, []])) as unknown as Record<Kind, string[]>;
  const probe = probeInto(lists);
  bench.context.probe = probeOfMany([bench.context.probe ?? {}, probe]);
  const forget = (): void => {
    for (const kind of KINDS) lists[kind].length = 0;
  };
  return { ...lists, forget };
}

function probeInto(lists: Readonly<Record<Kind, string[]>>): Required<TcpProbe> {
  const who = (end: object): string => (end as Partial<TcpEnd>).kind ?? "stranger";
  return {
    opened: end => lists.ends.push(`${end.kind} opened`),
    continued: (before, after) => lists.ends.push(`${before.kind} is ${after.kind}`),
    ended: c => lists.ends.push(`${c.kind} ended ${c.error ?? "in order"}`),
    left: end => lists.ends.push(`${end.kind} left`),
    stateChanged: (_end, from, to, cause) => lists.causes.push(`${from} → ${to}: ${cause}`),
    sending: () => {},
    refused: end => lists.sent.push(`${who(end)} refused`),
    sent: (end, { header, textLength }, why) => {
      const fin = (header.flags & TCP_FLAG.fin) === 0 ? "" : " FIN";
      lists.sent.push(`${who(end)} ${why} ${textLength}${fin}`);
    },
    arriving: () => {},
    arrived: (end, _segment, verdict) =>
      lists.verdicts.push(`${end?.kind ?? "nobody"} ${verdict ?? "taken"}`),
    acknowledged: (c, { advanced, sacked }) =>
      lists.acknowledged.push(
        `${seqDiff(c.tcb.snd.una, c.tcb.iss)} +${advanced} sack ${sacked} rtt ${c.sample.rtt}`,
      ),
    lost: (c, start, end, cause) =>
      lists.lost.push(`${seqDiff(start, c.tcb.iss)}…${seqDiff(end, c.tcb.iss)} ${cause}`),
    recovery: (_c, change, state) => lists.recovery.push(`${change} ${state}`),
    timer: (end, timer, change, at) =>
      lists.timers.push(`${end.kind} ${timer} ${change}${change === "set" ? ` ${at}` : ""}`),
    settled: c => lists.settled.push(c.state),
    written: (_c, bytes) => lists.user.push(`wrote ${bytes}`),
    read: (_c, bytes) => lists.user.push(`read ${bytes}`),
    overflowed: (_listener, queue) => lists.queues.push(queue),
    cookie: (_listener, change, segment) => lists.cookies.push(`${change} for ${segment.tuple.remote}`),
  };
}
