/**
 * Words of pcap-filter(7) that mean nothing on any link that we know, or that need what a filter does not do:
 * they are refused by name.
 */
import type { FilterFault } from "./filter-fault.ts";

type Subject = Extract<FilterFault, { kind: "foreign-word" }>["subject"];

const SUBJECTS: Readonly<Record<Subject, readonly string[]>> = {
  "wireless LANs": [
    ...["type", "subtype", "dir", "direction", "ra", "ta", "radio"],
    ...["addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3", "address4"],
  ],
  ATM: [
    ...["vpi", "vci", "lane", "oam", "oamf4", "oamf4s", "oamf4e", "oamf4ec", "oamf4sc"],
    ...["metac", "bcc", "sc", "ilmic", "connectmsg", "metaconnect"],
  ],
  pf: ["rset", "ruleset", "rnr", "rulenum", "srnr", "subrulenum", "reason", "action"],
  SS7: [
    ...["fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu"],
    ...["sio", "opc", "dpc", "sls", "hsio", "hopc", "hdpc", "hsls"],
  ],
};

/** Why a word is refused; undefined: it is not. */
export function refusedAs(word: string): FilterFault | undefined {
  if (word === "gateway") return { kind: "no-gateway" };
  for (const [subject, words] of Object.entries(SUBJECTS)) {
    if (words.includes(word)) return { kind: "foreign-word", text: word, subject: subject as Subject };
  }
  return undefined;
}
