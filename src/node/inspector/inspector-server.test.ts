/** The server as those see it who may use it, and as those do who may not. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { troubleOf } from "../../inspect/problem.ts";
import type { FromPage, InspectorChannel, ToPage } from "../../inspect/protocol.ts";
import { InspectorServer, type InspectorServerOptions, USUAL_PORT } from "./inspector-server.ts";

const folder = mkdtempSync(join(tmpdir(), "postel-page-"));
const secret = join(folder, "secret.txt");
const pageFolder = join(folder, "page");
const servers: InspectorServer[] = [];
const sockets: WebSocket[] = [];

beforeAll(() => {
  writeFileSync(secret, "nobody shall read this");
  mkdirSync(join(pageFolder, "assets"), { recursive: true });
  writeFileSync(join(pageFolder, "index.html"), "<!doctype html><title>Postel</title>");
  writeFileSync(join(pageFolder, "assets", "index-1a2b.js"), "1");
  return () => rmSync(folder, { recursive: true });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(servers.splice(0).map(server => server.close()));
});

async function open(options: Partial<InspectorServerOptions> = {}): Promise<InspectorServer> {
  const server = await InspectorServer.open({ show: { source: "none" }, port: 0, pageFolder, ...options });
  servers.push(server);
  return server;
}

/** A live inspector in name only: what pages say, and a way to tell them something. */
async function live(options: Partial<InspectorServerOptions> = {}) {
  const channels: InspectorChannel[] = [];
  const heard: FromPage[] = [];
  const join = (channel: InspectorChannel): void => {
    channels.push(channel);
    channel.onMessage = message => heard.push(message);
    channel.onClosed = () => channels.splice(channels.indexOf(channel), 1);
    channel.send(troubleOf({ kind: "told", sentence: "none" }));
  };
  const server = await open({ show: { source: "live", join }, ...options });
  return { server, channels, heard };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The path is sent as it is: no client takes the dots out of it. */
function ask(url: string, path = "/", headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: hostname.replace(/[[\]]/g, ""), port, path, headers, method }, response => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

function dial(url: string, headers: Record<string, string>, path = "/channel"): WebSocket {
  const socket = new WebSocket(`${url.replace(/^http/, "ws").replace(/\/$/, "")}${path}`, { headers });
  sockets.push(socket);
  return socket;
}

/** What the server answers to somebody who wants a channel: 101, or why not. */
function upgradeStatus(
  url: string,
  headers: Record<string, string>,
  path?: string,
): Promise<number | undefined> {
  const socket = dial(url, headers, path);
  return new Promise(resolve => {
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
    socket.on("error", () => undefined);
  });
}

const originOf = (url: string): string => url.replace(/\/$/, "");

async function joined(url: string): Promise<WebSocket> {
  const socket = dial(url, { Origin: originOf(url) });
  await once(socket, "message");
  return socket;
}

async function nextMessage(socket: WebSocket): Promise<ToPage> {
  const [data] = (await once(socket, "message")) as [Buffer];
  return JSON.parse(data.toString()) as ToPage;
}

describe("the page", () => {
  test("is served with headers that let nothing foreign in, and is never out of date", async () => {
    const { url } = await open();
    const { status, headers, body } = await ask(url);
    expect([status, body]).toEqual([200, "<!doctype html><title>Postel</title>"]);
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringMatching(/^default-src 'self'; .*frame-ancestors 'none'$/),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|http/);
    const asset = await ask(url, "/assets/index-1a2b.js");
    expect([asset.status, asset.headers["cache-control"]]).toEqual([
      200,
      "private, max-age=31536000, immutable",
    ]);
  });

  test("hears what there is to be seen, and gets the file that was opened", async () => {
    expect((await ask((await open()).url, "/source.json")).body).toBe('{"source":"none"}');
    expect((await ask((await live()).server.url, "/source.json")).body).toBe('{"source":"live"}');
    const { url } = await open({ show: { source: "file", path: secret, size: 22 } });
    const { body } = await ask(url, "/source.json");
    expect(JSON.parse(body)).toEqual({ source: "file", name: "secret.txt", size: 22 });
    expect((await ask(url, "/file")).body).toBe("nobody shall read this");
    expect((await ask(url, "/file", {}, "HEAD")).body).toBe("");
    expect((await ask((await open()).url, "/file")).status).toBe(404);
  });

  test("a file that has gone is a 404, and a page that was not built is one too", async () => {
    const { url } = await open({ show: { source: "file", path: join(folder, "gone"), size: 1 } });
    expect((await ask(url, "/file")).status).toBe(404);
    expect((await ask((await open({ pageFolder: join(folder, "nowhere") })).url)).status).toBe(404);
  });

  test("there is no way out of its folder", async () => {
    const { url } = await open();
    const paths = [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/assets/../../secret.txt",
      "/..\\secret.txt",
      `/${secret}`,
      `//${secret}`,
      "/%00",
      "/%",
      "/secret.txt",
    ];
    for (const path of paths) {
      const { status, body } = await ask(url, path);
      expect([path, status]).toEqual([path, 404]);
      expect(body).not.toContain("nobody");
    }
  });

  test("is only read", async () => {
    const { url } = await open();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect([method, (await ask(url, "/", {}, method)).status]).toEqual([method, 405]);
  });
});

