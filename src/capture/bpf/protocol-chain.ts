/**
 * `protochain`: the headers behind an IP header, one after the other, until one is of the protocol. IPv6:
 * RFC 8200 §4; the authentication header, which IPv4 may have too: RFC 4302 §2.
 *
 * A program has no loops (kernels refuse them): the search is written out, and ends behind so many headers.
 * Unlike libpcap's, it goes on behind the end of an authentication header, not at its length.
 */
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import { type Arithmetic, add, both, type Condition, constant, either, equals, keep } from "./condition.ts";
import { ALU, MEMORY_WORDS } from "./instruction.ts";
import type { LinkLayout } from "./link-layout.ts";
import { distance, ipv4HeaderLength, loadAt, place } from "./place.ts";

const MOST_HEADERS = 16;
const IPV6_LENGTH = 40;

/** Where the next header is, and of what protocol: the last words, for tunnels keep the first. */
const AT = { kind: "kept", word: MEMORY_WORDS - 2 } as const;
const NEXT = { kind: "kept", word: MEMORY_WORDS - 1 } as const;

/** Extension headers, in units of eight bytes behind the first; the fragment header's byte is 0. */
const EXTENSIONS: readonly number[] = [
  IP_PROTOCOL.hopByHop,
  IP_PROTOCOL.destinationOptions,
  IP_PROTOCOL.routing,
  IP_PROTOCOL.fragment,
];

export function chainHas(link: LinkLayout, family: 4 | 6, protocol: number): Condition {
  const { network } = link;
  const length = family === 4 ? ipv4HeaderLength(network) : constant(IPV6_LENGTH);
  return both(
    link.carries(family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6),
    keep(AT.word, add(length, distance(network))),
    keep(NEXT.word, loadAt(network, family === 4 ? 9 : 6, 1)),
    isHere(family, protocol, MOST_HEADERS),
  );
}

/** Whether the next header is of the protocol, or one of the `left` behind it. */
function isHere(family: 4 | 6, protocol: number, left: number): Condition {
  const isThat = equals(NEXT, protocol);
  if (left === 0) return isThat;
  const isAuthentication = both(equals(NEXT, IP_PROTOCOL.ah), ...passed(2, 4));
  const isExtension = both(either(...EXTENSIONS.map(number => equals(NEXT, number))), ...passed(1, 8));
  const goesOn = family === 4 ? isAuthentication : either(isAuthentication, isExtension);
  return either(isThat, both(goesOn, isHere(family, protocol, left - 1)));
}

/** The header is left behind: its second byte counts units, but for so many. */
function passed(more: number, unit: number): readonly Condition[] {
  const header = place(0, AT);
  const units = add(loadAt(header, 1, 1), constant(more));
  const length: Arithmetic = {
    kind: "operation",
    operation: ALU.mul,
    left: units,
    right: constant(unit),
  };
  return [keep(NEXT.word, loadAt(header, 0, 1)), keep(AT.word, add(length, AT))];
}
