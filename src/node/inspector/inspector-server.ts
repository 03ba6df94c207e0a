/**
 * The inspector's server: HTTP on this machine's loopback alone, by the kernel's network even where a
 * program's lies on ours. It serves the page, says what there is to be seen (`/source.json`), gives the file
 * that was opened (`/file`), and is the channel between inspector and pages (`/channel`, a WebSocket).
 */
import { createReadStream } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { basename } from "node:path";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { InspectorChannel } from "../../inspect/protocol.ts";
import { type KernelListener, listenWith } from "../kernel-listener.ts";
import { OperationError } from "../operation-error.ts";
import { mayAsk, mayJoin } from "./admission.ts";
import { PAGE_FOLDER, pageFiles, type Serve, setSecurityHeaders } from "./page-files.ts";
import { WebSocketChannel } from "./web-socket-channel.ts";

/** What the page is to show: a live inspector, a file, or nothing but the scenes that it has itself. */
export type PageSource =
  | { readonly source: "live"; readonly join: (channel: InspectorChannel) => void }
  | { readonly source: "file"; readonly path: string; readonly size: number }
  | { readonly source: "none" };

export interface InspectorServerOptions {
  readonly show: PageSource;
  /** Of this machine's loopback; undefined: 8081, or the next one that is free. 0: any. */
  readonly port?: number | undefined;
  readonly host?: "127.0.0.1" | "::1" | undefined;
  /** The process may end while it serves. */
  readonly isBackground?: boolean | undefined;
  readonly pageFolder?: string | undefined;
}

export const USUAL_PORT = 8_081;
/** So many are tried one after another. */
const PORTS_TRIED = 50;
/** Connections at once, of them pages. */
const MOST_CONNECTIONS = 128;
const MOST_PAGES = 16;
/** Of a page, in bytes. */
const LONGEST_MESSAGE = 65_536;

export class InspectorServer {
  readonly url: string;
  /** The usual port was taken. */
  readonly isElsewhere: boolean;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #listener: KernelListener;

  private constructor(
    http: Server,
    sockets: WebSocketServer,
    listener: KernelListener,
    isElsewhere: boolean,
  ) {
    const { host, port } = listener;
    this.#http = http;
    this.#sockets = sockets;
    this.#listener = listener;
    this.url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
    this.isElsewhere = isElsewhere;
  }

  /** @throws OperationError */
  static async open(options: InspectorServerOptions): Promise<InspectorServer> {
    const sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE });
    const http = createServer(answerer(options));
    http.maxConnections = MOST_CONNECTIONS;
    http.on("upgrade", (request, socket, head) => upgrade(options.show, sockets, request, socket, head));
    const { host = "127.0.0.1", port, isBackground } = options;
    if (isBackground === true) http.on("connection", socket => socket.unref());
    const listener =
      port === undefined ? await listenNear(http, host) : await listenWith(http, { host, port });
    if (isBackground === true) listener.unref();
    const isElsewhere = port === undefined && listener.port !== USUAL_PORT;
    return new InspectorServer(http, sockets, listener, isElsewhere);
  }

  async close(): Promise<void> {
    const closed = this.#listener.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await closed;
  }
}

/** At the usual port, or at the next one that is free. */
async function listenNear(http: Server, host: string): Promise<KernelListener> {
  for (let port = USUAL_PORT; ; port++) {
    try {
      return await listenWith(http, { host, port });
    } catch (error) {
      const isTaken = error instanceof OperationError && error.code === "EADDRINUSE";
      if (!isTaken || port === USUAL_PORT + PORTS_TRIED - 1) throw error;
    }
  }
}

function answerer({ show, pageFolder = PAGE_FOLDER }: InspectorServerOptions): Serve {
  const files = pageFiles(pageFolder, (_, response) => refuse(response, 404));
  return (request, response) => {
    setSecurityHeaders(response);
    const [path] = (request.url ?? "").split("?", 1);
    if (!mayAsk(request.headers)) refuse(response, 403);
    else if (request.method !== "GET" && request.method !== "HEAD")
      refuse(response, 405, { Allow: "GET, HEAD" });
    else if (path === "/source.json") answerJson(response, described(show));
    else if (path === "/file" && show.source === "file") answerFile(request, response, show);
    else files(request, response);
  };
}

function described(show: PageSource): object {
  return show.source === "file"
    ? { source: "file", name: basename(show.path), size: show.size }
    : { source: show.source };
}

function answerJson(response: ServerResponse, content: object): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(content));
}

function answerFile(request: IncomingMessage, response: ServerResponse, { path }: { readonly path: string }) {
  response.setHeader("Content-Type", "application/octet-stream");
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const file = createReadStream(path);
  file.once("error", () => (response.headersSent ? response.destroy() : refuse(response, 404)));
  response.once("close", () => file.destroy());
  file.pipe(response);
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, "Content-Type": "text/plain" });
  response.end(`${STATUS_CODES[status]}\n`);
}

/** A WebSocket is asked for. */
function upgrade(
  show: PageSource,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on("error", () => undefined);
  const [path] = (request.url ?? "").split("?", 1);
  if (!mayJoin(request.headers)) refuseUpgrade(socket, 403);
  else if (path !== "/channel" || show.source !== "live") refuseUpgrade(socket, 404);
  else if (sockets.clients.size >= MOST_PAGES) refuseUpgrade(socket, 503);
  else sockets.handleUpgrade(request, socket, head, page => show.join(new WebSocketChannel(page)));
}

/** HTTP's server knows nothing of this socket any more: it does not wait for the other side to close. */
function refuseUpgrade(socket: Duplex, status: number): void {
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
