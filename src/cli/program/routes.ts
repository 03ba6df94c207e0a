/** `--route`: ways of the program's host beside its gateways. */
import { InvalidArgumentError } from "commander";
import type { Host } from "../../host/host.ts";
import type { IpAddress } from "../../wire/address.ts";
import { Failure } from "../failure.ts";
import { type AddressWithPrefix, parseAddress, parseAddressWithPrefix } from "../quantities.ts";

export interface GivenRoute {
  readonly to: AddressWithPrefix;
  readonly gateway: IpAddress;
}

/** "10.9.0.0/16=10.77.0.5", for an option that may be given several times. */
export function parseRoute(text: string, before: readonly GivenRoute[] = []): GivenRoute[] {
  const [subnet = "", gateway = "", ...rest] = text.split("=");
  if (gateway === "" || rest.length > 0)
    throw new InvalidArgumentError("Give a subnet and its gateway, such as 10.9.0.0/16=10.77.0.5.");
  const route = { to: parseAddressWithPrefix(subnet), gateway: parseAddress(gateway) };
  if (route.to.address.family !== route.gateway.family)
    throw new InvalidArgumentError("Give a gateway of the subnet's family, such as 10.9.0.0/16=10.77.0.5.");
  return [...before, route];
}

/** On the interface of the link: the one that was attached last. */
export function addRoutes({ net }: Host, routes: readonly GivenRoute[]): void {
  const link = net.interfaces().at(-1);
  for (const { to, gateway } of routes) {
    if (link === undefined || typeof net.pathTo(gateway) === "string")
      throw new Failure(
        `There is no way to the gateway ${gateway} of the route to ${to.address}/${to.prefixLength}.`,
      );
    net.routes.add({
      destination: to.address,
      prefixLength: to.prefixLength,
      gateway,
      interfaceIndex: link.index,
      metric: 0,
      source: undefined,
      mtu: undefined,
    });
  }
}
