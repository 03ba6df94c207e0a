/**
 * The compiler of the tcpdump filter language (pcap-filter(7)) to classic BPF.
 *
 * Not there: names of hosts and networks (nothing is looked up; those of ports and protocols: service-names),
 * `protochain`, `gateway`, `inbound`, `mpls`, `pppoes`, `geneve`, LLC and what it carries, wireless LANs, and
 * `ip broadcast`, which needs a netmask. As in libpcap, IPv6 extension headers are not looked
 * behind, but for the fragment header; and `vlan` moves the offsets of all that follows it in the text.
 * Unlike libpcap, `ip[0] + tcp[0]` holds only where both protocols are there: libpcap forgets the second.
 */
import { type FilterFault, faultText } from "./filter-fault.ts";
import { generate } from "./generator.ts";
import type { BpfInstruction } from "./instruction.ts";
import { LinkLayout } from "./link-layout.ts";
import { BpfMachine } from "./machine.ts";
import { parseFilter } from "./parser.ts";
import { FilterError, tokensOf } from "./tokens.ts";

/** What is wrong with a filter, and at which character. */
export interface FilterProblem {
  readonly fault: FilterFault;
  /** The same in English. */
  readonly message: string;
  readonly at: number;
}

export type CompiledFilter =
  | { readonly ok: true; readonly filter: PacketFilter }
  | { readonly ok: false; readonly problem: FilterProblem };

/** Says which packets of one link type match. */
export class PacketFilter {
  readonly #machine: BpfMachine;

  constructor(machine: BpfMachine) {
    this.#machine = machine;
  }

  /** For a kernel, or to be shown. */
  get program(): readonly BpfInstruction[] {
    return this.#machine.program;
  }

  /** Whether the packet `bytes[start, end)` matches; `length` is what it had on the wire. */
  matches(bytes: Uint8Array, start = 0, end = bytes.length, length = end - start): boolean {
    return this.#machine.run(bytes, start, end, length) !== 0;
  }
}

/** Compiles a filter for packets of a link type. An empty one matches all. */
export function compileFilter(text: string, linkType: number): CompiledFilter {
  const link = LinkLayout.of(linkType);
  if (link === undefined) return failed({ kind: "no-link-filters", linkType }, 0);
  try {
    const program = generate(parseFilter(tokensOf(text), link));
    const machine = typeof program === "string" ? program : BpfMachine.load(program);
    return typeof machine === "string"
      ? failed({ kind: "bad-program", text: machine }, 0)
      : { ok: true, filter: new PacketFilter(machine) };
  } catch (error) {
    if (error instanceof FilterError) return failed(error.fault, error.at);
    throw error;
  }
}

function failed(fault: FilterFault, at: number): CompiledFilter {
  return { ok: false, problem: { fault, message: faultText(fault), at } };
}
