/**
 * Names. Node's `dns.lookup`, and so `net`, asks the operating system by getaddrinfo; a resolver may be put
 * in its place, for names that only the host's network knows. What else `dns` does, c-ares', stays as it is.
 */
import type { IpAddress } from "../../wire/address.ts";
import { binding } from "./bindings.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import { scriptRequest } from "./requests.ts";

type Addresses = readonly IpAddress[];

export interface Resolver {
  /**
   * The addresses of a name, of the family if one is given, in the order in which they are to be tried;
   * none: there is no such name. Undefined: the operating system may know. A promise that is rejected: it
   * may be asked again.
   */
  resolve(name: string, family: 4 | 6 | undefined): Promise<Addresses> | Addresses | undefined;
}

const cares = binding("cares_wrap");
const { getaddrinfo } = cares;

/**
 * Lookups of the whole process are the resolver's from now on; those of `dns.promises` only if that was not
 * loaded before.
 */
export function resolveBy(resolver: Resolver, { lifetime, turns }: HandleContext): void {
  const { DNS_ORDER_IPV4_FIRST, DNS_ORDER_IPV6_FIRST } = cares;
  cares.getaddrinfo = (request, name, family, hints, order) => {
    const found = resolver.resolve(name, family === 4 || family === 6 ? family : undefined);
    if (found === undefined) return getaddrinfo(request, name, family, hints, order);
    const first = order === DNS_ORDER_IPV4_FIRST ? 4 : order === DNS_ORDER_IPV6_FIRST ? 6 : undefined;
    const pending = scriptRequest(lifetime, "GETADDRINFOREQWRAP", request);
    const answer = (addresses: Addresses): void =>
      addresses.length === 0
        ? pending.complete(uvCode("EAI_NONAME"))
        : pending.complete(0, inOrder(addresses, first).map(String));
    Promise.resolve(found).then(
      addresses => turns.later(() => answer(addresses)),
      () => turns.later(() => pending.complete(uvCode("EAI_AGAIN"))),
    );
    return 0;
  };
}

function inOrder(addresses: Addresses, first: 4 | 6 | undefined): Addresses {
  if (first === undefined) return addresses;
  const rank = ({ family }: IpAddress): number => (family === first ? 0 : 1);
  return addresses.toSorted((a, b) => rank(a) - rank(b));
}
