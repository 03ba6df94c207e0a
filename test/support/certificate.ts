/**
 * The certificate of the examples, for tests of TLS: for server.test and 10.0.0.2, signed by itself, for a
 * hundred years. Its key is no secret, and worth nothing.
 */
import { readFileSync } from "node:fs";

const pem = readFileSync(new URL("../../examples/server.test.pem", import.meta.url), "utf8");
const at = pem.indexOf("-----BEGIN CERTIFICATE");

export const KEY = pem.slice(0, at);
export const CERTIFICATE = pem.slice(at);
