/**
 * Where a scene is put up: its world, the hosts and links in it, and what users do, at instants or when
 * something has come about.
 */
import { type Duration, instantAfter, START_OF_TIME, seconds } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { Impairment } from "../link/impair.ts";
import type { NetDevice } from "../link/net-device.ts";
import { addHost, type SimHostOptions } from "../sim/sim-host.ts";
import { connect, type Link, type LinkOptions } from "../sim/topology.ts";
import type { Trace } from "../sim/trace.ts";
import type { World } from "../sim/world.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";
import { type IpAddress, ip } from "../wire/address.ts";

export interface StageOptions {
  /** Every TCB is looked at after each event. */
  readonly selfCheck: boolean;
  readonly trace?: Trace | undefined;
}

export interface ClientAndServer {
  readonly client: Host;
  readonly server: Host;
  /** From the client to the server: `aToB`. */
  readonly link: Link;
}

export interface ClientAndServerOptions {
  /** Of both ways. */
  readonly delay: Duration;
  /** Beside the delay, on the way to the server. */
  readonly toServer?: Impairment;
  readonly client?: Partial<TcpConfig>;
  readonly server?: Partial<TcpConfig>;
}

interface Reaction {
  readonly condition: () => boolean;
  readonly act: () => void;
}

export const CLIENT = ip("10.0.0.1");
export const SERVER = ip("10.0.0.2");

export class Stage {
  readonly world: World;
  readonly hosts: Host[] = [];
  readonly links: Link[] = [];
  readonly #options: StageOptions;
  #reactions: Reaction[] = [];

  constructor(world: World, options: StageOptions) {
    this.world = world;
    this.#options = options;
    world.afterEvent(() => this.#react());
  }

  host(name: string, options: SimHostOptions = {}): Host {
    // Segment by segment: a unit that is cut below TCP would be one arrow of several segments.
    const tcp = { selfCheck: this.#options.selfCheck, tsoUnits: false, ...options.tcp };
    const host = addHost(this.world, name, { ...options, tcp });
    this.hosts.push(host);
    return host;
  }

  /** Packets of IP without a link layer: scenes are about what is above it. */
  link(a: string, b: string, options: LinkOptions): Link {
    const { trace } = this.#options;
    const link = connect(this.world, { ...options, ends: [a, b], medium: "ip", trace });
    this.links.push(link);
    return link;
  }

  /** The smallest network: `client` at 10.0.0.1, `server` at 10.0.0.2. */
  clientAndServer(options: ClientAndServerOptions): ClientAndServer {
    const { delay, toServer, client: clientTcp, server: serverTcp } = options;
    const link = this.link("client", "server", { aToB: { delay, ...toServer }, bToA: { delay } });
    const client = this.host("client", { tcp: clientTcp });
    const server = this.host("server", { tcp: serverTcp });
    attach(client, link.a, [CLIENT]);
    attach(server, link.b, [SERVER]);
    return { client, server, link };
  }

  /** So long after the scene's beginning. */
  at(time: Duration, act: () => void): void {
    this.world.schedule(instantAfter(START_OF_TIME, time), act);
  }

  /** So long from now. */
  after(time: Duration, act: () => void): void {
    this.world.schedule(instantAfter(this.world.now(), time), act);
  }

  /** When the condition first holds after an event. */
  when(condition: () => boolean, act: () => void): void {
    this.#reactions.push({ condition, act });
  }

  #react(): void {
    for (const reaction of this.#reactions) {
      if (!reaction.condition()) continue;
      this.#reactions = this.#reactions.filter(other => other !== reaction);
      reaction.act();
    }
  }
}

/** Gives a host a device, with its addresses and the gateway to everywhere else. */
export function attach(
  host: Host,
  device: NetDevice,
  addresses: readonly IpAddress[],
  gateway?: IpAddress,
): void {
  host.attach(device, {
    addresses: addresses.map(address => ({ address, prefixLength: 24 })),
    gateways: gateway === undefined ? [] : [gateway],
    duplicateDetection: false,
  });
}

/** What scenes wait for at most, however badly a user of the page treats their wires. */
export const PATIENCE: Duration = seconds(600);
