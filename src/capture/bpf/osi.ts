/** OSI's protocols and the packets of IS-IS in the filter language: ISO/IEC TR 9577, ISO/IEC 10589 §9. */
import { SAP_OSI } from "./carriage.ts";
import { both, type Condition, either } from "./condition.ts";
import { known } from "./known-name.ts";
import type { LinkLayout } from "./link-layout.ts";
import { behind, byteIs, type Place } from "./place.ts";

const ISIS = 0x83;
/** By network layer protocol identifier. */
export const OSI_PROTOCOLS: Readonly<Record<string, number>> = {
  clnp: 0x81,
  esis: 0x82,
  "es-is": 0x82,
  isis: ISIS,
  "is-is": ISIS,
};

/** PDU types of IS-IS: of level 1, of level 2, of both. */
const HELLO = [15, 16, 17] as const;
const LINK_STATE = [18, 20] as const;
const COMPLETE_NUMBERS = [24, 25] as const;
const PARTIAL_NUMBERS = [26, 27] as const;

const ISIS_PACKETS: Readonly<Record<string, readonly number[]>> = {
  l1: [HELLO[0], HELLO[2], LINK_STATE[0], COMPLETE_NUMBERS[0], PARTIAL_NUMBERS[0]],
  l2: [HELLO[1], HELLO[2], LINK_STATE[1], COMPLETE_NUMBERS[1], PARTIAL_NUMBERS[1]],
  iih: HELLO,
  lsp: LINK_STATE,
  snp: [...COMPLETE_NUMBERS, ...PARTIAL_NUMBERS],
  csnp: COMPLETE_NUMBERS,
  psnp: PARTIAL_NUMBERS,
};

const LLC_LENGTH = 3;
const TYPE_OFFSET = 4;

/** `clnp`, `isis`, `csnp` and the like. Undefined: the word is none of them. */
export function osiWord(link: LinkLayout, word: string): Condition | undefined {
  const protocol = known(OSI_PROTOCOLS, word);
  if (protocol !== undefined) return isOsi(link, protocol);
  const types = known(ISIS_PACKETS, word);
  if (types === undefined) return undefined;
  return both(isOsi(link, ISIS), either(...types.map(type => byteIs(packet(link), TYPE_OFFSET, type))));
}

export function isOsi(link: LinkLayout, protocol: number): Condition {
  return both(link.carries(SAP_OSI), byteIs(packet(link), 0, protocol));
}

/** PPP carries it without LLC. */
function packet({ kind, payload }: LinkLayout): Place {
  return behind(payload, kind === "ppp" ? 0 : LLC_LENGTH);
}
