/**
 * What every link gives to a command: a Postel host that is attached to it, and a way to find addresses by
 * names.
 */
import { lookup } from "node:dns/promises";
import { Host } from "../../host/host.ts";
import type { NetDevice } from "../../link/net-device.ts";
import type { NetOptions } from "../../net/net-context.ts";
import type { Driver } from "../../node/driver.ts";
import { CryptoRandom } from "../../node/random.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { type IpAddress, type IpFamily, parseIpAddress } from "../../wire/address.ts";
import { type EndOptions, endHosts } from "../end-hosts.ts";
import { Failure } from "../failure.ts";
import type { ListenAddress } from "../quantities.ts";

export interface ResolvedName {
  /** At least one; the first is the one to try first. */
  readonly addresses: readonly [IpAddress, ...IpAddress[]];
  /** How the address was found: "literal", "the kernel's resolver". */
  readonly by: string;
}

/** Where a port of the host is published. */
export interface Published extends ListenAddress {
  close(): void;
  /** It does not keep the process alive. */
  unref(): void;
}

export interface CommandLink {
  readonly driver: Driver;
  /** The command's own host. */
  readonly host: Host;
  /** All of ours that the link has, the command's own first: for who looks on. */
  readonly hosts: readonly Host[];
  /** Names of elsewhere mean nothing here: the network is one of its own. */
  readonly isIsland?: boolean | undefined;
  /** What keeps the process alive beside the driver. */
  readonly sources?: ReadonlyArray<{ ref(): unknown; unref(): unknown }> | undefined;
  /** What the user should know of the link, in sentences. */
  readonly notes?: readonly string[] | undefined;
  /** @throws Failure, or the resolver's error. */
  resolve(name: string, family?: IpFamily): Promise<ResolvedName>;
  /**
   * Makes a port of the host reachable for the machine's own programs, where the kernel has no way to the
   * host, by default at 127.0.0.1 and the same port. It is when the call returns. Undefined: it has one.
   * @throws OperationError
   */
  readonly publish?: ((protocol: "tcp" | "udp", port: number, at?: ListenAddress) => Published) | undefined;
  /**
   * Ends what is left of the host's connections, in order if the peers let it be within five seconds and
   * nobody is in a hurry, and lets the link go.
   */
  end(hurry?: AbortSignal): Promise<void>;
}

const CLOSING_MS = 5_000;

/** `end` of a link: what its commands' host has open is closed, and the other hosts have time to follow. */
export function endLink(
  link: Pick<EndOptions, "driver" | "hosts" | "isBusy" | "reset"> & { readonly host: Host },
  hurry: AbortSignal | undefined,
): Promise<void> {
  const close = (): void => {
    for (const connection of [...link.host.tcp.connections()]) connection.release();
  };
  return endHosts({ ...link, close, within: CLOSING_MS, hurry });
}

/** Decorates the device of the command's host: a bad wire, a capture. */
export type Decorate = (device: NetDevice, driver: Driver) => NetDevice;

/** A host in real time. */
export function newHost(
  driver: Driver,
  name: string,
  tcp: Partial<TcpConfig> = {},
  net: NetOptions = {},
): Host {
  const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom(), name, tcp, net });
  driver.add(host);
  return host;
}

export function literal(name: string, family: IpFamily | undefined): ResolvedName | undefined {
  const address = parseIpAddress(name);
  if (address === undefined) return undefined;
  if (family !== undefined && address.family !== family) {
    throw new Failure(`${name} is an IPv${address.family} address, but IPv${family} is asked for.`);
  }
  return { addresses: [address], by: "literal" };
}

/** Literals, else what the kernel's resolver finds that the host has a way to. */
export async function resolveByKernel(host: Host, name: string, family?: IpFamily): Promise<ResolvedName> {
  const given = literal(name, family);
  if (given !== undefined) return given;
  const found = await lookup(name, { all: true, family: family ?? 0 });
  const all = found.flatMap(({ address }) => parseIpAddress(address) ?? []);
  const reachable = all.filter(address => typeof host.net.pathTo(address) !== "string");
  const [first, ...others] = reachable.length > 0 ? reachable : all;
  if (first === undefined) throw new Failure(`The name ${name} has no address.`);
  return { addresses: [first, ...others], by: "the kernel's resolver" };
}
