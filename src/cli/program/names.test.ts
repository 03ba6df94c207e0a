import { expect, onTestFinished, test } from "vitest";
import { ip } from "../../wire/address.ts";
import { openLoopbackLink } from "../links/loopback-link.ts";
import { openSimLink } from "../links/sim-link.ts";
import { parseGivenName, resolverFor } from "./names.ts";

async function resolved(resolver: ReturnType<typeof resolverFor>, name: string, family?: 4 | 6) {
  return (await resolver?.resolve(name, family))?.map(String);
}

test("given names, of either family and whatever their case", async () => {
  const link = openLoopbackLink();
  onTestFinished(() => link.end());
  const name = parseGivenName("db=2001:db8::5", parseGivenName("DB=10.0.0.5"));
  const resolver = resolverFor(link, { name });
  expect(await resolved(resolver, "Db")).toEqual(["10.0.0.5", "2001:db8::5"]);
  expect(await resolved(resolver, "db", 6)).toEqual(["2001:db8::5"]);
  expect(await resolved(resolver, "localhost")).toEqual(["127.0.0.1", "::1"]);
  expect(await resolved(resolver, "example.org")).toBeUndefined();
});

test("nothing is given: the operating system is asked alone", () => {
  const link = openLoopbackLink();
  onTestFinished(() => link.end());
  expect(resolverFor(link, {})).toBeUndefined();
});

test("the simulated internet knows its own hosts and no others", async () => {
  const link = openSimLink(device => device);
  onTestFinished(() => link.end());
  const resolver = resolverFor(link, { dns: [ip("10.0.0.53")] });
  expect(await resolved(resolver, "target")).toEqual(["203.0.113.10"]);
  expect(await resolved(resolver, "target", 6)).toEqual(["2001:db8:2::10"]);
  expect(await resolved(resolver, "example.org")).toEqual([]);
});

test.each(["db", "=10.0.0.1", "db=", "db=nonsense", "db=0.0.0.0"])("%j is refused", text => {
  expect(() => parseGivenName(text)).toThrow(/^Give /);
});
