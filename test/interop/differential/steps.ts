/**
 * What happens to a connection in the differential check, step by step, and what can be seen of it after
 * each.
 */

/** A segment of the peer's. Numbers are relative: `seq` to the peer's ISS, `ack` to ours. */
export interface SegmentStep {
  readonly kind: "segment";
  /** What the plan meant by it. */
  readonly meaning: string;
  /** As packetdrill writes them: S F R P . U. */
  readonly flags: string;
  readonly seq: number;
  readonly length: number;
  readonly ack: number | undefined;
  /** In bytes, before scaling. */
  readonly window: number;
  readonly urgent?: number;
  readonly sack?: ReadonlyArray<readonly [number, number]>;
  /** Behind the usual one by so many ticks: an old timestamp. */
  readonly timestampBack?: number;
}

export type CallName =
  | "accept"
  | "write"
  | "read"
  | "peek"
  | "urgent"
  | "send_urgent"
  | "shutdown"
  | "close"
  | "abort"
  | "stop_listening"
  | "error"
  | "no_delay"
  | "cork";

export interface CallStep {
  readonly kind: "call";
  readonly call: CallName;
  readonly argument?: number;
}

export type Step = SegmentStep | CallStep;

export interface Plan {
  readonly seed: number;
  readonly opener: "host" | "peer";
  readonly peerIss: number;
  /** What the peer's SYN offers. */
  readonly offer: {
    readonly mss: number;
    readonly sack: boolean;
    readonly timestamps: boolean;
    readonly windowScale: number | undefined;
  };
  readonly steps: Step[];
}

/** A socket after a step: undefined without one (before accept, after close). */
export interface Look {
  readonly state: string;
  readonly readable: number | string;
  readonly unacknowledged: number | string;
  readonly poll: string;
}

export interface Observation {
  /** Of a call: its value or errno. */
  readonly result: number | string | undefined;
  /** What was sent, in a form that does not depend on timing: see `Wire`. */
  readonly sent: string;
  readonly look: Look | undefined;
}

/** RFC 9293's states, as tcp_info numbers them. */
const STATES = [
  "?",
  "ESTABLISHED",
  "SYN-SENT",
  "SYN-RECEIVED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "TIME-WAIT",
  "CLOSED",
  "CLOSE-WAIT",
  "LAST-ACK",
  "LISTEN",
  "CLOSING",
];

const POLL_BITS: ReadonlyArray<readonly [number, string]> = [
  [0x1, "in"],
  [0x2, "pri"],
  [0x4, "out"],
  [0x8, "err"],
  [0x10, "hup"],
  [0x2000, "rdhup"],
];

export function lookOf(
  state: number,
  readable: number | string,
  unacknowledged: number | string,
  mask: number,
): Look {
  const poll = POLL_BITS.filter(([bit]) => (mask & bit) !== 0).map(([, name]) => name);
  return { state: STATES[state] ?? `state ${state}`, readable, unacknowledged, poll: poll.join(" ") };
}

export function stepText(step: Step): string {
  if (step.kind === "call") return `${step.call}(${step.argument ?? ""})`;
  const { flags, seq, length, ack, window, urgent, sack, timestampBack, meaning } = step;
  return [
    `< ${flags} ${seq}:${seq + length}(${length})`,
    ack === undefined ? "" : `ack ${ack}`,
    `win ${window}`,
    urgent === undefined ? "" : `urg ${urgent}`,
    sack === undefined ? "" : `sack ${sack.map(([from, to]) => `${from}:${to}`).join(" ")}`,
    timestampBack === undefined ? "" : `old TS`,
    `(${meaning})`,
  ]
    .filter(part => part !== "")
    .join(" ");
}
