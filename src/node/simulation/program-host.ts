/** A simulated host as its programs see it: the sockets are its own, the modules are Node's. */
import dgram from "node:dgram";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import type { Host } from "../../host/host.ts";
import type { Link } from "../../sim/topology.ts";
import { TcpPorts } from "../../socket/posix/tcp-ports.ts";
import type { HandleContext } from "../handles/handle-context.ts";
import { Lifetime } from "../handles/lifetime.ts";
import type { Turns } from "../handles/turns.ts";
import { hostModule } from "../programs/host-module.ts";
import { inHost } from "../programs/inhabited.ts";
import type { Activity } from "./activity.ts";
import { SimTurns } from "./sim-turns.ts";

export class ProgramHost {
  readonly host: Host;
  /** Its wire to the others: `link.cut()` and `link.heal()`, and what else can be done to one. */
  readonly link: Link;
  readonly net: typeof net;
  readonly http: typeof http;
  readonly https: typeof https;
  readonly tls: typeof tls;
  readonly dgram: typeof dgram;
  readonly #context: HandleContext;

  constructor(host: Host, link: Link, turns: Turns, activity: Activity, closing: (run: () => void) => void) {
    this.host = host;
    this.link = link;
    // The simulation, not its handles, keeps the process alive.
    this.#context = {
      host,
      turns: new SimTurns(turns, activity, run => inHost(this.#context, run)),
      lifetime: new Lifetime([]),
      tcpPorts: new TcpPorts(host),
      closing: run => closing(() => inHost(this.#context, run)),
    };
    this.net = hostModule(this.#context, net);
    this.http = hostModule(this.#context, http);
    this.https = hostModule(this.#context, https);
    this.tls = hostModule(this.#context, tls);
    this.dgram = hostModule(this.#context, dgram);
  }

  get name(): string {
    return this.host.name;
  }

  /** The best one first. */
  get addresses(): readonly string[] {
    return this.host.net
      .addresses()
      .map(({ address }) => address)
      .filter(address => !address.isLoopback && !address.isLinkLocal)
      .map(address => address.toString());
  }

  /** Runs it on this host: whatever it opens, now or later, by whichever library, it opens here. */
  run<T>(program: () => T): T {
    return inHost(this.#context, program);
  }
}
