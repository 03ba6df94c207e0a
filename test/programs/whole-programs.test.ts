/**
 * `postel run`, and the preload with a link: programs on the user link reach this machine's servers through
 * the gate, and this machine's programs reach theirs, over a wire that loses packets.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { readCapture } from "../../src/capture/capture-file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const postel = join(root, "dist/cli/main.js");
const register = join(root, "dist/cli/program/register.js");
const program = (name: string) => join(root, "test/programs/linked", name);

interface Started {
  readonly child: ChildProcess;
  line(): Promise<string>;
  /** The exit code, or the signal. */
  readonly ended: Promise<unknown>;
  stderr(): string;
}

function start(values: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, values, { env: { ...process.env, ...env } });
  // `postel run` passes it on; a program would outlive its SIGKILL.
  onTestFinished(() => void child.kill("SIGTERM"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  return { child, line: async () => (await lines.next()).value, ended, stderr: () => stderr };
}

function run(...values: string[]): Started {
  return start([postel, "run", ...values]);
}

async function served(answer: string, host = "127.0.0.1"): Promise<number> {
  const server = createServer((_request, response) => response.end(answer));
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function fetched(port: number, body: string | undefined = undefined): Promise<string> {
  const call = request({
    port,
    host: "127.0.0.1",
    method: body === undefined ? "GET" : "POST",
    agent: false,
  });
  call.end(body);
  const [response] = await once(call, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

describe("postel run", () => {
  test("--inspect: the inspector lies on this machine's own network, and does not hold the program", async () => {
    const { line, child, ended, stderr } = run(
      "--inspect",
      "--inspect-port",
      "0",
      "--",
      "node",
      program("server.mjs"),
    );
    const port = Number(await line());
    const where = /The inspector is at http:\/\/127\.0\.0\.1:(\d+)\//;
    while (!where.test(stderr())) await once(child.stderr ?? child, "data");
    const inspector = Number(where.exec(stderr())?.[1]);
    const origin = `http://127.0.0.1:${inspector}`;
    const page = new WebSocket(`${origin.replace("http", "ws")}/channel`, { headers: { Origin: origin } });
    const [hello] = await once(page, "message");
    expect(JSON.parse(hello.toString())).toMatchObject({
      title: expect.stringMatching(/^server\.mjs \(\d+\)$/),
      hosts: [{ name: "us" }, { name: "gate" }],
      abilities: { links: true },
    });
    expect(await fetched(port)).not.toBe("");
    child.kill("SIGTERM");
    await ended;
    page.terminate();
  });

  test("the program's own server is published while it listens, at 127.0.0.1", async () => {
    const { line, child, ended, stderr } = run(
      "--loss",
      "2%",
      "--seed",
      "5",
      "--",
      "node",
      program("server.mjs"),
    );
    const port = Number(await line());
    const text = "x".repeat(300_000);
    // It is open when the program hears that it listens.
    expect(await fetched(port)).toBe("hello 0");
    expect(await fetched(port, text)).toBe("hello 300000");
    child.kill("SIGTERM");
    expect(await line()).toBe("closing");
    expect([await ended, stderr()]).toEqual([0, ""]);
    await expect(fetched(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("a datagram that was sent last still leaves, to the machine's own loopback", async () => {
    const machine = createSocket("udp4").bind(0, "127.0.0.1");
    onTestFinished(() => void machine.close());
    await once(machine, "listening");
    const heard = once(machine, "message");
    const { port } = machine.address();
    const { ended, stderr } = run(
      "--delay",
      "50ms",
      "--",
      "node",
      program("last-datagram.mjs"),
      String(port),
    );
    expect(String((await heard)[0])).toBe("last words");
    expect([await ended, stderr()]).toEqual([0, ""]);
  });

  test("at another port, and only what is said", async () => {
    const { line } = run("--publish", "0:1", "--", "node", program("server.mjs"));
    const port = Number(await line());
    await new Promise(resolve => setTimeout(resolve, 200));
    await expect(fetched(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("a port that the machine's other programs have is taken for the program, too", async () => {
    const taken = String(await served("somebody else's"));
    const here = run("--", "node", program("listen.mjs"), taken);
    expect(await here.line()).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${taken}`);
    const elsewhere = run("--publish", `${taken}:3000`, "--", "node", program("listen.mjs"), "3000");
    expect(await elsewhere.line()).toBe("listen EADDRINUSE: address already in use 127.0.0.1:3000");
    await elsewhere.ended;
    expect(elsewhere.stderr()).toContain(`postel: Port ${taken} of 127.0.0.1 is in use by another program`);
  });

  test("on IPv6, at a port of the kernel's choice, which is told; and a datagram's, which may be taken", async () => {
    const tcp = run("--publish", "[::1]::3000", "--", "node", program("listen.mjs"), "3000");
    expect(await tcp.line()).toBe("listening");
    const told = /port 3000\/tcp is published at \[::1\]:(\d+)\./;
    await expect.poll(tcp.stderr).toMatch(told);
    const [, port] = told.exec(tcp.stderr()) ?? [];
    const socket = connect(Number(port), "::1");
    expect((await once(socket, "data")).toString()).toBe("hello");
    socket.destroy();
    const machine = createSocket("udp4").bind(0, "127.0.0.1");
    onTestFinished(() => void machine.close());
    await once(machine, "listening");
    const udp = run("--", "node", program("listen.mjs"), String(machine.address().port), "udp");
    expect(await udp.line()).toBe(`bind EADDRINUSE 0.0.0.0:${machine.address().port}`);
  });

  test("a program that resets a connection resets the one of its published port", async () => {
    const { line } = run("--", "node", program("listen.mjs"), "0", "reset");
    const socket = connect(Number(await line()), "127.0.0.1");
    expect((await once(socket, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
  });

  test.each(["127.0.0.1", "localhost"])("the machine's own servers are reached at %s", async name => {
    const port = await served("from the kernel's side");
    const { line, ended } = run(
      "--loss",
      "2%",
      "--",
      "node",
      program("client.mjs"),
      `http://${name}:${port}/`,
    );
    expect(await line()).toBe("200 from the kernel's side");
    expect(await ended).toBe(0);
  });

  test("nobody there is ECONNREFUSED", async () => {
    const server = createTcpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const { line } = run("--", "node", program("client.mjs"), `http://127.0.0.1:${port}/`);
    expect(await line()).toBe("ECONNREFUSED");
  });

  test("the exit code is the program's, and so is the signal's", async () => {
    expect(await run("--", "node", "-e", "process.exit(3)").ended).toBe(3);
    expect(await run("--", "node", "-e", "process.kill(process.pid, 'SIGKILL')").ended).toBe(137);
    const missing = run("--", "no-such-program");
    expect(await missing.ended).toBe(127);
    expect(missing.stderr()).toBe("postel: There is no program no-such-program (ENOENT).\n");
  });

  test("a bad option is one sentence, before anything is started", async () => {
    const bad = run("--loss", "2", "--", "node", "-e", "console.log('started')");
    expect(await bad.ended).toBe(1);
    expect(bad.stderr()).toMatch(/^postel run: option '--loss <percent>' argument '2' is invalid\. .*\n$/);
  });

  test("what passes the wire is recorded, to the program's last packet", async () => {
    const folder = mkdtempSync(join(tmpdir(), "postel-run-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const port = await served("recorded");
    const pcap = join(folder, "x.pcapng");
    const { ended } = run("--pcap", pcap, "--", "node", program("client.mjs"), `http://127.0.0.1:${port}/`);
    expect(await ended).toBe(0);
    const bytes = readFileSync(pcap);
    expect(bytes.includes("GET / HTTP/1.1")).toBe(true);
    expect(bytes.includes("recorded")).toBe(true);
  });

  test("what a program and its children send is in one capture", async () => {
    const folder = mkdtempSync(join(tmpdir(), "postel-run-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const pcap = join(folder, "x.pcapng");
    const url = `http://127.0.0.1:${await served("recorded")}/`;
    expect(await run("--pcap", pcap, "--", "node", program("parent.mjs"), url).ended).toBe(0);
    const { packets, error } = readCapture(readFileSync(pcap));
    expect(error).toBeUndefined();
    const texts = packets.map(({ bytes }) => Buffer.from(bytes).toString("latin1"));
    for (const name of ["parent", "child"])
      expect(texts.filter(text => text.includes(`GET /${name} HTTP/1.1`))).toHaveLength(1);
    expect(texts.filter(text => text.includes("recorded"))).toHaveLength(2);
  });

  test("what a program has written before its end arrives, though the process had nothing more to do", async () => {
    const server = createTcpServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const connected = once(server, "connection");
    const { ended } = run("--delay", "20ms", "--", "node", program("last-words.mjs"), String(port));
    const [socket] = await connected;
    let bytes = 0;
    for await (const chunk of socket) bytes += chunk.length;
    socket.end();
    expect([bytes, await ended]).toEqual([500_000, 0]);
  });
});

describe("the preload", () => {
  test("with variables", async () => {
    const port = await served("by variables");
    const env = { POSTEL_LINK: "user", POSTEL_PUBLISH: "none" };
    const { line } = start(["--import", register, program("client.mjs"), `http://127.0.0.1:${port}/`], env);
    expect(await line()).toBe("200 by variables");
  });

  test("for CommonJS: the user link needs no waiting, a device of the kernel does", async () => {
    const port = await served("by require");
    const preload = register.replace(/\.js$/, ".cjs");
    const values = ["--require", preload, program("client.mjs"), `http://127.0.0.1:${port}/`];
    expect(await start(values, { POSTEL_LINK: "user" }).line()).toBe("200 by require");
    const waiting = start(values, { POSTEL_LINK: "qemu:/nowhere/socket" });
    expect(await waiting.ended).toBe(1);
    expect(waiting.stderr()).toContain("use --import");
  });

  test("on the simulated internet its hosts are found by their names, and no others", async () => {
    const env = { POSTEL_LINK: "sim" };
    const found = start(["--import", register, program("client.mjs"), "http://target/bytes/5"], env);
    expect(await found.line()).toMatch(/^200 .{5}$/s);
    const missing = start(["--import", register, program("client.mjs"), "http://example.org/"], env);
    expect(await missing.line()).toBe("ENOTFOUND");
  });

  test("names given by hand; a name server that is not there", async () => {
    const port = await served("by its name");
    const env = { POSTEL_LINK: "user", POSTEL_NAME: "db.test=10.77.0.1" };
    const found = start(["--import", register, program("client.mjs"), `http://db.test:${port}/`], env);
    expect(await found.line()).toBe("200 by its name");
  });

  test("without a link the machine is out of reach", async () => {
    const port = await served("not to be seen");
    const { line } = start(["--import", register, program("client.mjs"), `http://127.0.0.1:${port}/`]);
    expect(await line()).toBe("ECONNREFUSED");
  });

  test("settings that cannot be read end the process before the program", async () => {
    const bad = start(["--import", register, "-e", "console.log('started')"], { POSTEL_LINK: "wifi" });
    expect(await bad.ended).toBe(1);
    expect(bad.stderr()).toMatch(/^postel: The program's network cannot be opened: .* Give sim, user/);
  });
});
