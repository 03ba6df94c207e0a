/** ICMPv6: RFC 4443; neighbor discovery RFC 4861 §4; multicast listeners RFC 2710, RFC 3810. */
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type BitField, hexText, type Layer, named, yesNo } from "./field-tree.ts";
import { quote } from "./icmpv4.ts";
import { addChecksum, type IpScope } from "./ip-scope.ts";
import { dissectNdpOptions } from "./ndp-options.ts";

const TYPES: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbor solicitation",
  136: "neighbor advertisement",
  137: "redirect",
  143: "multicast listener report v2",
};

const CODES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    0: "no route",
    1: "prohibited",
    2: "beyond scope of source",
    3: "address",
    4: "port",
    5: "source address policy",
    6: "route rejected",
  },
  3: { 0: "in transit", 1: "in reassembly" },
  4: { 0: "erroneous header", 1: "unknown next header", 2: "unknown option", 3: "incomplete header chain" },
};

const RA_BITS: readonly BitField[] = [
  { mask: 0x80, name: "Managed addresses", abbreviation: "nd.ra.flag.m", show: yesNo },
  { mask: 0x40, name: "Other configuration", abbreviation: "nd.ra.flag.o", show: yesNo },
  { mask: 0x20, name: "Home agent", abbreviation: "nd.ra.flag.h", show: yesNo },
  {
    mask: 0x18,
    name: "Preference",
    abbreviation: "nd.ra.flag.prf",
    show: named({ 0: "medium", 1: "high", 3: "low" }),
  },
  { mask: 0x07, name: "Reserved", abbreviation: "nd.ra.flag.rsv" },
];

const NA_BITS: readonly BitField[] = [
  { mask: 0x8000_0000 | 0, name: "Router", abbreviation: "nd.na.flag.r", show: yesNo },
  { mask: 0x4000_0000, name: "Solicited", abbreviation: "nd.na.flag.s", show: yesNo },
  { mask: 0x2000_0000, name: "Override", abbreviation: "nd.na.flag.o", show: yesNo },
  { mask: 0x1fff_ffff, name: "Reserved", abbreviation: "nd.na.flag.rsv" },
];

/** The message at `into.at` that reaches to `end`. */
export function dissectIcmpv6(into: Layer, end: number, scope: IpScope): void {
  const start = into.at;
  into.layer(
    "ICMPv6",
    "icmpv6",
    end - start,
    layer => {
      const type = layer.uint8("Type", "type", named(TYPES));
      layer.uint8("Code", "code", named(CODES[type] ?? {}));
      addChecksum(layer, scope, IP_PROTOCOL.icmpv6, start, scope.end);
      layer.describe(TYPES[type] ?? `type ${type}`);
      body(layer, type, scope);
    },
    end,
  );
}

function body(layer: Layer, type: number, scope: IpScope): void {
  switch (type) {
    case 1:
    case 3:
      layer.uint32("Unused", "unused");
      quote(layer, scope);
      break;
    case 2:
      layer.uint32("MTU", "mtu");
      quote(layer, scope);
      break;
    case 4:
      layer.uint32("Pointer", "pointer");
      quote(layer, scope);
      break;
    case 128:
    case 129:
      layer.uint16("Identifier", "echo.identifier");
      layer.uint16("Sequence number", "echo.sequence_number");
      layer.data("Data", "echo.data", layer.left);
      break;
    case 130:
    case 131:
    case 132:
      listener(layer, type);
      break;
    case 143:
      listenerReport(layer);
      break;
    default:
      neighbor(layer, type);
      break;
  }
}

function neighbor(layer: Layer, type: number): void {
  switch (type) {
    case 133:
      layer.uint32("Reserved", "reserved");
      dissectNdpOptions(layer);
      break;
    case 134:
      layer.uint8("Current hop limit", "nd.ra.cur_hop_limit");
      layer.uint8("Flags", "nd.ra.flag", value => hexText(value, 2), RA_BITS);
      layer.uint16("Router lifetime", "nd.ra.router_lifetime", seconds => `${seconds} s`);
      layer.uint32("Reachable time", "nd.ra.reachable_time", time => `${time} ms`);
      layer.uint32("Retransmission timer", "nd.ra.retrans_timer", time => `${time} ms`);
      dissectNdpOptions(layer);
      break;
    case 135:
      layer.uint32("Reserved", "reserved");
      layer.address("Target", "nd.ns.target_address", 6);
      dissectNdpOptions(layer);
      break;
    case 136:
      layer.uint32("Flags", "nd.na.flag", value => hexText(value, 8), NA_BITS);
      layer.address("Target", "nd.na.target_address", 6);
      dissectNdpOptions(layer);
      break;
    case 137:
      layer.uint32("Reserved", "reserved");
      layer.address("Target", "nd.rd.target_address", 6);
      layer.address("Destination", "rd.na.destination_address", 6);
      dissectNdpOptions(layer);
      break;
    default:
      layer.data("Data", "data", layer.left);
      break;
  }
}

/** RFC 2710 §3; a query that is longer is of version 2 (RFC 3810 §5.1). */
function listener(layer: Layer, type: number): void {
  layer.uint16("Maximum response delay", "mld.maximum_response_delay");
  layer.uint16("Reserved", "reserved");
  layer.address("Group", "mld.multicast_address", 6);
  if (type !== 130 || layer.left === 0) return;
  layer.uint8("Flags", "mld.flag", value => hexText(value, 2), [
    { mask: 0xf0, name: "Reserved", abbreviation: "mld.flag.reserved" },
    { mask: 0x08, name: "Suppress", abbreviation: "mld.flag.s", show: yesNo },
    { mask: 0x07, name: "Robustness", abbreviation: "mld.flag.qrv" },
  ]);
  layer.uint8("Query interval code", "mld.qqi");
  const sources = layer.uint16("Number of sources", "mld.nb_sources");
  for (let i = 0; i < sources && layer.left >= 16; i++) layer.address("Source", "mld.source_address", 6);
}

const RECORD_TYPES: Readonly<Record<number, string>> = {
  1: "is include",
  2: "is exclude",
  3: "to include",
  4: "to exclude",
  5: "allow new sources",
  6: "block old sources",
};

/** RFC 3810 §5.2. */
function listenerReport(layer: Layer): void {
  layer.uint16("Reserved", "reserved");
  const records = layer.uint16("Number of records", "mldr.nb_mcast_records");
  for (let i = 0; i < records && layer.left >= 20; i++) {
    const { bytes, at } = layer;
    const sources = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    const auxiliary = 4 * (bytes[at + 1] as number);
    layer.part("Record", "mldr.mar", 20 + 16 * sources + auxiliary, record => {
      record.uint8("Type", "record_type", named(RECORD_TYPES));
      record.uint8("Auxiliary data length", "aux_data_len");
      record.uint16("Number of sources", "nb_sources");
      record.describe(record.address("Group", "multicast_address", 6).toString());
      for (let j = 0; j < sources && record.left >= 16; j++) record.address("Source", "source_address", 6);
    });
  }
}
