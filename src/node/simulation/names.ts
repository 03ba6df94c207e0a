/**
 * The names of a simulation: each host's own, and `localhost`. `dns.lookup` finds them for code that runs in
 * a host; nobody else is asked. Who does not ask for a family gets addresses of the first one's.
 */
import dns, { type LookupAddress, type LookupOptions } from "node:dns";
import { isIP } from "node:net";
import { currentHost } from "../programs/inhabited.ts";
import type { Replacements } from "./replacements.ts";

/** The addresses of a name, the best first. */
export type FindName = (hostname: string) => readonly string[] | undefined;

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** libuv's UV_EAI_NONAME, for which Node says ENOTFOUND. */
const UV_EAI_NONAME = -3_008;

export function replaceLookup(replacements: Replacements, find: FindName): void {
  const module = dns as unknown as { lookup: (...args: unknown[]) => unknown };
  replacements.replace(module, "lookup", lookupReal => (...args) => {
    if (currentHost() === undefined) return lookupReal(...args);
    const [hostname, options, done] = args.length < 3 ? [args[0], {}, args[1]] : args;
    const asked = typeof options === "number" ? { family: options } : ((options ?? {}) as LookupOptions);
    const found = answer(String(hostname), asked, find);
    process.nextTick(() => tell(done as Found, found, asked));
    return {};
  });
  const promises = dns.promises as unknown as { lookup: (...args: unknown[]) => Promise<unknown> };
  replacements.replace(promises, "lookup", lookupReal => async (hostname, options = {}) => {
    if (currentHost() === undefined) return lookupReal(hostname, options);
    const asked = typeof options === "number" ? { family: options } : (options as LookupOptions);
    const found = answer(String(hostname), asked, find);
    if (found instanceof Error) throw found;
    return asked.all === true ? found : found[0];
  });
}

function tell(done: Found, found: LookupAddress[] | Error, { all }: LookupOptions): void {
  if (found instanceof Error) done(found, []);
  else if (all === true) done(null, found);
  else done(null, found[0]?.address ?? "", found[0]?.family);
}

function answer(hostname: string, { family }: LookupOptions, find: FindName): LookupAddress[] | Error {
  const addresses = isIP(hostname) > 0 ? [hostname] : (find(hostname) ?? []);
  const wanted = family === 6 || family === "IPv6" ? 6 : family === 4 || family === "IPv4" ? 4 : 0;
  const all = addresses.map(address => ({ address, family: isIP(address) }));
  // `net` would race both families, by a timer of its own that runs in real time.
  const found = all.filter(({ family: is }) => is === (wanted || all[0]?.family));
  return found.length > 0 ? found : notFound(hostname);
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
