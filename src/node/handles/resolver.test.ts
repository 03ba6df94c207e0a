import dns from "node:dns";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Host } from "../../host/host.ts";
import { ip } from "../../wire/address.ts";
import { Driver } from "../driver.ts";
import { CryptoRandom } from "../random.ts";
import { handleContext } from "./handle-context.ts";
import { resolveBy } from "./resolver.ts";

const lookup = promisify(dns.lookup);

const NAMES: Record<string, readonly string[]> = {
  "both.test": ["2001:db8::1", "192.0.2.1"],
  "four.test": ["192.0.2.4"],
};

const driver = new Driver();
const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom() });
driver.add(host);

resolveBy(
  {
    resolve(name, family) {
      if (name === "broken.test") return Promise.reject(new Error("no answer"));
      if (!name.endsWith(".test")) return undefined;
      const addresses = (NAMES[name] ?? []).map(ip);
      return addresses.filter(address => family === undefined || address.family === family);
    },
  },
  handleContext(host, driver),
);

describe("dns.lookup asks the resolver", () => {
  test("for one address, or for all of them, of a family or of any", async () => {
    expect(await lookup("four.test")).toEqual({ address: "192.0.2.4", family: 4 });
    expect(await lookup("both.test", { family: 6 })).toEqual({
      address: "2001:db8::1",
      family: 6,
    });
    expect(await lookup("both.test", { all: true })).toEqual([
      { address: "2001:db8::1", family: 6 },
      { address: "192.0.2.1", family: 4 },
    ]);
  });

  test("in the order that the program wants", async () => {
    const order = async (result: "ipv4first" | "verbatim") => {
      dns.setDefaultResultOrder(result);
      const found = await lookup("both.test", { all: true });
      return found.map(({ family }) => family);
    };
    expect(await order("ipv4first")).toEqual([4, 6]);
    expect(await order("verbatim")).toEqual([6, 4]);
  });

  test("and a name that there is not is Node's error", async () => {
    const none = { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: "none.test" };
    await expect(lookup("none.test")).rejects.toMatchObject(none);
    await expect(lookup("four.test", { family: 6 })).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    await expect(lookup("broken.test")).rejects.toMatchObject({ code: "EAI_AGAIN" });
  });

  test("but the operating system for what the resolver leaves to it", async () => {
    expect(await lookup("127.0.0.1")).toEqual({ address: "127.0.0.1", family: 4 });
    await expect(lookup("localhost", { family: 4 })).resolves.toMatchObject({
      address: "127.0.0.1",
    });
  });
});
