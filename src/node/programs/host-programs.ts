/**
 * Programs on a host, several hosts in one process: Node's own modules, whose sockets are the host's. What
 * runs in the host opens its sockets there, by whichever library.
 */
import dgram from "node:dgram";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import type { Host } from "../../host/host.ts";
import type { Driver } from "../driver.ts";
import { type HandleContext, handleContext } from "../handles/handle-context.ts";
import type { Resolver } from "../handles/resolver.ts";
import { type Inspection, type InspectOptions, inspect } from "../inspector/inspect.ts";
import { hostModule } from "./host-module.ts";
import { HostTurns } from "./host-turns.ts";
import { inHost } from "./inhabited.ts";
import { resolveIn } from "./names.ts";

export interface ProgramsOptions {
  /** The names that the host knows; without it Node's own `dns.lookup` is asked. */
  readonly resolver?: Resolver | undefined;
}

/** Node's modules on a host that the driver drives, in real time. */
export function programsOn(host: Host, driver: Driver, options: ProgramsOptions = {}): LivePrograms {
  return new LivePrograms(handleContext(host, driver), options);
}

export class HostPrograms {
  readonly host: Host;
  readonly net: typeof net;
  readonly http: typeof http;
  readonly https: typeof https;
  readonly http2: typeof http2;
  readonly tls: typeof tls;
  readonly dgram: typeof dgram;
  readonly #context: HandleContext;

  constructor(context: HandleContext, { resolver }: ProgramsOptions = {}) {
    const run = (call: () => void): void => inHost(inside, call);
    const inside: HandleContext = {
      ...context,
      turns: new HostTurns(context.turns, run),
      closing: call => context.closing(() => run(call)),
    };
    this.#context = inside;
    this.host = context.host;
    this.net = hostModule(inside, net);
    this.http = hostModule(inside, http);
    this.https = hostModule(inside, https);
    this.http2 = hostModule(inside, http2);
    this.tls = hostModule(inside, tls);
    this.dgram = hostModule(inside, dgram);
    if (resolver !== undefined) resolveIn(inside, resolver);
  }

  /** Runs it on this host: whatever it opens, now or later, by whichever library, it opens here. */
  run<T>(program: () => T): T {
    return inHost(this.#context, program);
  }
}

/** On a host in real time, at which a browser may look from inside. */
export class LivePrograms extends HostPrograms {
  /** Opens the host's inspector. `inspect` does it for several hosts at once. */
  inspect(options: InspectOptions = {}): Promise<Inspection> {
    return inspect(this.host, options);
  }
}
