import { describe, expect, onTestFinished, test } from "vitest";
import type { ErrorCode } from "../../base/errors.ts";
import { Host } from "../../host/host.ts";
import { Driver } from "../driver.ts";
import { CryptoRandom } from "../random.ts";
import { uvCode } from "./error-codes.ts";
import { handleContext } from "./handle-context.ts";
import { LocalEnd } from "./tcp-local-end.ts";

/** A host around which every port is taken that `refusals` has an answer for. */
function localEnd(refusals: Array<ErrorCode | undefined>) {
  const driver = new Driver();
  onTestFinished(() => driver.close());
  const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom(), name: "us" });
  const asked: number[] = [];
  const surroundings = {
    opened: (_protocol: string, port: number) => {
      asked.push(port);
      return refusals.shift();
    },
    closed: () => undefined,
    destinationOf: <T>(_protocol: string, address: T) => address,
    opensUp: () => false,
  };
  const context = handleContext(host, driver, { surroundings });
  return { end: new LocalEnd(context), host, asked };
}

describe("a port that what lies around the host cannot give", () => {
  test("is an error of listen, and nobody listens", () => {
    const { end, host } = localEnd(["EACCES"]);
    expect(end.bind(4, "127.0.0.1", 80, 0)).toBe(0);
    expect(end.listen(10)).toBe(uvCode("EACCES"));
    expect([end.isListening, [...host.tcp.listeners()]]).toEqual([false, []]);
  });

  test("is no other port's, where the program has asked for it", () => {
    const { end, asked } = localEnd(["EADDRINUSE", undefined]);
    end.bind(4, "127.0.0.1", 80, 0);
    expect(end.listen(10)).toBe(uvCode("EADDRINUSE"));
    expect(asked).toEqual([80]);
  });

  test("is drawn again, where any would do: so often, and no more", () => {
    const lucky = localEnd(["EADDRINUSE", "EADDRINUSE", undefined]);
    expect(lucky.end.bind(4, "127.0.0.1", 0, 0)).toBe(0);
    expect(lucky.end.listen(10)).toBe(0);
    expect(lucky.asked).toHaveLength(3);
    expect(lucky.end.heldPort).toBe(lucky.asked[2]);
    expect([...lucky.host.tcp.listeners()].map(({ port }) => port)).toEqual([lucky.end.heldPort]);
    const unlucky = localEnd(Array.from({ length: 100 }, () => "EADDRINUSE"));
    unlucky.end.bind(4, "127.0.0.1", 0, 0);
    expect(unlucky.end.listen(10)).toBe(uvCode("EADDRINUSE"));
    expect(unlucky.asked).toHaveLength(17);
  });
});
