/** Where things are, from the source as from its build. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export const ROOT = dirname(createRequire(import.meta.url).resolve("@postel/stack/package.json"));
export const PEER_SOURCES = join(ROOT, "bench/peers");
/** What is built of them at bench time. */
export const PEER_BUILDS = join(ROOT, "bench/dist/peers");
/** Our own subject: a program, so that it has a process to itself as its peers have. */
export const POSTEL_SUBJECT = join(ROOT, "bench/dist/subject/postel.js");
export const RESULTS = join(ROOT, "bench/results");
export const PAGE = join(ROOT, "docs/performance.md");
