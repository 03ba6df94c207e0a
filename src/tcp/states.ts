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

export interface Edge {
  readonly from: TcpState;
  readonly to: TcpState;
  /** What makes the connection take the edge. */
  readonly cause: string;
}

export const EDGES: readonly Edge[] = [
  { from: "CLOSED", to: "LISTEN", cause: "passive OPEN" },
  { from: "CLOSED", to: "SYN-SENT", cause: "active OPEN, SYN sent" },
  { from: "LISTEN", to: "SYN-RECEIVED", cause: "SYN received, SYN-ACK sent" },
  { from: "LISTEN", to: "SYN-SENT", cause: "active OPEN of a listening socket, SYN sent" },
  { from: "LISTEN", to: "CLOSED", cause: "CLOSE" },
  { from: "SYN-SENT", to: "ESTABLISHED", cause: "SYN-ACK received, ACK sent" },
  { from: "SYN-SENT", to: "SYN-RECEIVED", cause: "SYN received (simultaneous open), SYN-ACK sent" },
  { from: "SYN-SENT", to: "CLOSED", cause: "CLOSE, RST received or timeout" },
  { from: "SYN-RECEIVED", to: "ESTABLISHED", cause: "ACK of our SYN received" },
  { from: "SYN-RECEIVED", to: "FIN-WAIT-1", cause: "CLOSE, FIN sent" },
  { from: "SYN-RECEIVED", to: "LISTEN", cause: "RST received or timeout, after a passive OPEN" },
  { from: "SYN-RECEIVED", to: "CLOSED", cause: "RST received, ABORT or timeout, after an active OPEN" },
  { from: "ESTABLISHED", to: "FIN-WAIT-1", cause: "CLOSE, FIN sent" },
  { from: "ESTABLISHED", to: "CLOSE-WAIT", cause: "FIN received, ACK sent" },
  { from: "ESTABLISHED", to: "CLOSED", cause: "RST received, ABORT or timeout" },
  { from: "FIN-WAIT-1", to: "FIN-WAIT-2", cause: "ACK of our FIN received" },
  { from: "FIN-WAIT-1", to: "CLOSING", cause: "FIN received (simultaneous close), ACK sent" },
  { from: "FIN-WAIT-1", to: "CLOSED", cause: "RST received, ABORT or timeout" },
  { from: "FIN-WAIT-2", to: "TIME-WAIT", cause: "FIN received, ACK sent" },
  { from: "FIN-WAIT-2", to: "CLOSED", cause: "RST received, ABORT or FIN-WAIT-2 timeout" },
  { from: "CLOSE-WAIT", to: "LAST-ACK", cause: "CLOSE, FIN sent" },
  { from: "CLOSE-WAIT", to: "CLOSED", cause: "RST received, ABORT or timeout" },
  { from: "CLOSING", to: "TIME-WAIT", cause: "ACK of our FIN received" },
  { from: "CLOSING", to: "CLOSED", cause: "RST received, ABORT or timeout" },
  { from: "LAST-ACK", to: "CLOSED", cause: "ACK of our FIN received, RST received, ABORT or timeout" },
  { from: "TIME-WAIT", to: "CLOSED", cause: "2 MSL have passed, or RST received" },
  { from: "TIME-WAIT", to: "SYN-RECEIVED", cause: "newer SYN received (RFC 6191), SYN-ACK sent" },
];

/** Where each state may go. */
const LEGAL = new Map(
  TCP_STATES.map(state => [state, new Set(EDGES.filter(({ from }) => from === state).map(({ to }) => to))]),
);

export function isLegalEdge(from: TcpState, to: TcpState): boolean {
  return LEGAL.get(from)?.has(to) === true;
}

/** We and the peer know each other's sequence numbers: all but CLOSED, LISTEN, SYN-SENT. */
export function isSynchronized(state: TcpState): boolean {
  return state !== "CLOSED" && state !== "LISTEN" && state !== "SYN-SENT";
}

/** The peer's FIN has not come yet, so text may still arrive. */
export function mayReceiveText(state: TcpState): boolean {
  return state === "ESTABLISHED" || state === "FIN-WAIT-1" || state === "FIN-WAIT-2";
}
