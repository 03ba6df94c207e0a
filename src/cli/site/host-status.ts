/** All that a host tells of itself, as plain data: the index page and /status.json show it. */
import type { Host } from "../../host/host.ts";
import type { NetInterface } from "../../net/interface.ts";
import type { TcpInfo } from "../../tcp/tcp-info.ts";
import type { IpAddress } from "../../wire/address.ts";
import { macText } from "../../wire/mac-address.ts";

/** A host under a flood has more records than anybody reads. */
const SHOWN_AT_MOST = 200;

export interface HostStatus {
  readonly name: string;
  /** Since the site was opened, in µs. */
  readonly uptime: number;
  readonly interfaces: readonly InterfaceStatus[];
  readonly connections: readonly TcpInfo[];
  readonly listeners: readonly ListenerStatus[];
  readonly halfOpen: readonly EndsStatus[];
  readonly timeWait: readonly EndsStatus[];
  /** How many there are, shown or not. */
  readonly totals: { readonly connections: number; readonly halfOpen: number; readonly timeWait: number };
  readonly neighbors: readonly NeighborStatus[];
  /** Groups of counters by protocol. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Why packets were dropped. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface InterfaceStatus {
  readonly name: string;
  readonly medium: string;
  readonly mtu: number;
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface ListenerStatus {
  readonly address: string;
  readonly port: number;
  readonly backlog: number;
  readonly waiting: number;
  readonly halfOpen: number;
}

export interface EndsStatus {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Until the record goes (TIME-WAIT), or until the SYN-ACK is sent again, in µs. */
  readonly remaining: number;
}

export interface NeighborStatus {
  readonly address: string;
  readonly mac: string | undefined;
  readonly state: string;
}

export function statusOf(host: Host, openedAt: number): HostStatus {
  const { now, tcp, net } = host;
  const connections = [...tcp.connections()].sort((a, b) => a.openedAt - b.openedAt);
  const halfOpen = [...tcp.halfOpen()];
  const timeWait = [...tcp.timeWaits()];
  const { ipv4, ipv6, icmpv4, icmpv6, arp, ndp } = net.counters;
  return {
    name: host.name,
    uptime: now - openedAt,
    interfaces: net.interfaces().map(iface => interfaceStatus(host, iface)),
    connections: connections.slice(0, SHOWN_AT_MOST).map(connection => connection.info()),
    listeners: [...tcp.listeners()].map(({ address, port, backlog, waiting, halfOpen: opening }) => ({
      address: address?.toString() ?? "*",
      port,
      backlog,
      waiting,
      halfOpen: opening,
    })),
    halfOpen: halfOpen.slice(0, SHOWN_AT_MOST).map(entry => endsStatus(entry, now)),
    timeWait: timeWait.slice(0, SHOWN_AT_MOST).map(entry => endsStatus(entry, now)),
    totals: { connections: connections.length, halfOpen: halfOpen.length, timeWait: timeWait.length },
    neighbors: net.neighbors().map(({ address, mac, state }) => ({
      address: address.toString(),
      mac: mac === undefined ? undefined : macText(mac),
      state,
    })),
    counters: {
      tcp: { ...host.tcpCounters },
      udp: { ...host.udp.counters },
      ipv4: { ...ipv4 },
      ipv6: { ...ipv6 },
      icmpv4: { ...icmpv4 },
      icmpv6: { ...icmpv6 },
      arp: { ...arp },
      ndp: { ...ndp },
    },
    drops: Object.fromEntries(host.drops.entries()),
  };
}

function interfaceStatus(host: Host, iface: NetInterface): InterfaceStatus {
  const { device, index, mac } = iface;
  return {
    name: device.name,
    medium: device.medium,
    mtu: device.mtu,
    mac: mac === 0 ? undefined : macText(mac),
    addresses: host.net
      .addresses()
      .filter(({ interfaceIndex }) => interfaceIndex === index)
      .map(({ address, prefixLength, state }) => {
        const text = `${address}/${prefixLength}`;
        return state === "preferred" ? text : `${text} (${state})`;
      }),
    counters: { ...device.counters },
  };
}

interface Ends {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly deadline: number;
}

function endsStatus({ local, localPort, remote, remotePort, deadline }: Ends, now: number): EndsStatus {
  return {
    localAddress: local.toString(),
    localPort,
    remoteAddress: remote.toString(),
    remotePort,
    remaining: Math.max(0, deadline - now),
  };
}
