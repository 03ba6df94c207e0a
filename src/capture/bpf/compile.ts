/**
 * The compiler of the tcpdump filter language (pcap-filter(7)) to classic BPF.
 *
 * Names of hosts and networks are not looked up (those of ports and protocols: service-names), and what is
 * about links that we do not read is refused by name (refused-words), as are addresses of DECnet. As in
 * libpcap, IPv6 extension headers are not looked behind, but for the fragment header and by `protochain`; and
 * `vlan`, `mpls`, `pppoes` and `geneve` move the offsets of all that follows them in the text.
 *
 * Unlike libpcap,
 * - `ip[0] + tcp[0]` holds only where both protocols are there: libpcap forgets the second;
 * - `inbound`, `outbound` and `ifname` ask the capture, whatever the link, where it knows: `circumstances`;
 * - `protochain` works within tunnels, and keywords need no backslash behind `proto`;
 * - OSI, STP, IPX and AppleTalk behind LLC are found on Linux cooked links where they are.
 */
import {
  type Circumstances,
  INTERFACE_AT,
  NOTHING_KNOWN,
  PACKET_OUTGOING,
  PACKET_TO_HOST,
  PACKET_TYPE_AT,
} from "./circumstances.ts";
import { type FilterFault, faultText } from "./filter-fault.ts";
import { generate } from "./generator.ts";
import { type BpfInstruction, CLASS, CLASS_MASK } from "./instruction.ts";
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
  readonly #interfaceNames: readonly string[];
  readonly #asksDirection: boolean;
  readonly #asksInterface: boolean;

  constructor(machine: BpfMachine, interfaceNames: readonly string[]) {
    this.#machine = machine;
    this.#interfaceNames = interfaceNames;
    const loads = (offset: number): boolean =>
      machine.program.some(({ code, k }) => k === offset && (code & CLASS_MASK) === CLASS.ld);
    this.#asksDirection = loads(PACKET_TYPE_AT);
    this.#asksInterface = loads(INTERFACE_AT);
  }

  /** For a kernel, or to be shown. */
  get program(): readonly BpfInstruction[] {
    return this.#machine.program;
  }

  /** Whether it asks for something of a packet that is not known. */
  asksBeyond({ direction, interfaceName }: Circumstances): boolean {
    return (
      (direction === undefined && this.#asksDirection) || (interfaceName === undefined && this.#asksInterface)
    );
  }

  /**
   * Whether the packet `bytes[start, end)` matches; `length` is what it had on the wire. A filter that asks
   * for what is not known of it (`circumstances`) does not match.
   */
  matches(
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    length = end - start,
    known: Circumstances = NOTHING_KNOWN,
  ): boolean {
    if (known === NOTHING_KNOWN) return this.#machine.run(bytes, start, end, length) !== 0;
    const { direction, interfaceName } = known;
    const outgoing = direction === "out" ? PACKET_OUTGOING : PACKET_TO_HOST;
    const packetType = direction === undefined ? undefined : outgoing;
    const interfaceNumber =
      interfaceName === undefined ? undefined : this.#interfaceNames.indexOf(interfaceName) + 1;
    return this.#machine.run(bytes, start, end, length, { packetType, interfaceNumber }) !== 0;
  }
}

export interface FilterOptions {
  /** Of the network that is looked at, for `ip broadcast`; else only 255.255.255.255 and 0.0.0.0 are. */
  readonly netmask?: number;
}

/** Compiles a filter for packets of a link type. An empty one matches all. */
export function compileFilter(
  text: string,
  linkType: number,
  { netmask = 0 }: FilterOptions = {},
): CompiledFilter {
  const link = LinkLayout.of(linkType);
  if (link === undefined) return failed({ kind: "no-link-filters", linkType }, 0);
  try {
    const { condition, interfaceNames } = parseFilter(tokensOf(text), link, netmask);
    const program = generate(condition);
    const machine = typeof program === "string" ? program : BpfMachine.load(program);
    if (typeof machine === "string") return failed({ kind: "bad-program", text: machine }, 0);
    return { ok: true, filter: new PacketFilter(machine, interfaceNames) };
  } catch (error) {
    if (error instanceof FilterError) return failed(error.fault, error.at);
    throw error;
  }
}

function failed(fault: FilterFault, at: number): CompiledFilter {
  return { ok: false, problem: { fault, message: faultText(fault), at } };
}
