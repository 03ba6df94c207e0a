/**
 * The eleven states and every legal edge between them. RFC 9293 §3.3.2 and figure 5, with the edges that
 * §3.10 adds in its text. Asserted at each change; the state diagram of the documentation is drawn from this
 * table.
 */
export const TCP_STATES = [
  "CLOSED",
  "LISTEN",
  "SYN-SENT",
  "SYN-RECEIVED",
  "ESTABLISHED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/** What makes a connection change its state, in the words of traces and pictures. */
export const STATE_CAUSES = [
  "passive OPEN",
  "active OPEN, SYN sent",
  "active OPEN of a listening socket, SYN sent",
  "active OPEN takes its place",
  "SYN received, SYN-ACK sent",
  "SYN received (simultaneous open), SYN-ACK sent",
  "newer SYN received (RFC 6191), SYN-ACK sent",
  "SYN cookie received",
  "SYN-ACK received, ACK sent",
  "ACK of our SYN received",
  "ACK of our FIN received",
  "FIN received, ACK sent",
  "FIN received (simultaneous close), ACK sent",
  "RST received",
  "ICMP error received",
  "text received that nobody reads, RST sent",
  "CLOSE",
  "CLOSE, FIN sent",
  "CLOSE with text unread, RST sent",
  "CLOSE of the listener",
  "ABORT",
  "retransmissions given up",
  "window probes given up",
  "keepalive probes given up",
  "accept queue full, RST sent",
  "too many without a user",
  "no waiting in FIN-WAIT-2",
  "FIN-WAIT-2 timeout",
  "too many in TIME-WAIT",
  "2 MSL have passed",
  "text to be sent is gone",
] as const;

/** RFC 6191: TIME-WAIT gives way. */
export const NEWER_SYN = "newer SYN received (RFC 6191), SYN-ACK sent";

export type StateCause = (typeof STATE_CAUSES)[number];

export interface Edge {
  readonly from: TcpState;
  readonly to: TcpState;
  /** What makes the connection take the edge, in short. */
  readonly cause: string;
  /** The same one by one. */
  readonly causes: readonly StateCause[];
}

function only(from: TcpState, to: TcpState, cause: StateCause): Edge {
  return { from, to, cause, causes: [cause] };
}

/** An edge to CLOSED on which nobody says goodbye, with the causes that any of them can have. */
function broken(from: TcpState, cause: string, ...causes: readonly StateCause[]): Edge {
  return {
    from,
    to: "CLOSED",
    cause,
    causes: ["RST received", "ABORT", "retransmissions given up", ...causes],
  };
}

/** How a connection ends while it still has something to send. */
const WITH_TEXT = [
  "CLOSE with text unread, RST sent",
  "window probes given up",
  "keepalive probes given up",
  "text to be sent is gone",
] as const;

/** And once its user has gone. */
const WITHOUT_USER = ["text received that nobody reads, RST sent", "too many without a user"] as const;

export const EDGES: readonly Edge[] = [
  only("CLOSED", "LISTEN", "passive OPEN"),
  only("CLOSED", "SYN-SENT", "active OPEN, SYN sent"),
  {
    from: "LISTEN",
    to: "SYN-RECEIVED",
    cause: "SYN received, SYN-ACK sent",
    causes: ["SYN received, SYN-ACK sent", "SYN cookie received"],
  },
  only("LISTEN", "SYN-SENT", "active OPEN of a listening socket, SYN sent"),
  only("LISTEN", "CLOSED", "CLOSE"),
  only("SYN-SENT", "ESTABLISHED", "SYN-ACK received, ACK sent"),
  only("SYN-SENT", "SYN-RECEIVED", "SYN received (simultaneous open), SYN-ACK sent"),
  broken(
    "SYN-SENT",
    "CLOSE, RST received or timeout",
    "CLOSE",
    "ICMP error received",
    "text to be sent is gone",
  ),
  only("SYN-RECEIVED", "ESTABLISHED", "ACK of our SYN received"),
  only("SYN-RECEIVED", "FIN-WAIT-1", "CLOSE, FIN sent"),
  {
    from: "SYN-RECEIVED",
    to: "LISTEN",
    cause: "RST received or timeout, after a passive OPEN",
    causes: [
      "RST received",
      "retransmissions given up",
      "ICMP error received",
      "accept queue full, RST sent",
      "SYN cookie received",
    ],
  },
  broken(
    "SYN-RECEIVED",
    "RST received, ABORT or timeout, after an active OPEN",
    "ICMP error received",
    "CLOSE of the listener",
    "too many without a user",
    ...WITH_TEXT,
  ),
  only("ESTABLISHED", "FIN-WAIT-1", "CLOSE, FIN sent"),
  only("ESTABLISHED", "CLOSE-WAIT", "FIN received, ACK sent"),
  broken("ESTABLISHED", "RST received, ABORT or timeout", ...WITH_TEXT, ...WITHOUT_USER),
  only("FIN-WAIT-1", "FIN-WAIT-2", "ACK of our FIN received"),
  only("FIN-WAIT-1", "CLOSING", "FIN received (simultaneous close), ACK sent"),
  broken("FIN-WAIT-1", "RST received, ABORT or timeout", ...WITH_TEXT, ...WITHOUT_USER),
  only("FIN-WAIT-2", "TIME-WAIT", "FIN received, ACK sent"),
  {
    from: "FIN-WAIT-2",
    to: "CLOSED",
    cause: "RST received, ABORT or FIN-WAIT-2 timeout",
    causes: [
      "RST received",
      "ABORT",
      "FIN-WAIT-2 timeout",
      "no waiting in FIN-WAIT-2",
      "CLOSE with text unread, RST sent",
      "keepalive probes given up",
      "text to be sent is gone",
      ...WITHOUT_USER,
    ],
  },
  only("CLOSE-WAIT", "LAST-ACK", "CLOSE, FIN sent"),
  broken("CLOSE-WAIT", "RST received, ABORT or timeout", ...WITH_TEXT),
  only("CLOSING", "TIME-WAIT", "ACK of our FIN received"),
  broken("CLOSING", "RST received, ABORT or timeout", "too many without a user", ...WITH_TEXT),
  broken(
    "LAST-ACK",
    "ACK of our FIN received, RST received, ABORT or timeout",
    "ACK of our FIN received",
    "too many without a user",
    ...WITH_TEXT,
  ),
  {
    from: "TIME-WAIT",
    to: "CLOSED",
    cause: "2 MSL have passed, or RST received",
    causes: ["2 MSL have passed", "RST received", "active OPEN takes its place", "too many in TIME-WAIT"],
  },
  only("TIME-WAIT", "SYN-RECEIVED", NEWER_SYN),
];

/** Where each state may go. */
const LEGAL = new Map(
  TCP_STATES.map(state => [state, new Set(EDGES.filter(({ from }) => from === state).map(({ to }) => to))]),
);

export function isLegalEdge(from: TcpState, to: TcpState): boolean {
  return LEGAL.get(from)?.has(to) === true;
}

/** Whether a connection that takes this edge can do so because of this. */
export function isCauseOf(from: TcpState, to: TcpState, cause: StateCause): boolean {
  return EDGES.some(edge => edge.from === from && edge.to === to && edge.causes.includes(cause));
}

/** We and the peer know each other's sequence numbers: all but CLOSED, LISTEN, SYN-SENT. */
export function isSynchronized(state: TcpState): boolean {
  return state !== "CLOSED" && state !== "LISTEN" && state !== "SYN-SENT";
}

/** The peer's FIN has not come yet, so text may still arrive. */
export function mayReceiveText(state: TcpState): boolean {
  return state === "ESTABLISHED" || state === "FIN-WAIT-1" || state === "FIN-WAIT-2";
}
