/**
 * Geneve tunnels in the filter language: RFC 8926 §3. What the tunnel carries begins behind options: where is
 * found while the filter runs, and kept for all that follows in the text.
 */
import { ETHER_TYPE, IP_PROTOCOL } from "../../wire/protocol.ts";
import {
  ALWAYS,
  type Arithmetic,
  add,
  both,
  type Condition,
  compare,
  constant,
  either,
  equals,
  FIRST_KEPT,
  keep,
  maskedEquals,
} from "./condition.ts";
import { ALU } from "./instruction.ts";
import type { LinkLayout } from "./link-layout.ts";
import { behind, byteIs, distance, ipv4HeaderLength, isFirstFragment, loadAt, place } from "./place.ts";

const PORT = 6081;
const UDP_LENGTH = 8;
const IPV6_LENGTH = 40;
const FIXED_LENGTH = 8;
const VERSION_MASK = 0xc0;
const OPTION_WORDS_MASK = 0x3f;
/** RFC 8926 §3.4: an Ethernet frame is in the tunnel. */
const BRIDGED = 0x6558;
const ETHERNET_LENGTH = 14;

/** The words that a tunnel keeps: where the inner link layer, its type and its payload are. */
const KEPT_WORDS = 3;
export const MOST_TUNNELS = 2;

/** Whether it is a packet of Geneve; from here on, what it carries is meant. `depth`: it is in so many. */
export function enterGeneve(link: LinkLayout, network: number | undefined, depth: number): Condition {
  const first = FIRST_KEPT + depth * KEPT_WORDS;
  const inner = { kind: "kept", word: first } as const;
  const type = { kind: "kept", word: first + 1 } as const;
  const payload = { kind: "kept", word: first + 2 } as const;
  // Until the inner packet is found, its word has the place of Geneve's header.
  const isGeneve = both(either(isOverIpv4(link, first), isOverIpv6(link, first)), isVersion0(inner, network));
  const isBridged = equals(loadAt(place(0, inner), 2, 2), BRIDGED);
  const innerIsFound = keep(first, add(inner, headerLength(inner)));
  link.enterTunnel(place(0, inner), place(0, type), place(0, payload), compare(payload, "!=", inner));
  return both(
    isGeneve,
    either(
      both(
        isBridged,
        innerIsFound,
        keep(type.word, add(inner, constant(ETHERNET_LENGTH - 2))),
        keep(payload.word, add(inner, constant(ETHERNET_LENGTH))),
      ),
      both(keep(type.word, add(inner, constant(2))), innerIsFound, keep(payload.word, inner)),
    ),
  );
}

function headerLength(header: Arithmetic): Arithmetic {
  const words: Arithmetic = {
    kind: "operation",
    operation: ALU.and,
    left: loadAt(place(0, header), 0, 1),
    right: constant(OPTION_WORDS_MASK),
  };
  const options: Arithmetic = { kind: "operation", operation: ALU.lsh, left: words, right: constant(2) };
  return add(options, constant(FIXED_LENGTH));
}

function isVersion0(header: Arithmetic, network: number | undefined): Condition {
  const at = place(0, header);
  const isThat =
    network === undefined ? ALWAYS : maskedEquals(loadAt(at, 4, 4), 0xffff_ff00, network * 0x100);
  return both(maskedEquals(loadAt(at, 0, 1), VERSION_MASK, 0), isThat);
}

function isOverIpv4(link: LinkLayout, word: number): Condition {
  const { network } = link;
  const udp = add(ipv4HeaderLength(network), distance(network));
  return both(
    link.carries(ETHER_TYPE.ipv4),
    byteIs(network, 9, IP_PROTOCOL.udp),
    isFirstFragment(network),
    equals(loadAt(place(0, udp), 2, 2), PORT),
    keep(word, add(udp, constant(UDP_LENGTH))),
  );
}

function isOverIpv6(link: LinkLayout, word: number): Condition {
  const udp = behind(link.network, IPV6_LENGTH);
  return both(
    link.carries(ETHER_TYPE.ipv6),
    byteIs(link.network, 6, IP_PROTOCOL.udp),
    equals(loadAt(udp, 2, 2), PORT),
    keep(word, distance(behind(udp, UDP_LENGTH))),
  );
}
