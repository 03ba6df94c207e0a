/**
 * An honest client of the kernel's: fetches small pages, some at once as browsers do, each over a connection
 * of its own on port 5004, as `load connections` does; but so many of them, however long they take.
 *
 *   node pages.mjs --to ADDRESS --pages N --at-once N
 *
 * Prints one line of JSON: how many arrived whole, and how long half of them and the slowest took, in ms.
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    to: { type: "string", default: "10.9.0.2" },
    pages: { type: "string", default: "1000" },
    "at-once": { type: "string", default: "1" },
  },
});
const PAGE = 64;
const REQUEST = new Uint8Array(64);

/** Answers whether the page came whole. */
function fetchPage() {
  return new Promise(resolve => {
    let received = 0;
    const socket = connect({ host: values.to, port: 5004, noDelay: true });
    socket.once("connect", () => socket.write(REQUEST));
    socket.on("data", piece => {
      received += piece.length;
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(received === PAGE));
  });
}

const times = [];
let arrived = 0;
let left = Number(values.pages);

async function fetchInTurn() {
  while (left-- > 0) {
    const begin = performance.now();
    if (await fetchPage()) arrived++;
    times.push(performance.now() - begin);
  }
}

await Promise.all(Array.from({ length: Number(values["at-once"]) }, fetchInTurn));
times.sort((a, b) => a - b);
const half = times[times.length >> 1];
process.stdout.write(`${JSON.stringify({ arrived, half, slowest: times.at(-1) })}\n`);
