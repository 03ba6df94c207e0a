import { describe, expect, test } from "vitest";
import { parsePublication, publicationOf } from "./publications.ts";

const LOCAL = "127.0.0.1";

describe("--publish", () => {
  test.each([
    ["3000", "tcp", 3_000, LOCAL, 3_000],
    ["8080:3000", "tcp", 3_000, LOCAL, 8_080],
    ["0:3000", "tcp", 3_000, LOCAL, 0],
    ["0.0.0.0:8080:3000", "tcp", 3_000, "0.0.0.0", 8_080],
    ["[::1]:8080:3000", "tcp", 3_000, "::1", 8_080],
    ["0.0.0.0:3000", "tcp", 3_000, "0.0.0.0", 3_000],
    ["127.0.0.1::3000", "tcp", 3_000, LOCAL, 0],
    ["[::]:5353:53/udp", "udp", 53, "::", 5_353],
    ["5353:53/udp", "udp", 53, LOCAL, 5_353],
  ] as const)("%s", (text, protocol, port, host, outer) => {
    expect(parsePublication(text, undefined)).toEqual([{ protocol, port, at: { host, port: outer } }]);
  });

  test.each([
    "",
    "0",
    "65536",
    "3000/sctp",
    "a:3000",
    "3000:",
    "70000:1",
    "::1:1:1",
    "999.0.0.1:1:1",
    "[1.2.3.4]:1:1",
  ])("%s is refused", text => {
    expect(() => parsePublication(text, undefined)).toThrow("Give all, none or");
  });

  test("several are a list; all is every port, none is no port", () => {
    const two = parsePublication("53/udp", parsePublication("3000", undefined));
    expect(publicationOf(two, "tcp", 3_000)?.at.port).toBe(3_000);
    expect(publicationOf(two, "udp", 53)?.at.port).toBe(53);
    expect(publicationOf(two, "udp", 3_000)).toBeUndefined();
    expect(publicationOf("all", "udp", 7)).toEqual({
      protocol: "udp",
      port: 7,
      at: { host: LOCAL, port: 7 },
    });
    expect(publicationOf(parsePublication("none", undefined), "tcp", 3_000)).toBeUndefined();
  });
});
