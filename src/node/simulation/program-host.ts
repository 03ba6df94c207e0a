/** A simulated host as its programs see it: the sockets are its own, the modules are Node's. */
import type { Host } from "../../host/host.ts";
import type { Link } from "../../sim/topology.ts";
import { TcpPorts } from "../../socket/posix/tcp-ports.ts";
import type { IpAddress } from "../../wire/address.ts";
import { whenClosing } from "../handles/closing.ts";
import { Lifetime } from "../handles/lifetime.ts";
import type { Resolver } from "../handles/resolver.ts";
import type { Turns } from "../handles/turns.ts";
import { HostPrograms } from "../programs/host-programs.ts";
import type { Activity } from "./activity.ts";
import { CountedTurns } from "./counted-turns.ts";

export class ProgramHost extends HostPrograms {
  /** Its wire to the others: `link.cut()` and `link.heal()`, and what else can be done to one. */
  readonly link: Link;

  constructor(host: Host, link: Link, turns: Turns, activity: Activity, resolver: Resolver) {
    const context = {
      host,
      turns: new CountedTurns(turns, activity),
      // The simulation, not its handles, keeps the process alive.
      lifetime: new Lifetime([]),
      tcpPorts: new TcpPorts(host),
      closing: (run: () => void) => whenClosing(activity.expect(run)),
    };
    super(context, { resolver });
    this.link = link;
  }

  get name(): string {
    return this.host.name;
  }

  /** IPv4's first. */
  get addresses(): readonly IpAddress[] {
    return this.host.net
      .addresses()
      .map(({ address }) => address)
      .filter(address => !address.isLoopback && !address.isLinkLocal);
  }
}
