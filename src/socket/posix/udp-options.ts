/** The options of SOL_UDP: Linux's net/ipv4/udp.c, udp_lib_setsockopt. */
import * as name from "./option-names.ts";
import { between, FLAG, type OptionTable, type SocketOption } from "./option-table.ts";

export const UDP_OPTIONS_TABLE: OptionTable = new Map<number, SocketOption>([
  [name.UDP_CORK, FLAG],
  [name.UDP_SEGMENT, { kind: "int", check: between(0, 0xffff) }],
  [name.UDP_GRO, FLAG],
]);
