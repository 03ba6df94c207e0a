/**
 * The client's side of one connection: what its SYN shows and carries, and what became of it. RFC 7413 §4.2.
 */
import { TCP_MAX_OPTIONS_SIZE } from "../../../wire/tcp-options.ts";
import type { KnownServer } from "./cookie-cache.ts";

/** Why text did not go through with the SYN; Linux's tcpi_fastopen_client_fail has the same order. */
export const FAST_OPEN_FAILURES = [
  "none",
  "no-cookie",
  "text-not-acknowledged",
  "syn-retransmitted",
] as const;

export type FastOpenFailure = (typeof FAST_OPEN_FAILURES)[number];

/** What the SYN is to be like. */
export interface SynPlan {
  /** A cookie to show, an empty one to ask for one, or no option. */
  readonly option: Uint8Array | undefined;
  readonly isExperimental: boolean;
  readonly mayCarryText: boolean;
}

const REQUEST = new Uint8Array(0);
const PLAIN: SynPlan = { option: undefined, isExperimental: false, mayCarryText: false };

/**
 * §4.2.2: text only with a cookie (or where the configuration does without), else a request for one; while a
 * blackhole is suspected an ordinary SYN.
 */
export function planSyn(
  server: Readonly<KnownServer> | undefined,
  withoutCookie: boolean,
  isPaused: boolean,
): SynPlan {
  if (isPaused) return PLAIN;
  if (withoutCookie) return { ...PLAIN, mayCarryText: true };
  if (server?.cookie !== undefined) {
    return { option: server.cookie, isExperimental: server.isExperimental, mayCarryText: true };
  }
  return { ...PLAIN, option: REQUEST, isExperimental: server?.requests === "try-experimental" };
}

/**
 * How much text a SYN takes, in bytes. Room is left for all options that there can be: middleboxes add some,
 * and a SYN that no longer fits is lost.
 *
 * @param pathMss what the path takes
 * @param ourMss what we announce: a user's limit counts for both ways
 * @param serverMss what the server announced last; 0: nothing
 */
export function synRoom(pathMss: number, ourMss: number, serverMss: number): number {
  const mss = Math.min(pathMss, ourMss, serverMss > 0 ? serverMss : Number.POSITIVE_INFINITY);
  return Math.max(0, mss - TCP_MAX_OPTIONS_SIZE);
}

export class FastOpenAttempt {
  readonly role = "client";
  /**
   * The next SYN's option. A SYN that goes out again has none (§4.2.1): it may be what was not let through.
   */
  option: Uint8Array | undefined;
  isExperimental: boolean;
  /** How much text the SYN may carry. */
  room: number;
  /** The SYN waits for the user's first text. */
  isDeferred = false;
  /** The option was in the SYN. */
  wasShown = false;
  /** Text in the SYN, in bytes. */
  textLength = 0;
  /** All of it was acknowledged with the SYN. */
  tookText = false;
  failure: FastOpenFailure = "none";
  /** Began after a pause: if it goes through, there is no blackhole. */
  readonly isProbe: boolean;

  constructor(plan: SynPlan, room: number, isProbe: boolean) {
    this.option = plan.option;
    this.isExperimental = plan.isExperimental;
    this.room = plan.mayCarryText ? room : 0;
    this.isProbe = isProbe;
    if (plan.option?.length === 0) this.failure = "no-cookie";
  }

  /** It was more than an ordinary SYN: what happens to the connection says something about the path. */
  get isFastOpen(): boolean {
    return this.wasShown || this.textLength > 0;
  }

  /** The text cannot be had after all: the SYN only asks for a cookie. */
  withoutText(): void {
    this.room = 0;
    if (this.option !== undefined && this.option.length > 0) this.option = REQUEST;
  }
}
