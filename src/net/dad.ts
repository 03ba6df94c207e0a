/**
 * Duplicate address detection: RFC 4862 §5.4 in IPv6, RFC 5227 §2.1 and §2.3 in IPv4. An address stays
 * tentative until a second has passed since the first probe and nobody has claimed it; a claimed one is
 * marked a duplicate for good.
 *
 * Deviation: RFC 5227 takes four to seven seconds, for the slowest links; we send its three probes within the
 * one second that IPv6 takes.
 */
import {
  type Duration,
  earlier,
  type Instant,
  instantAfter,
  milliseconds,
  NEVER,
  seconds,
} from "../base/time.ts";
import type { IpFamily } from "../wire/address.ts";
import type { Addresses, LocalAddress } from "./addresses.ts";
import type { NetContext } from "./net-context.ts";

/** RFC 4861 §10 (RETRANS_TIMER), RFC 4862 §5.1 (DupAddrDetectTransmits). */
const DETECTION_TIME: Duration = seconds(1);
const PROBES: Record<IpFamily, number> = { 4: 3, 6: 1 };
/** RFC 5227 §1.1: ANNOUNCE_NUM, ANNOUNCE_INTERVAL. */
const ANNOUNCEMENTS: Record<IpFamily, number> = { 4: 2, 6: 0 };
/** Unasked, for an address that another station may have had: RFC 5227 §2.3, RFC 4861 §7.2.6. */
const TAKEN_OVER = 2;
const ANNOUNCE_INTERVAL: Duration = seconds(2);

/** How the question is asked and the answer told: ARP or neighbor discovery. */
export interface DuplicateProbe {
  probe(local: LocalAddress): void;
  announce(local: LocalAddress): void;
}

interface Attempt {
  readonly local: LocalAddress;
  probes: number;
  /** That are still to be made. */
  announcements: number;
  deadline: Instant;
}

export class DuplicateDetection {
  readonly #context: NetContext;
  readonly #addresses: Addresses;
  readonly #link: DuplicateProbe;
  #attempts: Attempt[] = [];

  constructor(context: NetContext, addresses: Addresses, link: DuplicateProbe) {
    this.#context = context;
    this.#addresses = addresses;
    this.#link = link;
  }

  get deadline(): Instant {
    let deadline = NEVER;
    for (const attempt of this.#attempts) deadline = earlier(deadline, attempt.deadline);
    return deadline;
  }

  /** The first probe leaves with the next run of the timers, when the interface is up and attached. */
  start(local: LocalAddress): void {
    this.#begin(local, 0, ANNOUNCEMENTS[local.address.family]);
  }

  /** Nobody is asked: the neighbors learn at once that the address is ours now. */
  announce(local: LocalAddress): void {
    this.#begin(local, PROBES[local.address.family], TAKEN_OVER);
  }

  #begin(local: LocalAddress, probes: number, announcements: number): void {
    this.#attempts.push({ local, probes, announcements, deadline: this.#context.now });
    this.#context.wake();
  }

  stop(local: LocalAddress): void {
    this.#attempts = this.#attempts.filter(attempt => attempt.local !== local);
  }

  /** Another host uses the tentative address or asks for it as we do. */
  conflict(local: LocalAddress): void {
    if (local.state !== "tentative") return;
    this.stop(local);
    this.#addresses.changeState(local, "duplicate");
  }

  expire(): void {
    const { now } = this.#context;
    for (const attempt of this.#attempts) if (attempt.deadline <= now) this.#step(attempt);
    this.#attempts = this.#attempts.filter(attempt => attempt.deadline !== NEVER);
  }

  #step(attempt: Attempt): void {
    const { local } = attempt;
    const { family } = local.address;
    if (attempt.probes < PROBES[family]) {
      attempt.probes++;
      attempt.deadline = this.#after(milliseconds(DETECTION_TIME / 1_000 / PROBES[family]));
      this.#link.probe(local);
      return;
    }
    if (local.state === "tentative") this.#addresses.changeState(local, "preferred");
    if (attempt.announcements > 0) {
      attempt.announcements--;
      this.#link.announce(local);
    }
    attempt.deadline = attempt.announcements > 0 ? this.#after(ANNOUNCE_INTERVAL) : NEVER;
  }

  #after(duration: Duration): Instant {
    return instantAfter(this.#context.now, duration);
  }
}
