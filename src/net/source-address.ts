/**
 * Which of our addresses a packet leaves from, and which of several destinations to try first: RFC 6724 §5
 * and §6.
 *
 * Rules 4 (home addresses) and 5.5 (prefixes that the next hop advertised) have no object here. For IPv4 no
 * such rules exist; the choice follows RFC 1122 §3.3.4.3 and Linux: the address in the subnet of the next
 * hop, else the primary.
 */
import { type IpAddress, ip } from "../wire/address.ts";

export interface SourceCandidate {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
  /** Its preferred lifetime is over: RFC 4862 §5.5.4. */
  readonly deprecated: boolean;
  /** RFC 8981. */
  readonly temporary: boolean;
  /** Duplicate address detection has not ended: it is not ours yet. */
  readonly tentative: boolean;
}

/**
 * The source for packets to `destination`, which leave by `interfaceIndex` through `nextHop` (a gateway;
 * without one the destination is on the link). Where no rule decides, the earlier candidate wins: primary
 * addresses come first.
 */
export function chooseSource(
  destination: IpAddress,
  candidates: readonly SourceCandidate[],
  interfaceIndex: number,
  nextHop: IpAddress = destination,
): SourceCandidate | undefined {
  let best: SourceCandidate | undefined;
  for (const candidate of candidates) {
    if (!isUsable(candidate, destination, interfaceIndex)) continue;
    if (best === undefined || isBetter(candidate, best, destination, interfaceIndex, nextHop)) {
      best = candidate;
    }
  }
  return best;
}

/** §4: the candidate set. */
function isUsable(candidate: SourceCandidate, destination: IpAddress, interfaceIndex: number): boolean {
  const { address } = candidate;
  if (address.family !== destination.family || candidate.tentative) return false;
  if (address.isUnspecified || address.isMulticast) return false;
  if (candidate.interfaceIndex === interfaceIndex || address.equals(destination)) return true;
  // Addresses that mean something on one link only, and destinations on one link only, stay on that link.
  return !(
    address.isLoopback ||
    address.isLinkLocal ||
    destination.isLinkLocal ||
    (destination.isMulticast && destination.family === 6)
  );
}

/** §5: whether `a` is a better source than `b`, which was listed before it. */
function isBetter(
  a: SourceCandidate,
  b: SourceCandidate,
  destination: IpAddress,
  interfaceIndex: number,
  nextHop: IpAddress,
): boolean {
  // Rule 1: prefer same address.
  if (a.address.equals(destination)) return true;
  if (b.address.equals(destination)) return false;
  // Rule 2: prefer appropriate scope.
  const scopeA = scopeOf(a.address);
  const scopeB = scopeOf(b.address);
  const scope = scopeOf(destination);
  if (scopeA < scopeB) return scopeA >= scope;
  if (scopeB < scopeA) return scopeB < scope;
  // Rule 3: avoid deprecated addresses.
  if (a.deprecated !== b.deprecated) return b.deprecated;
  // Rule 5: prefer outgoing interface.
  const onInterface = a.interfaceIndex === interfaceIndex;
  if (onInterface !== (b.interfaceIndex === interfaceIndex)) return onInterface;
  if (destination.family === 4) return subnetMatch(a, nextHop) > subnetMatch(b, nextHop);
  // Rule 6: prefer matching label.
  const label = policyOf(destination).label;
  const matches = policyOf(a.address).label === label;
  if (matches !== (policyOf(b.address).label === label)) return matches;
  // Rule 7: prefer temporary addresses.
  if (a.temporary !== b.temporary) return a.temporary;
  // Rule 8: use longest matching prefix.
  return sharedPrefix(a, destination) > sharedPrefix(b, destination);
}

/** The length of the candidate's prefix if `address` lies within it, else 0. */
function subnetMatch(candidate: SourceCandidate, address: IpAddress): number {
  return candidate.address.samePrefix(address, candidate.prefixLength) ? candidate.prefixLength : 0;
}

