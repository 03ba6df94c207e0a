/**
 * Names as a host knows them: `dns.lookup` asks the resolver of the host that the running code is in, if that
 * has one; else Node's own answers. c-ares, what else there is in `dns`, stays as it is.
 */
import type dns from "node:dns";
import type { LookupAddress, LookupOptions } from "node:dns";
import { type IpFamily, parseIpAddress } from "../../wire/address.ts";
import type { HandleContext } from "../handles/handle-context.ts";
import type { Resolver } from "../handles/resolver.ts";

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
type Lookup = (...args: unknown[]) => unknown;

/** libuv's UV_EAI_NONAME, for which Node says ENOTFOUND. */
const UV_EAI_NONAME = -3_008;

const resolvers = new WeakMap<HandleContext, Resolver>();

export function resolveIn(context: HandleContext, resolver: Resolver): void {
  resolvers.set(context, resolver);
}

/** @param current the host that the running code is in */
export function inhabitLookup(module: typeof dns, current: () => HandleContext | undefined): void {
  const ask = (hostname: unknown, options: unknown): Promise<LookupAddress[]> | undefined => {
    const context = current();
    const resolver = context && resolvers.get(context);
    return resolver && answer(String(hostname), familyOf(options), resolver);
  };

  const inside = module as unknown as { lookup: Lookup; promises: { lookup: Lookup } };
  const { lookup } = inside;
  inside.lookup = (...args) => {
    const [hostname, options, done] = args.length < 3 ? [args[0], undefined, args[1]] : args;
    const found = ask(hostname, options);
    if (found === undefined) return lookup(...args);
    const call = done as Found;
    found.then(
      addresses => {
        const [first] = addresses;
        if (wantsAll(options)) process.nextTick(call, null, addresses);
        else process.nextTick(call, null, first?.address, first?.family);
      },
      error => process.nextTick(call, error),
    );
    return {};
  };
  const { lookup: lookupPromised } = inside.promises;
  inside.promises.lookup = async (hostname, options) => {
    const found = ask(hostname, options);
    if (found === undefined) return lookupPromised(hostname, options);
    return wantsAll(options) ? found : (await found)[0];
  };
}

/** Undefined: the resolver does not say. */
function answer(hostname: string, family: IpFamily | undefined, resolver: Resolver) {
  const literal = parseIpAddress(hostname);
  const found = literal === undefined ? resolver.resolve(hostname, family) : [literal];
  if (found === undefined) return undefined;
  return Promise.resolve(found).then(addresses => {
    const all = addresses.map(address => ({ address: address.toString(), family: address.family }));
    const wanted = all.filter(address => family === undefined || address.family === family);
    if (wanted.length === 0) throw notFound(hostname);
    return wanted;
  });
}

/** Of the options, or the family that stands for them. */
function familyOf(options: unknown): IpFamily | undefined {
  const family = typeof options === "number" ? options : (options as LookupOptions | undefined)?.family;
  if (family === 4 || family === "IPv4") return 4;
  return family === 6 || family === "IPv6" ? 6 : undefined;
}

function wantsAll(options: unknown): boolean {
  return (options as LookupOptions | undefined)?.all === true;
}

function notFound(hostname: string): Error {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  return Object.assign(error, {
    errno: UV_EAI_NONAME,
    code: "ENOTFOUND",
    syscall: "getaddrinfo",
    hostname,
  });
}
