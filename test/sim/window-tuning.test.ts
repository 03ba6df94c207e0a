/**
 * Bulk over a long fat path, to a host whose receive buffer is Linux's small default: what it may hold grows
 * with the flow, and the path is filled all the same (receive/window-tuning).
 */
import { expect, test } from "vitest";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import { DEFAULT_TCP_CONFIG, type TcpConfig } from "../../src/tcp/tcp-config.ts";
import { readAll, TcpWorld } from "./tcp-world.ts";

const RATE = 12_500_000; // 100 Mbit/s
const ROUND_TRIP = milliseconds(100);

/** Bytes a second that the user gets in the second second, when the first window has grown twentyfold. */
function carried(
  seed: number,
  receiver: Partial<TcpConfig> = {},
): { rate: number; limit: number; held: number } {
  const delay = (ROUND_TRIP / 2) as Duration;
  const w = new TcpWorld({
    seed,
    tcp: { sendBuffer: 8 << 20, congestionControl: "cubic" },
    tcpB: receiver,
    link: { medium: "ip", aToB: { delay, rateBytesPerSecond: RATE, queueLimit: 4_000 }, bToA: { delay } },
  });
  const { client, server } = w.established();
  const chunk = new Uint8Array(1 << 20);
  const fill = (): void => {
    while (client.send(chunk) === chunk.length);
  };
  client.observe({
    connectionEvent: (_c, events) => {
      if ((events & CONNECTION_EVENT.writable) !== 0) fill();
    },
  });
  fill();
  let got = 0;
  let held = 0;
  server.observe({
    connectionEvent: c => {
      got += readAll(c).length;
      held = Math.max(held, c.receiveBuffer.memory);
    },
  });
  w.run(seconds(1));
  const before = got;
  w.run(seconds(1));
  return { rate: got - before, limit: server.receiveBuffer.limit, held };
}

test.each([1, 2])("100 Mbit/s over 100 ms reach their rate with the default buffer (seed %d)", seed => {
  const { rate, limit, held } = carried(seed);
  // The headers take their share: 1448 bytes of text in 1500.
  expect(rate).toBeGreaterThan(0.92 * RATE);
  expect(limit).toBeGreaterThan((RATE * ROUND_TRIP) / 1_000_000);
  // Who reads at once needs little of it.
  expect(held).toBeLessThanOrEqual(1 << 20);
});

test("without tuning the window is what holds it back", () => {
  const { rate, limit } = carried(1, { moderateReceiveBuffer: false });
  expect(limit).toBe(DEFAULT_TCP_CONFIG.receiveBuffer);
  expect(rate).toBeLessThan((1.1 * limit * 1_000_000) / ROUND_TRIP);
});
