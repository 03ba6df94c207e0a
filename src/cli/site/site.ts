/**
 * The web site that a Postel host serves: Node's HTTP server over Postel's TCP.
 *
 *   /            the host as it is now          /bytes/N   N pseudo-random bytes
 *   /status.json the same as data               /sha256    the hash of what is sent
 *   /live        the changing part of the page  /echo      what is sent
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Host } from "../../host/host.ts";
import { type StreamSocket, toDuplex } from "../../node/duplex.ts";
import { listenTcp, type TcpListener } from "../../socket/tcp-listener.ts";
import type { TcpStream } from "../../socket/tcp-stream.ts";
import { statusOf } from "./host-status.ts";
import { indexPage, livePart } from "./index-page.ts";
import { PseudoRandomBytes } from "./pseudo-random-bytes.ts";

export const MOST_BYTES = 10_000_000_000;

const SECURITY = {
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'unsafe-inline'",
    "connect-src 'self'",
    "img-src data:",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

interface Page {
  readonly methods: readonly string[];
  readonly answer: Answer;
}

const READING = ["GET", "HEAD"];
const SENDING = ["POST", "PUT"];

export class Site {
  readonly #host: Host;
  readonly #openedAt: number;
  readonly #server: Server;
  readonly #sockets = new Set<StreamSocket>();
  readonly #pages: ReadonlyMap<string, Page>;
  #listener: TcpListener | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#openedAt = host.now;
    // Uploads through a bad wire may take as long as they need.
    this.#server = createServer({ requestTimeout: 0 }, (request, response) =>
      this.#answer(request, response),
    );
    const status = () => statusOf(host, this.#openedAt);
    this.#pages = new Map<string, Page>([
      ["/", { methods: READING, answer: (_, response) => send(response, "text/html", indexPage(status())) }],
      [
        "/live",
        { methods: READING, answer: (_, response) => send(response, "text/html", livePart(status())) },
      ],
      ["/status.json", { methods: READING, answer: (_, response) => sendJson(response, status()) }],
      ["/sha256", { methods: SENDING, answer: hash }],
      ["/echo", { methods: SENDING, answer: echo }],
    ]);
  }

  listen(port: number): void {
    const listener = listenTcp(this.#host, { port });
    this.#listener = listener;
    void this.#acceptAll(listener);
  }

  /** Accepts no more. */
  close(): void {
    this.#listener?.close();
  }

  /** Closes every connection in order; resolves when all of them are closed on our side. */
  closeConnections(): Promise<void> {
    for (const socket of this.#sockets) socket.destroySoon();
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#whenEmpty = resolve;
    });
  }

  async #acceptAll(listener: TcpListener): Promise<void> {
    for await (const stream of listener) this.#serve(stream);
  }

  #serve(stream: TcpStream): void {
    stream.setNoDelay(true);
    const socket = toDuplex(stream);
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#whenEmpty?.();
    });
    this.#server.emit("connection", socket);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(SECURITY)) response.setHeader(name, value);
    const path = (request.url ?? "/").split("?", 1)[0] as string;
    const page = this.#pages.get(path) ?? (path.startsWith("/bytes/") ? bytesPage(path) : undefined);
    if (page === undefined) {
      refuse(response, 404, `There is no ${path} here: see /`);
      return;
    }
    if (!page.methods.includes(request.method ?? "")) {
      response.setHeader("allow", page.methods.join(", "));
      refuse(response, 405, `${path} takes ${page.methods.join(" and ")}.`);
      return;
    }
    // A client that goes away in the middle is no event: its connection's summary says so.
    Promise.resolve(page.answer(request, response)).catch(() => response.destroy());
  }
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, {
    "content-type": `${type}; charset=utf-8`,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, "application/json", `${JSON.stringify(value, null, 2)}\n`);
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const text = `${sentence}\n`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function bytesPage(path: string): Page {
  const digits = path.slice("/bytes/".length);
  const count = /^\d{1,11}$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY;
  return {
    methods: READING,
    answer: async (request, response) => {
      if (count > MOST_BYTES) {
        refuse(response, 400, `/bytes/N takes a whole number of bytes from 0 to ${MOST_BYTES}.`);
        return;
      }
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": count });
      if (request.method === "HEAD") response.end();
      else await pipeline(new PseudoRandomBytes(count), response);
    },
  };
}

async function hash(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sha256 = createHash("sha256");
  let count = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    count += chunk.length;
  }
  send(response, "text/plain", `${sha256.digest("hex")} ${count}\n`);
}

/** Never as a page: what comes from others must not run as ours. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const length = request.headers["content-length"];
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    ...(length === undefined ? {} : { "content-length": length }),
  });
  await pipeline(request, response);
}
