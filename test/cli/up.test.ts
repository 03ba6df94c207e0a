/** `postel up` without root: curl reaches the site through the kernel, the gate and the virtual wire. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { readCapture } from "../../src/capture/capture-file.ts";
import { PacketLines } from "../../src/capture/packet-line.ts";
import { missingTools, output } from "../support/capture-tools.ts";
import { curl, type Ended, postel, startUp, temporaryFile } from "./postel.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Header lines and body. */
async function response(args: readonly string[], input?: Uint8Array) {
  const whole = (await curl(["-i", ...args], input)).toString("latin1");
  const end = whole.indexOf("\r\n\r\n");
  const [status = "", ...headers] = whole.slice(0, end).toLowerCase().split("\r\n");
  return { status: Number(status.split(" ")[1]), headers, body: whole.slice(end + 4) };
}

/** The lines of a capture. */
function linesOf(path: string): string[] {
  const { packets, error } = readCapture(readFileSync(path));
  expect(error).toBeUndefined();
  const lines = new PacketLines();
  return packets.map(packet => lines.line(packet.interface.linkType, packet.bytes));
}

describe("the site", () => {
  test("the index page shows the connection that it comes by", async () => {
    const { url } = await startUp("--quiet");
    const { status, headers, body } = await response([url]);
    expect(status).toBe(200);
    expect(headers).toContain("content-type: text/html; charset=utf-8");
    expect(body).toMatch(/10\.77\.0\.1:\d+/);
    expect(body).toContain("ESTABLISHED");
    expect(body).toContain("<dt>congestionControl</dt>");
    const state = JSON.parse((await curl([`${url}status.json`])).toString());
    expect(state).toMatchObject({
      name: "server",
      // The page's connection may still be closing.
      connections: expect.arrayContaining([expect.objectContaining({ state: "ESTABLISHED", localPort: 80 })]),
      listeners: [{ port: 80 }],
    });
  });

  test("/bytes/N: the same bytes each time, their number and HEAD", async () => {
    const { url } = await startUp("--quiet");
    const [first, second] = await Promise.all([curl([`${url}bytes/5000000`]), curl([`${url}bytes/5000000`])]);
    expect(first.length).toBe(5_000_000);
    expect(sha256(first)).toBe(sha256(second));
    expect(sha256(await curl([`${url}bytes/1000000`]))).toBe(
      "2c8de4f0e5729838ac57c70741e41e1f2771bd2131a8750b92c8ebd6fe4e8781",
    );
    const head = await response(["-I", `${url}bytes/10000000000`]);
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers).toContain("content-length: 10000000000");
    expect((await curl([`${url}bytes/0`])).length).toBe(0);
  });

  test("/sha256 and /echo take any number of bytes, by POST and PUT, chunked or not", async () => {
    const { url } = await startUp("--quiet");
    const content = randomBytes(3_000_000);
    const expected = `${sha256(content)} ${content.length}\n`;
    expect((await curl(["--data-binary", "@-", `${url}sha256`], content)).toString()).toBe(expected);
    expect((await curl(["-T", "-", `${url}sha256`], content)).toString()).toBe(expected);
    expect((await curl(["-T", "-", `${url}echo`], content)).equals(content)).toBe(true);
    expect((await curl(["-d", "", `${url}sha256`])).toString()).toBe(`${sha256(Buffer.alloc(0))} 0\n`);
  });

  test("nonsense is answered with 400, 404 and 405", async () => {
    const { url } = await startUp("--quiet");
    for (const path of ["bytes/", "bytes/x", "bytes/-1", "bytes/1.5", "bytes/10000000001", "bytes/1/2"]) {
      expect([path, (await response([`${url}${path}`])).status]).toEqual([path, 400]);
    }
    expect((await response([`${url}nowhere<script>`])).status).toBe(404);
    const get = await response([`${url}sha256`]);
    expect([get.status, get.headers.includes("allow: post, put")]).toEqual([405, true]);
    expect((await response(["-X", "DELETE", url])).status).toBe(405);
  });

  test("many connections at once", async () => {
    const { url } = await startUp("--quiet");
    const urls = Array.from({ length: 60 }, (_, i) => `${url}bytes/${20_000 + i}`);
    const bodies = await Promise.all(urls.map(each => curl([each])));
    expect(bodies.map(({ length }) => length)).toEqual(urls.map((_, i) => 20_000 + i));
  });
});

