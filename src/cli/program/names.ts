/**
 * How a program's names become addresses. First those that were given by hand; then, on the simulated
 * internet, its hosts, and nothing else; then the name servers that were given, asked over the program's own
 * network; else the operating system.
 */
import { InvalidArgumentError } from "commander";
import { DnsClient } from "../../node/dns-client.ts";
import type { Resolver } from "../../node/handles/resolver.ts";
import { type IpAddress, type IpFamily, LOOPBACK_V4, LOOPBACK_V6 } from "../../wire/address.ts";
import { Failure } from "../failure.ts";
import type { CommandLink } from "../links/command-link.ts";
import { parseAddress } from "../quantities.ts";

export interface GivenName {
  readonly name: string;
  readonly address: IpAddress;
}

/** "db=10.0.0.5", for an option that may be given several times. */
export function parseGivenName(text: string, before: readonly GivenName[] = []): GivenName[] {
  const [, name, address] = /^([^\s=]{1,253})=(.+)$/.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new InvalidArgumentError("Give a name and its address, such as db=10.0.0.5.");
  return [...before, { name: name.toLowerCase(), address: parseAddress(address) }];
}

export interface NameOptions {
  readonly name?: readonly GivenName[];
  readonly dns?: readonly IpAddress[];
}

/** Undefined: names are the operating system's alone. */
export function resolverFor(link: CommandLink, options: NameOptions): Resolver | undefined {
  const { name: given = [], dns: servers } = options;
  const client = servers === undefined ? undefined : new DnsClient(link.host, { servers });
  if (given.length === 0 && client === undefined && !link.isIsland) return undefined;
  return {
    resolve(name, family) {
      const wanted = name.toLowerCase();
      const known = [...given, ...LOCAL].filter(each => each.name === wanted);
      if (known.length > 0)
        return ofFamily(
          known.map(({ address }) => address),
          family,
        );
      if (link.isIsland) return insideOf(link, wanted, family);
      return client?.addressesOf(wanted, family);
    },
  };
}

/** RFC 6761 §6.3: never asked for over a network. */
const LOCAL: readonly GivenName[] = [
  { name: "localhost", address: LOOPBACK_V4 },
  { name: "localhost", address: LOOPBACK_V6 },
];

function ofFamily(addresses: readonly IpAddress[], family: IpFamily | undefined): IpAddress[] {
  return addresses.filter(address => family === undefined || address.family === family);
}

async function insideOf(link: CommandLink, name: string, family?: IpFamily): Promise<readonly IpAddress[]> {
  try {
    return (await link.resolve(name, family)).addresses;
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}
