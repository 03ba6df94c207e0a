/** What a script runs with: the defaults, changed by its own options, changed by the caller. */
import { type IpAddress, ip, parseIpAddress } from "../wire/address.ts";
import { ScriptFailure } from "./failure.ts";
import type { Script, ScriptOption } from "./script.ts";

/** `mapped`: IPv4 on the wire, and AF_INET6 sockets with IPv4-mapped addresses. */
export type AddressMode = "ipv4" | "ipv6" | "mapped";

export interface Settings {
  readonly mode: AddressMode;
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  readonly bindPort: number;
  readonly connectPort: number;
  readonly mtu: number;
  /**
   * How far a time may be off: the larger of the two, in µs and in percent of the time that was waited for.
   */
  readonly toleranceUsecs: number;
  readonly tolerancePercent: number;
  /** Segments are not put together again before they are compared. */
  readonly strictSegments: boolean;
  /** How long one tick of the timestamps is, in µs; 0: their values are not compared. */
  readonly timestampTick: number;
  /** Timestamp echoes that were never seen are computed from the first that was. */
  readonly scaledEcho: boolean;
  /** Arriving packets are marked as merged from segments of this size; 0: as single segments. */
  readonly segmentSize: number;
  /** Mismatches of packets, or of system calls, are only warned of. */
  readonly nonFatalPackets: boolean;
  readonly nonFatalCalls: boolean;
}

interface Changes {
  mode?: AddressMode;
  localAddress?: IpAddress;
  remoteAddress?: IpAddress;
  bindPort?: number;
  connectPort?: number;
  mtu?: number;
  toleranceUsecs?: number;
  tolerancePercent?: number;
  strictSegments?: boolean;
  timestampTick?: number;
  scaledEcho?: boolean;
  segmentSize?: number;
  nonFatalPackets?: boolean;
  nonFatalCalls?: boolean;
}

const IPV4_PLAN = { localAddress: ip("192.168.0.1"), remoteAddress: ip("192.0.2.1"), mtu: 1_500 };
/**
 * The larger MTU makes up for the larger header, so that scripts find the MSS of 1460 they are written for.
 */
const IPV6_PLAN = {
  localAddress: ip("fd3d:a0b:17d6::1"),
  remoteAddress: ip("fd3d:fa7b:d17d::1"),
  mtu: 1_520,
};

function planOf(mode: AddressMode): typeof IPV4_PLAN {
  return mode === "ipv6" ? IPV6_PLAN : IPV4_PLAN;
}

const DEFAULTS: Omit<Settings, "mode" | "localAddress" | "remoteAddress" | "mtu"> = {
  bindPort: 8_080,
  connectPort: 8_080,
  toleranceUsecs: 4_000,
  tolerancePercent: 12.5,
  strictSegments: false,
  timestampTick: 0,
  scaledEcho: false,
  segmentSize: 0,
  nonFatalPackets: false,
  nonFatalCalls: false,
};

/**
 * @param mode The caller's choice; it takes the addresses and the MTU along, whatever the script's options
 * say.
 */
export function settingsFor(script: Script, mode: AddressMode | undefined): Settings {
  const changes: Changes = {};
  for (const option of script.options) applyOption(option, changes);
  if (mode !== undefined) return { ...DEFAULTS, ...changes, mode, ...planOf(mode) };
  const chosen = changes.mode ?? "ipv4";
  const settings = { ...DEFAULTS, mode: chosen, ...planOf(chosen), ...changes };
  const family = chosen === "ipv6" ? 6 : 4;
  for (const address of [settings.localAddress, settings.remoteAddress]) {
    if (address.family !== family) {
      throw new ScriptFailure("syntax", { line: 1, column: 1 }, `${address} is no address of ${chosen}`);
    }
  }
  return settings;
}

/** The words that the test suites of packetdrill expect to be defined. */
export function definesFor(mode: AddressMode): Map<string, string> {
  const v6Sockets = mode !== "ipv4";
  const defines = new Map([
    ["TFO_COOKIE", mode === "ipv6" ? "c1d1e9742a47a9bc" : "3021b9d889017eeb"],
    ["CMSG_LEVEL_IP", v6Sockets ? "SOL_IPV6" : "SOL_IP"],
    ["CMSG_TYPE_RECVERR", v6Sockets ? "IPV6_RECVERR" : "IP_RECVERR"],
  ]);
  if (mode !== "ipv6") defines.set("CODE", "host_unreachable");
  return defines;
}

/** Known, and without meaning here: how the real tool reaches a kernel, and how much it prints. */
const WITHOUT_MEANING = new Set([
  "define",
  "gateway_ip",
  "netmask_ip",
  "speed",
  "init_scripts",
  "code_command",
  "code_format",
  "code_sockopt",
  "is_anyip",
  "send_omit_free",
  "dry_run",
  "verbose",
  "debug",
  "psp_udp_port",
]);

function applyOption(option: ScriptOption, changes: Changes): void {
  const { name } = option;
  switch (name) {
    case "ip_version":
      changes.mode = modeOf(option);
      return;
    case "local_ip":
      changes.localAddress = addressOf(option);
      return;
    case "remote_ip":
      changes.remoteAddress = addressOf(option);
      return;
    case "bind_port":
      changes.bindPort = numberOf(option);
      return;
    case "connect_port":
      changes.connectPort = numberOf(option);
      return;
    case "mtu":
      changes.mtu = numberOf(option);
      return;
    case "mss":
      changes.segmentSize = numberOf(option);
      return;
    case "tolerance_usecs":
      changes.toleranceUsecs = numberOf(option);
      return;
    case "tolerance_percent":
      changes.tolerancePercent = numberOf(option);
      return;
    case "tcp_ts_tick_usecs":
      changes.timestampTick = numberOf(option);
      return;
    case "tcp_ts_ecr_scaled":
      changes.scaledEcho = true;
      return;
    case "strict_segments":
      changes.strictSegments = true;
      return;
    case "non_fatal":
      changes.nonFatalPackets = /packet/.test(option.value ?? "");
      changes.nonFatalCalls = /syscall/.test(option.value ?? "");
      return;
    default:
      if (WITHOUT_MEANING.has(name)) return;
      throw new ScriptFailure("unsupported", option.place, `the option --${name} is not supported`);
  }
}

function numberOf(option: ScriptOption): number {
  const value = Number(option.value);
  if (option.value === undefined || !Number.isFinite(value) || value < 0) {
    throw new ScriptFailure("syntax", option.place, `--${option.name} wants a number`);
  }
  return value;
}

function addressOf(option: ScriptOption): IpAddress {
  const address = parseIpAddress(option.value ?? "");
  if (address === undefined) {
    throw new ScriptFailure("syntax", option.place, `--${option.name} wants an IP address`);
  }
  return address;
}

function modeOf(option: ScriptOption): AddressMode {
  switch (option.value) {
    case "ipv4":
    case "ipv6":
      return option.value;
    case "ipv4-mapped-ipv6":
      return "mapped";
    default:
      throw new ScriptFailure("syntax", option.place, "--ip_version is ipv4, ipv6 or ipv4-mapped-ipv6");
  }
}
