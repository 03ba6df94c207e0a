/**
 * Serves the built page with an inspector that a test plays: it says what the test wants, and shows what the
 * page has asked for.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import sirv from "sirv";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { FromPage, ToPage } from "../../src/inspect/protocol.ts";
import { freshPage } from "./fresh-page.ts";

const PAGE = fileURLToPath(new URL("../../dist/page", import.meta.url));

/** As strict as the inspector's own. */
const POLICY = "default-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface ServedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class PageServer {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #page: WebSocket | undefined;
  /** What the page has said, the oldest first. */
  readonly heard: FromPage[] = [];
  /** Says the first things to a page that has come. */
  greet: () => void = () => {};

  private constructor(server: Server) {
    this.#server = server;
    this.#sockets = new WebSocketServer({ server, path: "/channel" });
    this.#sockets.on("connection", socket => {
      this.#page = socket;
      socket.on("message", data => this.heard.push(JSON.parse(String(data)) as FromPage));
      this.greet();
    });
  }

  /** `source`: a live host that the test plays, a file, or nothing. */
  static async start(source: "live" | "none" | ServedFile): Promise<PageServer> {
    await freshPage();
    const files = sirv(PAGE, { dev: true });
    const server = createServer((request, response) => {
      response.setHeader("Content-Security-Policy", POLICY);
      if (request.url === "/source.json") return response.end(JSON.stringify(sourceJson(source)));
      if (request.url === "/file" && typeof source === "object") return response.end(source.bytes);
      return files(request, response, () => {
        response.writeHead(404).end();
      });
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    return new PageServer(server);
  }

  /** One for the test that asks. It outlives the test's pages, for a page may fetch its icon at the last moment. */
  static async forTest(source: "live" | "none" | ServedFile): Promise<PageServer> {
    const server = await PageServer.start(source);
    onTestFinished(() => server.close());
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  say(...messages: readonly ToPage[]): void {
    for (const message of messages) this.#page?.send(JSON.stringify(message));
  }

  /** The page's channel breaks. */
  hangUp(): void {
    this.#page?.terminate();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

function sourceJson(source: "live" | "none" | ServedFile): unknown {
  return typeof source === "object" ? { source: "file", name: source.name } : { source };
}
