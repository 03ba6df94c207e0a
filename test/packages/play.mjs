/**
 * A program of two ends, each a process of its own: `node NAME.mjs server` says its port and serves until its
 * input ends; `node NAME.mjs client HOST` reads the port. Both must come to their ends by themselves.
 */
import { createCipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { buffer, text } from "node:stream/consumers";

/**
 * @param server answers its port, and how it is closed; none: the server is no program of Node's
 * @param client does what is to be seen at this host and port
 */
export async function play({ server, client }) {
  const [role, host] = process.argv.slice(2);
  if (role === "client") return client({ host, port: Number(await text(process.stdin)) });
  const { port, close } = await server();
  process.stdout.write(`${port}\n`);
  await text(process.stdin);
  await close();
}

/** What either end saw, and what stock Node has to see as well. */
export function saw(what, ...values) {
  const texts = values.map(value => (typeof value === "string" ? value : JSON.stringify(value)));
  process.stdout.write(`${what}: ${texts.join(" ")}\n`);
}

/** Bytes that are the same in every run, and that nothing compresses. */
export function bytes(size) {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(size));
}

export const digest = data =>
  `${data.length} ${createHash("sha256").update(data).digest("hex").slice(0, 12)}`;

export const digestOf = async readable => digest(await buffer(readable));

/** For server.test, signed by itself. */
export const CERTIFICATE = readFileSync(new URL("../../examples/server.test.pem", import.meta.url));

/** A server of Node's that listens on all of the host's addresses. */
export async function listening(server) {
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return server.address().port;
}

export const range = count => Array.from({ length: count }, (_, index) => index);
