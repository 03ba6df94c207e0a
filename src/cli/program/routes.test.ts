import { describe, expect, test } from "vitest";
import { Host } from "../../host/host.ts";
import { createPair } from "../../link/pair.ts";
import { Driver } from "../../node/driver.ts";
import { CryptoRandom } from "../../node/random.ts";
import { ip } from "../../wire/address.ts";
import { addRoutes, parseRoute } from "./routes.ts";

function host(): Host {
  const driver = new Driver();
  const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom() });
  const [device] = createPair(driver);
  const addresses = [{ address: ip("10.0.0.2"), prefixLength: 24 }];
  host.attach(device, { addresses, duplicateDetection: false });
  return host;
}

describe("--route", () => {
  test("a subnet is reached through its gateway", () => {
    const station = host();
    expect(typeof station.net.pathTo(ip("10.9.1.1"))).toBe("string");
    addRoutes(station, parseRoute("10.9.0.0/16=10.0.0.5"));
    expect(typeof station.net.pathTo(ip("10.9.1.1"))).not.toBe("string");
    expect(typeof station.net.pathTo(ip("10.10.1.1"))).toBe("string");
  });

  test("a gateway that cannot be reached is refused with a sentence", () => {
    expect(() => addRoutes(host(), parseRoute("10.9.0.0/16=192.0.2.1"))).toThrow(
      "There is no way to the gateway 192.0.2.1 of the route to 10.9.0.0/16.",
    );
  });

  test.each(["10.9.0.0/16", "10.9.0.0=10.0.0.1", "10.9.0.0/16=", "fd00::/8=10.0.0.1", "a=b=c"])(
    "%j is refused",
    text => expect(() => parseRoute(text)).toThrow(/^Give /),
  );
});
