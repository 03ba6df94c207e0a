/**
 * The package as its users see it: its doors, and the examples, which run on the built package by its own
 * name.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Namespace } from "../interop/namespace.ts";
import { rootTest } from "../interop/root-test.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

test("every door of the package opens", () => {
  const { exports } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
    exports: Record<string, unknown>;
  };
  const doors = Object.keys(exports).filter(door => door !== "./package.json");
  expect(doors.length).toBeGreaterThan(8);
  const script = doors.map(door => `await import("@postel/stack/${door.slice(2)}");`).join("");
  expect(run("--input-type=module", "-e", `${script}console.log("open")`)).toBe("open\n");
});

test("the preload is bundled: what the program imports besides knows its kernel's sockets all the same", () => {
  const script = `
    import { connect } from "node:net";
    import { dial, listen } from "@postel/stack/node";
    const listener = await listen({ host: "127.0.0.1", port: 0 }, socket => socket.destroy());
    (await dial({ host: "127.0.0.1", port: listener.port })).destroy();
    connect(listener.port, "127.0.0.1").on("error", ({ code }) => console.log("ours:", code));
    void listener.close();`;
  const expected = "ours: ECONNREFUSED\n";
  const register = "@postel/stack/register";
  expect(run("--import", register, "--input-type=module", "-e", script)).toBe(expected);
  expect(run("--require", register, "--input-type=module", "-e", script)).toBe(expected);
  expect(import.meta.resolve(register)).toMatch(/dist\/preload\//);
});

test("examples/scene.mjs: a guided scene, told with its packets; the seed decides the run", () => {
  const told = run("examples/scene.mjs", "lost-third-ack");
  expect(told).toMatch(/^Lost third ACK, then data and RST\n/);
  expect(told).toMatch(/ server-client: IP 10\.0\.0\.2\.80 > 10\.0\.0\.1\.40002: Flags \[R\], [^\n]*\n/);
  expect(told.match(/ \* /g)?.length).toBe(6);
  expect(run("examples/scene.mjs", "lost-third-ack", "7")).not.toBe(told);
  expect(() => run("examples/scene.mjs", "none")).toThrow("There is no scene of the name none.");
});

test("examples/simulated-loss.mjs: everything arrives, the seed decides the run, and README shows it", () => {
  const first = run("examples/simulated-loss.mjs", "7");
  expect(first).toMatch(/^1000000 bytes arrived in \d+\.\d+ simulated seconds\n/);
  expect(readFileSync(`${root}/README.md`, "utf8")).toContain(`\n${first}\`\`\`\n`);
  expect(run("examples/simulated-loss.mjs", "7")).toBe(first);
  expect(run("examples/simulated-loss.mjs", "8")).not.toBe(first);
});

test("examples/starttls.mjs: plain text, then TLS on the same connection, by the WinterTC Sockets API", () => {
  const lines = run("examples/starttls.mjs", "7").split("\n");
  expect(lines.slice(0, 5)).toEqual([
    "220 server.test",
    "250 server.test",
    "220 go ahead",
    "250 server.test (in private)",
    "221 bye",
  ]);
});

test("examples/two-hosts.mjs: HTTP, fetch and UDP between two hosts of one process, which then ends", () => {
  expect(run("examples/two-hosts.mjs")).toBe(
    [
      "http: ::ffff:10.0.0.2 asks for /one",
      "fetch: ::ffff:10.0.0.2 asks for /two",
      "dgram: a datagram",
      "",
    ].join("\n"),
  );
});

test("examples/inspect.mjs: an inspector for browsers, and one whose page is the program itself", () => {
  const lines = run("examples/inspect.mjs").split("\n");
  expect(lines.slice(0, 3)).toEqual(["The inspector is open.", "watching client", "5 bytes came back"]);
  expect(lines.slice(3, 5)).toEqual([
    "CLOSED → SYN-SENT: active OPEN, SYN sent",
    "SYN-SENT → ESTABLISHED: SYN-ACK received, ACK sent",
  ]);
});

test("examples/virtual-time.mjs: clients see a partition, and the seed decides the run", () => {
  const first = run("examples/virtual-time.mjs", "7");
  expect(first).toMatch(/ 13\.\d+ s {2}undici: the web server does not answer: UND_ERR_CONNECT_TIMEOUT\n/);
  expect(first).toMatch(/ 16\.000 s {2}ws: no pong, given up\n/);
  expect(first).toMatch(/ 40\.000 s {2}the network is back\n[\s\S]*undici: the web server answers\n/);
  expect(first).toMatch(/ioredis: visit \d+ is counted\n/);
  expect(run("examples/virtual-time.mjs", "7")).toBe(first);
  expect(run("examples/virtual-time.mjs", "8")).not.toBe(first);
});

rootTest("examples/echo-on-tun.mjs: the kernel pings it, and is echoed", async () => {
  const ns = await Namespace.create();
  try {
    const example = ns.spawn(process.execPath, [`${root}/examples/echo-on-tun.mjs`]);
    await expect
      .poll(
        () =>
          ns.exec("ping", ["-c1", "-W1", "10.77.0.2"]).then(
            () => true,
            () => false,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(true);
    const echoed = await ns.exec("nc", ["-N", "10.77.0.2", "7"], { input: "hello, stack\n" });
    expect(String(echoed.stdout ?? echoed)).toContain("hello, stack");
    example.kill();
  } finally {
    await ns.close();
  }
});
