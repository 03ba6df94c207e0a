/** What is worth a look: gathered while segments pass, one finding for each kind, end and connection. */
import type { Side } from "./lifetime.ts";

export type Severity = "note" | "warning" | "error";

/** Every finding that there is, with its severity. The sentences: findings-text. */
export const FINDING_SEVERITY = {
  refused: "error",
  unanswered: "error",
  "half-open": "warning",
  reset: "error",
  "reset-with-text": "error",
  "foreign-reset": "warning",
  "silent-peer": "error",
  unreachable: "error",
  "too-big": "note",
  "hops-exceeded": "warning",
  "syn-again": "warning",
  "syn-ack-again": "warning",
  timeout: "warning",
  "fast-retransmission": "note",
  "early-retransmission": "note",
  "tail-loss-probe": "note",
  spurious: "note",
  "loss-before": "warning",
  "loss-behind": "warning",
  "many-losses": "error",
  "out-of-order": "note",
  copies: "warning",
  "duplicate-sack": "note",
  "zero-window": "warning",
  "window-full": "note",
  "window-probe": "note",
  keepalive: "note",
  "keepalive-unanswered": "warning",
  gap: "note",
  "acknowledged-unseen": "note",
  "ports-reused": "note",
  "late-start": "note",
  "one-way": "warning",
  "no-window-scale": "note",
  "no-sack": "note",
  "super-segments": "note",
  "checksums-left-to-card": "note",
  "bad-checksums": "warning",
  "packets-cut": "note",
} as const satisfies Record<string, Severity>;

export type FindingCode = keyof typeof FINDING_SEVERITY;

/** Of those that sentences name: counts, µs and bytes, and the ends as `address:port`. */
export type FindingValues = Readonly<Record<string, number | string>>;

export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** 0: of the capture. */
  readonly connection: number;
  /** The end that it is about: an index of `ends`. */
  readonly side: Side | undefined;
  /** Where it was first seen. */
  readonly packet: number;
  readonly time: number;
  readonly count: number;
  readonly values: FindingValues;
}

interface Gathered {
  readonly code: FindingCode;
  readonly side: Side | undefined;
  readonly packet: number;
  readonly time: number;
  count: number;
  values: FindingValues;
}

export class Findings {
  readonly #gathered = new Map<string, Gathered>();

  /** One more. Values are those of the last. */
  add(
    code: FindingCode,
    side: Side | undefined,
    at: { readonly packet: number; readonly time: number },
    values: FindingValues = {},
  ): void {
    const key = `${code} ${side ?? ""}`;
    const known = this.#gathered.get(key);
    if (known === undefined) {
      const { packet, time } = at;
      this.#gathered.set(key, { code, side, packet, time, count: 1, values });
      return;
    }
    known.count++;
    known.values = values;
  }

  /** Of one connection; `endText`: its ends, as they are to be named. */
  list(connection: number, endText: readonly [string, string] | undefined): Finding[] {
    return [...this.#gathered.values()].map(({ code, side, packet, time, count, values }) => {
      const ends: Record<string, string> = {};
      if (side !== undefined && endText !== undefined) {
        ends["end"] = endText[side];
        ends["peer"] = endText[side === 0 ? 1 : 0];
      }
      const severity = FINDING_SEVERITY[code];
      return { severity, code, connection, side, packet, time, count, values: { count, ...ends, ...values } };
    });
  }
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** The worst first; those of one severity in the order of time. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.time - b.time);
}