describe("a bad wire", () => {
  test("downloads and uploads arrive whole", async () => {
    const words = "--loss 5% --delay 5ms --jitter 1ms --reorder 1% --duplicate 1% --corrupt 0.5% --seed 7";
    const { up, url } = await startUp("--quiet", ...words.split(" "));
    expect(up.stdout).toContain("The wire is bad: 5% loss, 1% duplicated, 1% reordered, 0.5% corrupted, ");
    expect(sha256(await curl([`${url}bytes/300000`]))).toBe(sha256(await curl([`${url}bytes/300000`])));
    const content = randomBytes(300_000);
    expect((await curl(["-T", "-", `${url}sha256`], content)).toString()).toBe(`${sha256(content)} 300000\n`);
    const { code } = await up.interrupt();
    expect(code).toBe(0);
    expect(up.stdout).toMatch(/[1-9]\d* retransmitted \(/);
  });

  test("a rate is kept", async () => {
    const { url } = await startUp("--quiet", "--rate", "4mbit");
    const startedAt = performance.now();
    await curl([`${url}bytes/250000`]);
    // Half a second at least; how much more is the machine's affair.
    expect(performance.now() - startedAt).toBeGreaterThan(480);
  });
});

describe("what the terminal shows", () => {
  test("a line for each segment, and one for the connection at its end", async () => {
    const { up, url } = await startUp();
    await curl([`${url}bytes/10000`]);
    await up.printed(/closed, /);
    const text = Buffer.from(up.stdout, "latin1").toString();
    expect(text).toMatch(
      /^\d\d:\d\d:\d\d\.\d{6} IP 10\.77\.0\.1\.\d+ > 10\.77\.0\.2\.80: Flags \[S\], seq \d+, win /m,
    );
    expect(text).toMatch(/10\.77\.0\.2\.80 > 10\.77\.0\.1\.\d+: Flags \[F?P?\.\], seq 1:\d+, ack \d+, /);
    expect(text).toMatch(/ARP, Request who-has 10\.77\.0\.2 tell 10\.77\.0\.1/);
    expect(text).toMatch(
      /^— 10\.77\.0\.2:80 ↔ 10\.77\.0\.1:\d+ closed, 10,\d{3} bytes out, \d+ bytes in, .+, SRTT .+, nothing retransmitted$/m,
    );
    expect(text).not.toContain("\u001b");
  });

  test("--quiet leaves the segments out", async () => {
    const { up, url } = await startUp("--quiet");
    await curl([`${url}bytes/10000`]);
    await up.printed(/closed, /);
    expect(up.stdout).not.toMatch(/Flags \[/);
  });

  test("colour, where it is asked for", async () => {
    const ended = await postel(["ping", "-c", "1", "--link", "sim", "target"], { env: { FORCE_COLOR: "1" } });
    expect(ended.code).toBe(0);
    const dump = await postel(["dump", "--link", "sim", "-c", "1"], { env: { FORCE_COLOR: "1" } });
    expect(dump.stdout.toString()).toContain("\u001b[");
  });
});

describe("the end", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s closes idle connections with FIN and exits 0",
    async signal => {
      const path = temporaryFile("up.pcapng");
      const { up, url } = await startUp("--quiet", "--pcap", path);
      await curl([`${url}bytes/1000`]);
      const { code, stderr } = await up.interrupt(signal);
      expect([code, stderr]).toEqual([0, "Closing the connections; Ctrl-C again resets them.\n"]);
      // A busy machine may send one again.
      const fins = linesOf(path).filter(line => /Flags \[F/.test(line));
      expect(new Set(fins.map(line => line.split(" > ")[0])).size).toBe(2);
    },
  );

  test("Ctrl-C in the middle of transfers closes them with FIN, both ways", async () => {
    const path = temporaryFile("up.pcapng");
    const { up, url } = await startUp("--quiet", "--pcap", path, "--rate", "20mbit");
    const cut = (ended: Ended): number => ended.code;
    const download = curl([`${url}bytes/10000000000`, "-o", "/dev/null"]).catch(() => "cut");
    const upload = curl(["-T", "/dev/zero", `${url}sha256`]).catch(() => "cut");
    await new Promise(resolve => setTimeout(resolve, 700));
    expect(cut(await up.interrupt())).toBe(0);
    expect(await Promise.all([download, upload])).toEqual(["cut", "cut"]);
    const lines = linesOf(path);
    const fins = lines.filter(line => /Flags \[F/.test(line));
    expect(fins.filter(line => line.includes("> 10.77.0.2.80:")).length).toBeGreaterThanOrEqual(2);
    expect(fins.filter(line => line.includes("10.77.0.2.80 >")).length).toBeGreaterThanOrEqual(1);
  });

  test("a client that does not close is reset after a while: the second Ctrl-C does not wait for that", async () => {
    const { up, url } = await startUp("--quiet");
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => undefined);
    await new Promise(resolve => socket.once("connect", resolve));
    await new Promise(resolve => setTimeout(resolve, 100));
    up.child.kill("SIGINT");
    await up.printed(/Closing the connections/);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(up.child.exitCode).toBeNull();
    expect((await up.interrupt()).code).toBe(0);
    socket.destroy();
  });

  test("who closes our output ends us in order", async () => {
    const { up, url } = await startUp();
    up.child.stdout.destroy();
    // What this connection gets depends on when the first line is missed: an answer, or an end without one.
    await curl([`${url}bytes/1000`]).catch(() => undefined);
    expect((await up.ended).code).toBe(0);
  });
});

describe("the capture", () => {
  const missing = missingTools("tshark");

  test.skipIf(missing !== undefined)(`tshark opens it without a complaint ${missing ?? ""}`, async () => {
    const path = temporaryFile("up.pcapng");
    const { up, url } = await startUp("--quiet", "--pcap", path);
    await curl([`${url}bytes/2000000`, "-o", "/dev/null"]);
    await up.interrupt();
    const options = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    const tshark = (filter: string): string =>
      output("tshark", ["-r", path, ...options, "-Y", filter], /^Running as/);
    expect(tshark("_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0")).toBe("");
    const once = "!tcp.analysis.retransmission";
    expect(tshark(`tcp.flags.syn == 1 && ${once}`).trim().split("\n")).toHaveLength(2);
    expect(tshark(`tcp.flags.fin == 1 && ${once}`).trim().split("\n")).toHaveLength(2);
  });
});

describe("what goes wrong is one sentence", () => {
  const complaint = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await postel(["up", ...args]);
    expect([args.join(" "), code]).toEqual([args.join(" "), 1]);
    expect(stdout.toString()).toBe("");
    expect(stderr).toMatch(/^postel[^\n]*\n$/);
    expect(stderr).not.toMatch(/\n\s+at |node:internal/);
    return stderr;
  };

  test("a port in use", async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(await complaint("--listen", String(port))).toBe(
      `postel: Port ${port} of 127.0.0.1 is in use by another program: stop that program or choose another port.\n`,
    );
    server.close();
  });

  test("bad options and values", async () => {
    expect(await complaint("--lose", "5%")).toContain("unknown option '--lose'");
    expect(await complaint("--loss", "5")).toContain("such as 5%");
    expect(await complaint("--rate", "fast")).toContain("such as 50mbit");
    expect(await complaint("--listen", "here")).toContain("Give [HOST:]PORT");
    expect(await complaint("--seed")).toContain("argument missing");
    expect(await complaint("extra")).toContain("too many arguments");
    expect(await complaint("--tun", "--tap")).toContain("cannot be used with");
    expect(await complaint("--tap", "--listen", "80")).toContain("--listen is for the virtual wire");
  });

  test("an address that is not of this machine, a file that cannot be written, a bad device name", async () => {
    expect(await complaint("--listen", "192.0.2.1:0")).toContain(
      "192.0.2.1 is not an address of this machine",
    );
    expect(await complaint("--pcap", "/nonexistent/x")).toContain("There is no file /nonexistent/x");
    expect(await complaint("--tun", "a/b")).toMatch(/device name|Linux|koffi/);
  });
});

test("--help shows examples, for the program and each command", async () => {
  const root = await postel(["--help"]);
  for (const name of ["up", "ping", "traceroute", "nc", "get", "dump", "view"]) {
    expect(root.stdout.toString()).toMatch(new RegExp(`^ {2}${name} `, "m"));
    const { code, stdout } = await postel([name, "--help"]);
    expect(code).toBe(0);
    expect(stdout.toString()).toContain("Examples:\n  ");
  }
});

test("an unknown command, and none", async () => {
  expect(await postel(["frob"])).toMatchObject({ code: 1, stderr: "postel: unknown command 'frob'\n" });
  expect((await postel([])).code).toBe(1);
  expect((await postel(["--version"])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
