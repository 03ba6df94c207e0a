/**
 * Packages as they are published, over a wire that loses one packet in fifty each way: what their programs
 * see has to be what they see on stock Node.
 */
import { describe, expect, test } from "vitest";
import { POSTGRESQL, REDIS } from "./servers.ts";
import { onPostel, onPostelTo, onStockNode, onStockNodeTo } from "./two-ends.ts";

/** A wire that loses acknowledgments of short messages costs a fifth of a second each time. */
const TIMEOUT = 180_000;

const PACKAGES = ["express", "fastify", "undici", "ws", "socket.io", "mqtt", "nodemailer", "ssh2"];

describe.concurrent("server and client on Postel", () => {
  test.for(PACKAGES)("%s", { timeout: TIMEOUT }, async (name, { expect }) => {
    const stock = await onStockNode(name);
    const { seen, again } = await onPostel(name);
    expect(stock.length).toBeGreaterThan(0);
    expect(seen).toBe(stock);
    expect(again).toBeGreaterThan(0);
  });
});

describe.each([
  ["ioredis", "Redis", REDIS],
  ["pg", "PostgreSQL", POSTGRESQL],
] as const)("%s on Postel", (name, what, server) => {
  const isMissing = server.program === undefined && process.env["CI"] !== "true";
  const title = `its server, a ${what} of the machine's, through the gate`;
  test.skipIf(isMissing)(
    isMissing ? `${title} [skipped: ${what} is not installed]` : title,
    { timeout: TIMEOUT },
    () =>
      server.during(async port => {
        const stock = await onStockNodeTo(name, port);
        const { seen, again } = await onPostelTo(name, port);
        expect(stock.length).toBeGreaterThan(0);
        expect(seen).toBe(stock);
        expect(again).toBeGreaterThan(0);
      }),
  );
});
