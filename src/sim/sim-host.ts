/**
 * Hosts for a simulated world: their clock, their luck and their loopback are the world's, every TCB is
 * checked after every event, and the world drives them.
 */
import { Host, type HostOptions } from "../host/host.ts";
import { ip } from "../wire/address.ts";
import { connect, type Link, type LinkOptions } from "./topology.ts";
import type { World } from "./world.ts";

export type SimHostOptions = Omit<HostOptions, "clock" | "random" | "scheduler">;

/** A host that lives in the world. */
export function addHost(world: World, name: string, options: SimHostOptions = {}): Host {
  const host = new Host({
    ...options,
    name,
    clock: world,
    random: world.random.fork(),
    scheduler: world,
    tcp: { selfCheck: true, ...options.tcp },
  });
  world.add(host, name);
  return host;
}

export interface TwoHosts {
  readonly a: Host;
  readonly b: Host;
  readonly link: Link;
}

export interface TwoHostsOptions extends LinkOptions {
  readonly hostA?: SimHostOptions | undefined;
  readonly hostB?: SimHostOptions | undefined;
}

export const ADDRESS_A = ip("10.0.0.1");
export const ADDRESS_B = ip("10.0.0.2");
export const ADDRESS6_A = ip("fd00::1");
export const ADDRESS6_B = ip("fd00::2");

/** The smallest network: 10.0.0.1 and fd00::1 on one end of a link, 10.0.0.2 and fd00::2 on the other. */
export function twoHosts(world: World, options: TwoHostsOptions = {}): TwoHosts {
  const link = connect(world, options);
  const [nameA, nameB] = link.ends;
  const a = addHost(world, nameA, options.hostA);
  const b = addHost(world, nameB, options.hostB);
  const both = (v4: typeof ADDRESS_A, v6: typeof ADDRESS_A) => ({
    addresses: [
      { address: v4, prefixLength: 24 },
      { address: v6, prefixLength: 64 },
    ],
    duplicateDetection: false,
  });
  a.attach(link.a, both(ADDRESS_A, ADDRESS6_A));
  b.attach(link.b, both(ADDRESS_B, ADDRESS6_B));
  return { a, b, link };
}
