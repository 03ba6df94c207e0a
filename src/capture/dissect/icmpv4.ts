/** ICMP: RFC 792; path MTU RFC 1191, router discovery RFC 1256. */
import { type Layer, named } from "./field-tree.ts";
import { addChecksum, type IpScope, MAX_DEPTH } from "./ip-scope.ts";

const TYPES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
  17: "address mask request",
  18: "address mask reply",
};

const CODES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  3: {
    0: "network",
    1: "host",
    2: "protocol",
    3: "port",
    4: "fragmentation needed",
    5: "source route failed",
    6: "network unknown",
    7: "host unknown",
    9: "network prohibited",
    10: "host prohibited",
    13: "filtered",
  },
  5: { 0: "network", 1: "host", 2: "network and type of service", 3: "host and type of service" },
  11: { 0: "in transit", 1: "in reassembly" },
  12: { 0: "at the pointer", 1: "option missing", 2: "bad length" },
};

const FRAGMENTATION_NEEDED = 4;

/** The message at `into.at` that reaches to `end`. */
export function dissectIcmpv4(into: Layer, end: number, scope: IpScope): void {
  const start = into.at;
  into.layer(
    "ICMP",
    "icmp",
    end - start,
    layer => {
      const type = layer.uint8("Type", "type", named(TYPES));
      const code = layer.uint8("Code", "code", named(CODES[type] ?? {}));
      addChecksum(layer, scope, undefined, start, scope.end);
      layer.describe(TYPES[type] ?? `type ${type}`);
      body(layer, type, code, scope);
    },
    end,
  );
}

function body(layer: Layer, type: number, code: number, scope: IpScope): void {
  switch (type) {
    case 0:
    case 8:
      layer.uint16("Identifier", "ident");
      layer.uint16("Sequence number", "seq");
      layer.data("Data", "data", layer.left);
      break;
    case 3:
      layer.uint16("Unused", "unused");
      // RFC 1191 §4; with other codes these are unused too.
      if (code === FRAGMENTATION_NEEDED) layer.uint16("Next-hop MTU", "mtu");
      else layer.uint16("Unused", "unused");
      quote(layer, scope);
      break;
    case 4:
    case 11:
      layer.uint32("Unused", "unused");
      quote(layer, scope);
      break;
    case 5:
      layer.address("Gateway", "gateway", 4);
      quote(layer, scope);
      break;
    case 9:
      advertisement(layer);
      break;
    case 12:
      layer.uint8("Pointer", "pointer");
      layer.data("Unused", "unused", 3);
      quote(layer, scope);
      break;
    case 13:
    case 14:
      layer.uint16("Identifier", "ident");
      layer.uint16("Sequence number", "seq");
      for (const name of ["Originate", "Receive", "Transmit"]) {
        layer.uint32(`${name} timestamp`, `${name.toLowerCase()}_timestamp`, time => `${time} ms`);
      }
      return;
    case 17:
    case 18:
      layer.uint16("Identifier", "ident");
      layer.uint16("Sequence number", "seq");
      layer.address("Address mask", "mask", 4);
      return;
    default:
      layer.data("Data", "data", layer.left);
  }
}

/** RFC 1256 §3. */
function advertisement(layer: Layer): void {
  const count = layer.uint8("Number of addresses", "num_addrs");
  const words = layer.uint8("Address entry size", "addr_entry_size");
  layer.uint16("Lifetime", "lifetime", seconds => `${seconds} s`);
  for (let i = 0; i < count && words === 2 && layer.left >= 8; i++) {
    layer.address("Router", "router", 4);
    layer.uint32("Preference", "pref_level", level => String(level | 0));
  }
}

/** The packet that the message is about, as far as it was sent along. */
export function quote(layer: Layer, scope: IpScope): void {
  if (layer.short || layer.left === 0) return;
  if (scope.depth >= MAX_DEPTH) {
    layer.data("Quoted packet", "quote", layer.left);
    return;
  }
  layer.packet("Quoted packet", "quote", layer.left, inner => {
    scope.dissectIp(inner, inner.end, scope.depth + 1, true);
  });
}