/** §2.2: CommonPrefixLen(S, D), at most the length of S's prefix. */
function sharedPrefix(candidate: SourceCandidate, destination: IpAddress): number {
  return Math.min(candidate.address.commonPrefix(destination), candidate.prefixLength);
}

/**
 * §6: the destinations, the best first. `sourceFor` answers what `chooseSource` would choose for one,
 * undefined when it cannot be reached at all.
 */
export function orderDestinations(
  destinations: readonly IpAddress[],
  sourceFor: (destination: IpAddress) => SourceCandidate | undefined,
): IpAddress[] {
  const pairs = destinations.map(destination => ({ destination, source: sourceFor(destination) }));
  // Rule 10: otherwise leave the order unchanged; sorting is stable.
  return pairs.sort(compareDestinations).map(pair => pair.destination);
}

interface Pair {
  readonly destination: IpAddress;
  readonly source: SourceCandidate | undefined;
}

function compareDestinations(a: Pair, b: Pair): number {
  // Rule 1: avoid unusable destinations.
  if (a.source === undefined || b.source === undefined) {
    return (a.source === undefined ? 1 : 0) - (b.source === undefined ? 1 : 0);
  }
  const scopeA = scopeOf(a.destination);
  const scopeB = scopeOf(b.destination);
  const policyA = policyOf(a.destination);
  const policyB = policyOf(b.destination);
  return (
    // Rule 2: prefer matching scope.
    first(scopeA === scopeOf(a.source.address), scopeB === scopeOf(b.source.address)) ||
    // Rule 3: avoid deprecated addresses.
    first(!a.source.deprecated, !b.source.deprecated) ||
    // Rule 5: prefer matching label.
    first(
      policyOf(a.source.address).label === policyA.label,
      policyOf(b.source.address).label === policyB.label,
    ) ||
    // Rule 6: prefer higher precedence.
    policyB.precedence - policyA.precedence ||
    // Rule 8: prefer smaller scope.
    scopeA - scopeB ||
    // Rule 9: use longest matching prefix, within one family.
    (a.destination.family === b.destination.family
      ? sharedPrefix(b.source, b.destination) - sharedPrefix(a.source, a.destination)
      : 0)
  );
}

/** Negative when only `a` holds, positive when only `b` does. */
function first(a: boolean, b: boolean): number {
  return (b ? 1 : 0) - (a ? 1 : 0);
}

const LINK_LOCAL = 0x2;
const SITE_LOCAL = 0x5;
const GLOBAL = 0xe;

/** §3.1 and §3.2: loopback counts as link-local; private IPv4 addresses count as global. */
function scopeOf(address: IpAddress): number {
  if (address.family === 6 && address.isMulticast) return (address.w0 >>> 16) & 0xf;
  if (address.isLoopback || address.isLinkLocal) return LINK_LOCAL;
  if (address.family === 6 && address.w0 >>> 22 === 0x3fb) return SITE_LOCAL;
  return GLOBAL;
}

interface Policy {
  readonly prefix: IpAddress;
  readonly length: number;
  readonly precedence: number;
  readonly label: number;
}

function policy(prefix: string, length: number, precedence: number, label: number): Policy {
  return { prefix: ip(prefix), length, precedence, label };
}

/** §2.1: the default policy table, the longest prefixes first. */
const POLICIES: readonly Policy[] = [
  policy("::1", 128, 50, 0),
  policy("::", 96, 1, 3),
  policy("2001::", 32, 5, 5),
  policy("2002::", 16, 30, 2),
  policy("3ffe::", 16, 1, 12),
  policy("fec0::", 10, 1, 11),
  policy("fc00::", 7, 3, 13),
];
/** ::ffff:0:0/96 stands for IPv4. */
const POLICY_V4 = policy("::ffff:0:0", 96, 35, 4);
const POLICY_ANY = policy("::", 0, 40, 1);

function policyOf(address: IpAddress): Policy {
  if (address.family === 4 || address.isMappedV4) return POLICY_V4;
  return POLICIES.find(entry => address.samePrefix(entry.prefix, entry.length)) ?? POLICY_ANY;
}
