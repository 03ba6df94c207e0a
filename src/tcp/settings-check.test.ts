import fc from "fast-check";
import { expect, test } from "vitest";
import { twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import { ip } from "../wire/address.ts";
import { DEFAULT_TCP_CONFIG, type TcpConfig, tcpConfig } from "./tcp-config.ts";

const NUMBERS = Object.entries(DEFAULT_TCP_CONFIG).flatMap(([name, value]) =>
  typeof value === "number" ? [name] : [],
);
const invalid = (syscall: string) => expect.objectContaining({ code: "EINVAL", syscall });
const given = (changes: object) => () => tcpConfig(changes as Partial<TcpConfig>);

test("every number may be what it is usually, and none may be below nothing or no number", () => {
  expect(tcpConfig({ ...DEFAULT_TCP_CONFIG })).toEqual(DEFAULT_TCP_CONFIG);
  fc.assert(
    fc.property(
      fc.constantFrom(...NUMBERS),
      fc.constantFrom<unknown>(
        Number.NaN,
        -1,
        -0.001,
        Number.NEGATIVE_INFINITY,
        "1",
        null,
        undefined,
        true,
        {},
      ),
      (name, value) => {
        expect(given({ [name]: value })).toThrow(`TCP setting ${name}: ${String(value)} EINVAL`);
      },
    ),
  );
});

test.each<[string, unknown]>([
  ["initialWindow", 0],
  ["initialRto", 999],
  ["notSentLowWater", 0],
  ["receiveBuffer", Number.POSITIVE_INFINITY],
  ["leastMss", 1e15],
  ["lastEphemeralPort", 65_536],
  ["timestamps", "yes"],
  ["hystart", "on"],
  ["pathMtuDiscovery", 1],
  ["congestionControls", null],
  ["signatures", "key"],
])("%s may not be %s", (name, value) => {
  expect(given({ [name]: value })).toThrow(invalid(`TCP setting ${name}: ${String(value)}`));
});

test("a setting that there is not is named", () => {
  expect(given({ initalRto: 1_000_000 })).toThrow(invalid("TCP setting initalRto"));
});

test("a host, a connection and a listener are refused what they cannot work with, and leave nothing behind", () => {
  const world = new World({ seed: 1 });
  const { a, b } = twoHosts(world);
  const config = { initialRto: Number.NaN } as Partial<TcpConfig>;
  expect(() => twoHosts(world, { hostA: { tcp: config } })).toThrow(invalid("TCP setting initialRto: NaN"));
  expect(() => a.tcp.connect({ remote: ip("10.0.0.2"), remotePort: 80, config })).toThrow(
    invalid("TCP setting initialRto: NaN"),
  );
  expect(() => b.tcp.listen({ port: 80, config })).toThrow(invalid("TCP setting initialRto: NaN"));
  expect([...a.tcp.connections(), ...b.tcp.listeners()]).toEqual([]);
  const listener = b.tcp.listen({ port: 80 });
  expect(() => listener.configure(config)).toThrow(invalid("TCP setting initialRto: NaN"));
  expect(listener.changes).toEqual({});
});

test.each([Number.NaN, -1, 65_536, 1.5, "80"])("port %s is none", port => {
  const { a } = twoHosts(new World({ seed: 1 }));
  const remote = ip("10.0.0.2");
  const no = expect.objectContaining({ code: "EADDRNOTAVAIL" });
  expect(() => a.tcp.connect({ remote, remotePort: port as number })).toThrow(no);
  expect(() => a.tcp.connect({ remote, remotePort: 80, localPort: port as number })).toThrow(no);
  expect(() => a.tcp.listen({ port: port as number })).toThrow(no);
});

test("numbers that are none are refused where a listener or a connection takes some", () => {
  const { a } = twoHosts(new World({ seed: 1 }));
  const nan = Number.NaN;
  for (const wrong of [{ backlog: nan }, { fastOpen: nan }, { deferAccept: nan as never }])
    expect(() => a.tcp.listen({ port: 80, ...wrong })).toThrow(invalid("listen"));
  const connection = a.tcp.connect({ remote: ip("10.0.0.2"), remotePort: 80 });
  expect(() => connection.setKeepalive(true, nan as never)).toThrow(invalid("keepalive NaN"));
  expect(() => connection.setKeepalive(true, -1 as never)).toThrow(invalid("keepalive -1"));
});
