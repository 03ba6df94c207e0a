import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import net from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { CERTIFICATE, KEY } from "../../../test/support/certificate.ts";
import { Host } from "../../host/host.ts";
import { createPair } from "../../link/pair.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { Driver } from "../driver.ts";
import { CryptoRandom } from "../random.ts";
import { type LivePrograms, programsOn } from "./host-programs.ts";

const closers: Array<() => void> = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Two hosts on a wire, 10.0.0.1 and 10.0.0.2, which know each other as `one` and `two`. */
function pair(): [LivePrograms, LivePrograms] {
  const driver = new Driver();
  const names: Record<string, readonly IpAddress[]> = {
    one: [ip("10.0.0.1"), ip("fd00::1")],
    two: [ip("10.0.0.2"), ip("fd00::2")],
  };
  const resolver = { resolve: (name: string) => names[name] ?? [] };
  const [a, b] = createPair(driver).map((device, index) => {
    const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom() });
    driver.add(host);
    const addresses = [
      { address: ip(`10.0.0.${index + 1}`), prefixLength: 24 },
      { address: ip(`fd00::${index + 1}`), prefixLength: 64 },
    ];
    host.attach(device, { addresses, duplicateDetection: false });
    return programsOn(host, driver, { resolver });
  });
  closers.push(() => driver.close());
  return [a as LivePrograms, b as LivePrograms];
}

async function listening<Server extends net.Server>(server: Server, ...where: unknown[]): Promise<Server> {
  server.listen(...(where as [number]));
  await once(server, "listening");
  closers.push(() => server.close());
  return server;
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let all = "";
  for await (const part of stream) all += part;
  return all;
}

describe("the modules of a host", () => {
  test("make its servers and sockets, wherever those are used", async () => {
    const [one, two] = pair();
    const server = await listening(
      two.net.createServer(socket => socket.end(`${socket.remoteAddress}`)),
      7,
    );
    expect(server.address()).toEqual({ address: "::", family: "IPv6", port: 7 });
    const socket = new one.net.Socket();
    expect(socket).toBeInstanceOf(net.Socket);
    expect(await text(socket.connect(7, "10.0.0.2"))).toBe("::ffff:10.0.0.1");
    expect(await text(one.net.connect({ port: 7, host: "two", family: 6 }))).toBe("fd00::1");
    const nobody = one.net.connect(7, "three");
    const [error] = await once(nobody, "error");
    expect(error.message).toBe("getaddrinfo ENOTFOUND three");
    expect([...two.host.tcp.listeners()].map(({ port }) => port)).toEqual([7]);
  });

  test("open two addresses of a name one after the other (autoSelectFamily)", async () => {
    const [one, two] = pair();
    await listening(
      two.net.createServer(socket => socket.end("four")),
      7,
      "10.0.0.2",
    );
    const order = { lookup: lookupOf(["fd00::2", "10.0.0.2"]), autoSelectFamily: true };
    expect(await text(one.net.connect({ port: 7, host: "x", ...order }))).toBe("four");
  });

  test("TLS goes over the host's connections", async () => {
    const [one, two] = pair();
    const server = two.tls.createServer({ key: KEY, cert: CERTIFICATE }, socket => {
      socket.on("error", () => {});
      socket.once("data", bytes => {
        socket.end(`${socket.remoteAddress} said ${bytes}`);
      });
    });
    await listening(server, 443);
    const options = { host: "10.0.0.2", port: 443, servername: "server.test", ca: CERTIFICATE };
    const socket = one.tls.connect(options);
    socket.write("hello");
    expect(await text(socket)).toBe("::ffff:10.0.0.1 said hello");
    expect(socket.authorized).toBe(true);
    const within = one.run(() => tls.connect({ ...options }));
    within.write("again");
    expect(await text(within)).toBe("::ffff:10.0.0.1 said again");
  });

  test("HTTP, by the module, by an agent of its own, and HTTP/2", async () => {
    const [one, two] = pair();
    await listening(
      two.http.createServer((request, response) => response.end(`${request.url}`)),
      80,
    );
    const get = (options: http.RequestOptions) =>
      new Promise<IncomingMessage>((resolve, reject) =>
        http.get({ host: "two", ...options }, resolve).on("error", reject),
      );
    const agent = new one.http.Agent({ keepAlive: true });
    closers.push(() => agent.destroy());
    expect(await text(await get({ agent, path: "/by-agent" }))).toBe("/by-agent");
    const inside = await one.run(() => get({ path: "/inside", agent: false }));
    expect(await text(inside)).toBe("/inside");

    const second = two.http2.createServer();
    second.on("stream", stream => stream.end("streamed"));
    await listening(second as unknown as net.Server, 81);
    const session = one.http2.connect("http://10.0.0.2:81");
    expect(await text(session.request({ ":path": "/" }))).toBe("streamed");
    session.close();
  });
});

describe("code that runs in a host", () => {
  test("stays there through promises, timers and the events of its sockets", async () => {
    const [one, two] = pair();
    // The server asks back from within its handlers, by stock modules.
    await two.run(async () => {
      const server = http.createServer(async (_request, response) => {
        await new Promise(resolve => setTimeout(resolve, 1));
        const back = net.connect(9, "10.0.0.1");
        response.end(`from ${await text(back)}`);
      });
      await listening(server, 80);
    });
    await listening(
      one.net.createServer(socket => socket.end(`${socket.remoteAddress}`)),
      9,
    );
    const answer = await one.run(() => fetch("http://two/"));
    expect(await answer.text()).toBe("from ::ffff:10.0.0.2");
    // What comes on an accepted socket is told in its host as well.
    await listening(
      two.net.createServer(socket => socket.once("data", () => net.connect(9, "10.0.0.1").pipe(socket))),
      8,
    );
    const socket = one.net.connect(8, "two");
    socket.write("?");
    expect(await text(socket)).toBe("::ffff:10.0.0.2");
  });

  test("leaves the rest of the process alone", async () => {
    const [one] = pair();
    const kernels = await listening(
      net.createServer(socket => socket.end("kernel")),
      0,
      "127.0.0.1",
    );
    const { port } = kernels.address() as net.AddressInfo;
    expect(await text(net.connect(port, "127.0.0.1"))).toBe("kernel");
    const [error] = await once(one.net.connect(port, "127.0.0.1"), "error");
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("has errors of bind and listen in Node's words", async () => {
    const [one] = pair();
    const [error] = await once(one.net.createServer().listen(80, "10.9.9.9"), "error");
    expect(error.message).toBe("listen EADDRNOTAVAIL: address not available 10.9.9.9:80");
  });
});

function lookupOf(addresses: readonly string[]): net.LookupFunction {
  return (_name, options, done) => {
    const all = addresses.map(address => ({ address, family: net.isIP(address) }));
    if (options.all === true) done(null, all);
    else done(null, all[0]?.address ?? "", all[0]?.family);
  };
}

test("a host opens its own inspector, which the machine's browser reaches though the program lives on the host", async () => {
  const [one] = pair();
  const { url, close } = await one.run(() => one.inspect({ port: 0, title: "a host of ours" }));
  const source = await new Promise<string>((resolve, reject) => {
    http.get(`${url}source.json`, answer => text(answer).then(resolve, reject)).once("error", reject);
  });
  expect(JSON.parse(source)).toEqual({ source: "live" });
  await close();
});
