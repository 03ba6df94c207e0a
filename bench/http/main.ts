#!/usr/bin/env node
/**
 * A server, the load, or both in one process: a program for Node that knows nothing of Postel. The load tells
 * when its window begins and ends, and at last what it saw, each as a line of JSON.
 */
import { parseArgs } from "node:util";
import { askAgainAndAgain } from "./load.ts";
import { serveHttp } from "./server.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: "string", default: "16" },
    bytes: { type: "string", default: "1024" },
    /** A new connection for each request. */
    closing: { type: "boolean", default: false },
    seconds: { type: "string", default: "2" },
    "warm-up": { type: "string", default: "1" },
  },
});
const [role = ""] = positionals;

function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function load() {
  const requests = {
    clients: Number(values.clients),
    bytes: Number(values.bytes),
    isClosing: values.closing,
    seconds: Number(values.seconds),
    warmUp: Number(values["warm-up"]),
  };
  return askAgainAndAgain(requests, event => tell({ event }));
}

if (role === "server") {
  const server = await serveHttp();
  process.once("SIGTERM", () => {
    server.closeAllConnections();
    server.close();
  });
  process.stdout.write("ready\n");
} else if (role === "load") {
  tell(await load());
} else if (role === "both") {
  const server = await serveHttp();
  tell(await load());
  server.close();
} else {
  process.stderr.write(`There is no role "${role}": server, load or both.\n`);
  process.exitCode = 1;
}