describe("who may ask", () => {
  test("a name that leads here and is not this machine's is refused: DNS rebinding", async () => {
    const { server } = await live();
    const { port } = new URL(server.url);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      "10.77.0.2",
    ])
      for (const path of ["/", "/source.json", "/file"])
        expect([host, (await ask(server.url, path, { Host: host })).status]).toEqual([host, 403]);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost:9000"])
      expect([host, (await ask(server.url, "/", { Host: host })).status]).toEqual([host, 200]);
  });

  test("a page from elsewhere is refused, also from another port of this machine", async () => {
    const { server } = await live();
    const { url } = server;
    const foreign = [
      "http://evil.example",
      "http://127.0.0.1:1",
      "https://127.0.0.1",
      "null",
      `${originOf(url)}.x`,
    ];
    for (const origin of foreign) {
      expect([origin, (await ask(url, "/", { Origin: origin })).status]).toEqual([origin, 403]);
      expect([origin, await upgradeStatus(url, { Origin: origin })]).toEqual([origin, 403]);
    }
    expect((await ask(url, "/", { Origin: originOf(url) })).status).toBe(200);
  });

  test("a channel is opened by the page alone: with its origin, under its own name, at its own place", async () => {
    const { server, channels } = await live();
    const { url } = server;
    const { port } = new URL(url);
    const own = { Origin: originOf(url) };
    expect(await upgradeStatus(url, {})).toBe(403);
    expect(
      await upgradeStatus(url, { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` }),
    ).toBe(403);
    expect(await upgradeStatus(url, own, "/elsewhere")).toBe(404);
    expect(channels.length).toBe(0);
    expect(await upgradeStatus(url, own)).toBe(101);
    expect(await upgradeStatus((await open()).url, { Origin: originOf(servers.at(-1)?.url ?? "") })).toBe(
      404,
    );
  });

  test("who is refused a channel and stays is put out: the server can close", async () => {
    const { server } = await live();
    const { hostname, port } = new URL(server.url);
    const refused = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    refused.write("GET /channel HTTP/1.1\r\nHost: evil\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const [answer] = (await once(refused, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
    await server.close();
    refused.destroy();
  });

  test("nobody from another machine: only the loopback is listened to", async () => {
    expect(new URL((await open()).url).hostname).toBe("127.0.0.1");
    expect(new URL((await open({ host: "::1" })).url).hostname).toBe("[::1]");
    expect((await ask((await open({ host: "::1" })).url)).status).toBe(200);
  });
});

describe("a channel", () => {
  test("carries messages both ways, for several pages at once, until it is closed", async () => {
    const { server, channels, heard } = await live();
    const [first, second] = [await joined(server.url), await joined(server.url)];
    first.send(JSON.stringify({ type: "watch", connections: [7] }));
    for (const channel of channels) channel.send({ type: "rows", time: 1, rows: [], gone: [] });
    expect(await nextMessage(second)).toEqual({ type: "rows", time: 1, rows: [], gone: [] });
    while (heard.length === 0) await new Promise(resolve => setImmediate(resolve));
    expect(heard).toEqual([{ type: "watch", connections: [7] }]);
    first.close();
    while (channels.length > 1) await new Promise(resolve => setImmediate(resolve));
    channels[0]?.close();
    await once(second, "close");
  });

  test("answers what is not JSON with a sentence, and goes on", async () => {
    const { server, heard } = await live();
    const page = await joined(server.url);
    for (const nonsense of ["{", "", "\u0000", '{"type":']) {
      page.send(nonsense);
      expect(await nextMessage(page)).toMatchObject({
        type: "trouble",
        sentence: "This message is not JSON.",
      });
    }
    page.send(Buffer.from("{}"));
    expect(await nextMessage(page)).toMatchObject({ type: "trouble" });
    page.send('{"type":"watch","connections":[]}');
    while (heard.length === 0) await new Promise(resolve => setImmediate(resolve));
    expect(heard).toEqual([{ type: "watch", connections: [] }]);
  });

  test("ends with a message that is too long, and the others stay", async () => {
    const { server, channels, heard } = await live();
    const [bad, good] = [await joined(server.url), await joined(server.url)];
    bad.send("x".repeat(70_000));
    const [code] = (await once(bad, "close")) as [number];
    expect([code, heard]).toEqual([1009, []]);
    expect(channels.length).toBe(1);
    channels[0]?.send({ type: "rows", time: 2, rows: [], gone: [] });
    expect(await nextMessage(good)).toMatchObject({ time: 2 });
  });

  test("says how much a page that never reads has not taken", async () => {
    const { server, channels } = await live();
    const page = await joined(server.url);
    page.pause();
    const [channel] = channels;
    if (channel === undefined) throw new Error("nobody has joined");
    const sentence = "x".repeat(1 << 20);
    for (let i = 0; i < 64 && (channel.waiting ?? 0) < 1 << 20; i++)
      channel.send(troubleOf({ kind: "told", sentence }));
    expect(channel.waiting).toBeGreaterThanOrEqual(1 << 20);
  });

  test("there are no more than sixteen", async () => {
    const { server } = await live();
    const headers = { Origin: originOf(server.url) };
    for (let i = 0; i < 16; i++) await joined(server.url);
    expect(await upgradeStatus(server.url, headers)).toBe(503);
    sockets[0]?.terminate();
    while ((await upgradeStatus(server.url, headers)) !== 101);
  });
});

test("a thousand connections take the places that there are, and give them back", async () => {
  const { url } = await open();
  const { hostname, port } = new URL(url);
  const crowd = Array.from({ length: 1_000 }, () =>
    connect(Number(port), hostname).on("error", () => undefined),
  );
  const left = crowd.map(socket => once(socket, "close").catch(() => undefined));
  let open_ = crowd.length;
  for (const gone of left) gone.then(() => open_--);
  while (open_ > 128) await new Promise(resolve => setImmediate(resolve));
  for (const socket of crowd) socket.destroy();
  await Promise.all(left);
  const status = (): Promise<number | undefined> =>
    ask(url).then(
      answer => answer.status,
      () => undefined,
    );
  while ((await status()) !== 200);
});

describe("the port", () => {
  test("that was asked for and is taken is an error", async () => {
    const { url } = await open();
    await expect(open({ port: Number(new URL(url).port) })).rejects.toThrow(/is in use by another program/);
  });

  test("that was not asked for is the usual one, or the next that is free", async () => {
    const taken = createServer().listen(USUAL_PORT, "127.0.0.1");
    await Promise.race([once(taken, "listening"), once(taken, "error")]);
    const server = await open({ port: undefined });
    expect(Number(new URL(server.url).port)).toBeGreaterThan(USUAL_PORT);
    expect(server.isElsewhere).toBe(true);
    taken.close();
  });
});
