/**
 * Congestion controls over a simulated path: each carries everything; CUBIC fills a long path that Reno
 * cannot.
 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import { readAll, TcpWorld, writeThenClose } from "./tcp-world.ts";

/** Bytes that arrive in a minute over 200 ms of round trip and a loss now and then. */
function carriedInAMinute(congestionControl: TcpConfig["congestionControl"], seed: number): number {
  const wire = { delay: milliseconds(100), loss: 0.0002, rateBytesPerSecond: 12_500_000, queueLimit: 1_000 };
  const buffers = { receiveBuffer: 6 << 20, receiveBufferLimit: 6 << 20, sendBuffer: 6 << 20 };
  const w = new TcpWorld({
    seed,
    tcp: { congestionControl, ...buffers },
    link: { medium: "ip", aToB: wire, bToA: { delay: milliseconds(100) } },
  });
  const { client, server } = w.established();
  let got = 0;
  server.observe({
    connectionEvent: c => {
      got += readAll(c).length;
    },
  });
  writeThenClose(client, new Uint8Array(200_000_000));
  w.run(seconds(60));
  expect(client.error).toBeUndefined();
  expect(client.congestion.name).toBe(congestionControl);
  return got;
}

test("on a long path with rare losses CUBIC carries more than Reno", () => {
  const reno = carriedInAMinute("reno", 1);
  const cubic = carriedInAMinute("cubic", 1);
  expect(cubic).toBeGreaterThan(1.3 * reno);
});
