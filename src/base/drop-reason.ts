/**
 * Why a packet was not processed. Bad input from the wire is one of these, counted and visible in the trace;
 * it is never an exception.
 */
export const DROP_REASONS = [
  // framing and link
  "frame-truncated",
  "frame-not-for-us",
  "frame-unknown-type",
  "vlan-unknown",
  "queue-full",
  "device-closed",
  // ARP and neighbor discovery
  "arp-malformed",
  "arp-not-for-us",
  "arp-conflict",
  "ndp-malformed",
  "ndp-hop-limit",
  "neighbor-failed",
  "neighbor-queue-full",
  // IPv4 and IPv6
  "ip-truncated",
  "ip-bad-version",
  "ip-bad-header-length",
  "ip-bad-total-length",
  "ip-bad-checksum",
  "ip-bad-options",
  "ip-source-route",
  "ip-bad-source",
  "ip-not-for-us",
  "ip-hop-limit-exceeded",
  "ip-no-route",
  "ip-too-big",
  "ip-unknown-protocol",
  "ip-bad-extension-header",
  "fragment-malformed",
  "fragment-overlap",
  "fragment-too-big",
  "fragment-limit",
  "fragment-timeout",
  // ICMP
  "icmp-truncated",
  "icmp-bad-checksum",
  "icmp-unknown-type",
  "icmp-malformed",
  "icmp-no-socket",
  "icmp-rate-limited",
  // UDP
  "udp-truncated",
  "udp-bad-length",
  "udp-bad-checksum",
  "udp-no-checksum",
  "udp-no-port",
  "udp-buffer-full",
  // TCP
  "tcp-truncated",
  "tcp-bad-offset",
  "tcp-bad-checksum",
  "tcp-bad-address",
  "tcp-no-connection",
  "tcp-syn-queue-full",
  "tcp-accept-queue-full",
  "tcp-accept-deferred",
  "tcp-bad-cookie",
  "tcp-md5-missing",
  "tcp-md5-unexpected",
  "tcp-md5-wrong",
  "tcp-bad-flags",
  "tcp-out-of-window",
  "tcp-paws",
  "tcp-bad-ack",
  "tcp-bad-reset",
  "tcp-syn-in-window",
  "tcp-receive-buffer-full",
  "tcp-after-close",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** Counts by reason. */
export class DropCounters {
  readonly #counts = new Map<DropReason, number>();

  count(reason: DropReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  get(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  /** The reasons that occurred, with their counts, in the order of `DROP_REASONS`. */
  entries(): Array<readonly [DropReason, number]> {
    return DROP_REASONS.filter(reason => this.#counts.has(reason)).map(
      reason => [reason, this.get(reason)] as const,
    );
  }
}
