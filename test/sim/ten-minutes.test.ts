/**
 * Ten simulated minutes pass in moments: a transfer over a slow, lossy link, a partition that heals, and
 * silence.
 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { readAll, TcpWorld, writeThenClose } from "./tcp-world.ts";

const MEGABIT = 125_000; // bytes a second

test("ten minutes at one megabit with 1 % loss, and half a minute without any wire", () => {
  const bad = { delay: milliseconds(40), loss: 0.01, rateBytesPerSecond: MEGABIT };
  const w = new TcpWorld({ seed: 3, link: { medium: "ip", aToB: bad, bToA: bad } });
  const { client, server } = w.established();
  let got = 0;
  server.observe({
    connectionEvent: c => {
      got += readAll(c).length;
    },
  });
  writeThenClose(client, new Uint8Array(50_000_000));
  w.run(seconds(100));
  const beforeCut = got;
  w.hosts.link.cut();
  w.run(seconds(30));
  expect(got - beforeCut).toBe(0);
  w.hosts.link.heal();
  w.run(seconds(470));
  // It went on by itself, and used a fair part of what the wire could carry.
  expect(got).toBeGreaterThan(0.3 * 540 * MEGABIT);
  expect(client.error).toBeUndefined();
  expect(w.world.now()).toBeGreaterThan(seconds(600));
});
