/** The command on TUN and TAP devices: the Linux kernel's own programs reach it, and it reaches them. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as passed } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { type Namespace, withNamespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const MEGABYTE_HASH = "2c8de4f0e5729838ac57c70741e41e1f2771bd2131a8750b92c8ebd6fe4e8781";

/** A `postel` that runs inside; what it has printed is in `text`. */
class InsideCommand {
  readonly ended: Promise<number>;
  text = "";
  readonly #child: ReturnType<Namespace["spawn"]>;

  constructor(ns: Namespace, ...args: string[]) {
    // Its complaints are part of what it prints.
    const command = `exec "${process.execPath}" "${MAIN}" ${args.join(" ")} 2>&1`;
    this.#child = ns.spawn("sh", ["-c", command]);
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
    });
    this.ended = new Promise(resolve => this.#child.once("close", code => resolve(code ?? -1)));
  }

  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.#child.exitCode !== null)
        throw new Error(`it ended without printing ${pattern}: ${this.text}`);
      await passed(20);
    }
  }

  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  interrupt(): Promise<number> {
    this.#child.kill("SIGINT");
    return this.ended;
  }
}

const postel = (ns: Namespace, ...args: string[]) =>
  ns.exec(process.execPath, [MAIN, ...args], { mayFail: true });

async function sha256Of(ns: Namespace, url: string): Promise<string> {
  const { stdout } = await ns.exec("sh", ["-c", `curl -gsS '${url}' | sha256sum`]);
  return stdout.split(" ")[0] ?? "";
}

describe("up", () => {
  rootTest("--tun: curl and ping reach it by both families, with nothing to set up", () =>
    withNamespace(async ns => {
      const up = new InsideCommand(ns, "up", "--tun", "--quiet");
      await up.printed(/Ctrl-C ends it/);
      expect(up.text).toContain("Postel serves http://10.77.0.2/ and http://[fd77::2]/");
      for (const host of ["10.77.0.2", "[fd77::2]"]) {
        expect(await sha256Of(ns, `http://${host}/bytes/1000000`)).toBe(MEGABYTE_HASH);
        const content = randomBytes(2_000_000);
        const upload = ["-gsS", "-T", "-", `http://${host}/sha256`];
        const { stdout } = await ns.exec("curl", upload, { input: content });
        expect(stdout).toBe(`${createHash("sha256").update(content).digest("hex")} 2000000\n`);
      }
      for (const address of ["10.77.0.2", "fd77::2"]) {
        const { stdout } = await ns.exec("ping", ["-c", "3", "-i", "0.05", address]);
        expect(stdout).toContain("3 packets transmitted, 3 received, 0% packet loss");
      }
      expect(await up.interrupt()).toBe(0);
      expect(up.text.match(/ closed, /g)).toHaveLength(4);
    }),
  );

  rootTest("--tap NAME: the neighbors are found, and a bad wire is repaired", () =>
    withNamespace(async ns => {
      const up = new InsideCommand(
        ns,
        "up",
        "--tap",
        "postel7",
        "--loss",
        "3%",
        "--reorder",
        "1%",
        "--seed",
        "5",
      );
      await up.printed(/Ctrl-C ends it/);
      for (const host of ["10.77.0.2", "[fd77::2]"]) {
        expect(await sha256Of(ns, `http://${host}/bytes/1000000`)).toBe(MEGABYTE_HASH);
      }
      expect(await ns.ip("neighbor", "show", "dev", "postel7")).toMatch(/10\.77\.0\.2 lladdr /);
      expect(up.text).toMatch(/ARP, Reply 10\.77\.0\.2 is-at /);
      expect(up.text).toMatch(/neighbor advertisement, tgt is fd77::2/);
      expect(await up.interrupt()).toBe(0);
      expect(up.text).toMatch(/[1-9]\d* retransmitted \(/);
      expect(await ns.ip("-o", "link")).not.toContain("postel7");
    }),
  );

  rootTest("a device that is taken away ends it with a sentence", () =>
    withNamespace(async ns => {
      const up = new InsideCommand(ns, "up", "--tun", "gone0", "--quiet");
      await up.printed(/Ctrl-C ends it/);
      await ns.ip("link", "delete", "gone0");
      expect(await up.ended).toBe(1);
      expect(up.text).toContain("postel up: The device gone0 was removed.\n");
    }),
  );

  rootTest("a device that is in use, and one of another kind", () =>
    withNamespace(async ns => {
      const up = new InsideCommand(ns, "up", "--tun", "busy0", "--quiet");
      await up.printed(/Ctrl-C ends it/);
      const busy = await postel(ns, "up", "--tun", "busy0");
      expect([busy.code, busy.stderr]).toEqual([
        1,
        expect.stringMatching(/^postel: The TUN device busy0 is in use/),
      ]);
      const other = await postel(ns, "up", "--tap", "lo");
      expect([other.code, other.stderr]).toEqual([
        1,
        expect.stringMatching(/^postel: There is an interface lo already/),
      ]);
      await up.interrupt();
    }),
  );
});

/** A veth pair: the kernel has its addresses on `near0`, and `far0` is for us. */
async function makeVeth(ns: Namespace): Promise<void> {
  await ns.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0");
  for (const name of ["near0", "far0"]) await ns.ip("link", "set", name, "up");
  await ns.ip("address", "add", "10.77.0.1/24", "dev", "near0");
  await ns.ip("address", "add", "fd77::1/64", "dev", "near0", "nodad");
}

/** The mean size of the frames that the kernel has had from us on a device. */
async function meanSize(ns: Namespace, device: string): Promise<number> {
  const [link] = JSON.parse(await ns.ip("-s", "-j", "link", "show", "dev", device));
  const { bytes, packets } = link.stats64.rx;
  return bytes / packets;
}

describe("packet sockets", () => {
  rootTest("up --packet: a server at one end of a veth pair", () =>
    withNamespace(async ns => {
      await makeVeth(ns);
      const up = new InsideCommand(ns, "up", "--packet", "far0", "--quiet");
      await up.printed(/Ctrl-C ends it/);
      for (const host of ["10.77.0.2", "[fd77::2]"]) {
        expect(await sha256Of(ns, `http://${host}/bytes/1000000`)).toBe(MEGABYTE_HASH);
      }
      expect(await meanSize(ns, "near0")).toBeGreaterThan(3_000);
      expect(await up.interrupt()).toBe(0);
      expect(up.text).not.toContain("postel up: ");
      expect(await ns.ip("-o", "link")).toContain("far0");
    }),
  );

  rootTest("a station that takes over an address is found at once, whoever had it before", () =>
    withNamespace(async ns => {
      await makeVeth(ns);
      for (const gate of ["10.77.0.1", "fd77::1"]) {
        // Another process, another link-layer address: the kernel remembers that one.
        await postel(ns, "ping", "-c", "1", "--link", "packet:far0", gate);
      }
      const up = new InsideCommand(ns, "up", "--packet", "far0", "--quiet");
      await up.printed(/Ctrl-C ends it/);
      const size = ["-g", "-s", "--connect-timeout", "3", "-o", "/dev/null", "-w", "%{size_download}"];
      for (const host of ["10.77.0.2", "[fd77::2]"]) {
        const { stdout } = await ns.exec("curl", [...size, `http://${host}/bytes/9`], { mayFail: true });
        expect(stdout, host).toBe("9");
      }
      expect(await up.interrupt()).toBe(0);
    }),
  );

  rootTest("--link packet:NAME: ping finds the kernel, which also says what is wrong", () =>
    withNamespace(async ns => {
      await makeVeth(ns);
      const ping = (link: string) => postel(ns, "ping", "-c", "1", "--link", link, "10.77.0.1");
      const good = await ping("packet:far0");
      expect(good.stdout).toContain("64 bytes from 10.77.0.1: icmp_seq=1 ttl=64 time=");
      expect(good.stderr).toBe("");
      await ns.ip("address", "add", "10.78.0.9/24", "dev", "far0");
      expect((await ping("packet:far0")).stderr).toMatch(
        /^postel: The kernel's own addresses on far0 \(10\.78\.0\.9\) are out of our reach/,
      );
      await ns.ip("link", "set", "far0", "down");
      const down = await ping("packet:far0");
      expect([down.code, down.stderr]).toEqual([
        1,
        "postel: far0 is down: set it up first (sudo ip link set far0 up).\n",
      ]);
      const missing = await ping("packet:no0");
      expect(missing.stderr).toBe("postel: There is no interface no0: ip link shows those that there are.\n");
      const nobody = ["nobody", "--", process.execPath, MAIN, "ping", "--link", "packet:lo", "10.77.0.1"];
      const forbidden = await ns.exec("runuser", ["-u", ...nobody], { mayFail: true });
      expect(forbidden.stderr).toContain("A packet socket on lo needs root or CAP_NET_RAW");
    }),
  );
});

rootTest("--no-offload: single frames, the same bytes", () =>
  withNamespace(async ns => {
    for (const options of [[], ["--no-offload"]]) {
      const up = new InsideCommand(ns, "up", "--tun", "cut0", "--quiet", ...options);
      await up.printed(/Ctrl-C ends it/);
      expect(await sha256Of(ns, "http://10.77.0.2/bytes/1000000")).toBe(MEGABYTE_HASH);
      if (options.length === 0) expect(await meanSize(ns, "cut0")).toBeGreaterThan(3_000);
      else expect(await meanSize(ns, "cut0")).toBeLessThanOrEqual(1_500);
      await up.interrupt();
    }
  }),
);

describe("tools on a device of the kernel", () => {
  rootTest("ping and traceroute find the kernel, by both families", () =>
    withNamespace(async ns => {
      for (const address of ["10.77.0.1", "fd77::1"]) {
        const ping = await postel(ns, "ping", "-c", "2", "-i", "0.05", "--link", "tun", address);
        expect(ping.stdout).toContain(`64 bytes from ${address}: icmp_seq=2 ttl=64 time=`);
        const traceroute = await postel(ns, "traceroute", "--link", "tap:tr0", address);
        expect(traceroute.stdout).toMatch(new RegExp(`^ 1  ${address}(  \\d+\\.\\d{3} ms){3}$`, "m"));
      }
    }),
  );

  rootTest("addresses and a gateway of one's own", () =>
    withNamespace(async ns => {
      const link = ["--link", "tun:own0", "--address", "192.168.9.7/24", "--gateway", "192.168.9.254"];
      const { stdout } = await postel(ns, "ping", "-c", "1", ...link, "192.168.9.254");
      expect(stdout).toContain("64 bytes from 192.168.9.254: icmp_seq=1 ");
    }),
  );

  rootTest("get and nc reach the kernel's servers, and the kernel reaches nc", () =>
    withNamespace(async ns => {
      ns.spawn("python3", ["-m", "http.server", "8123", "--bind", "::"]);
      const waiting = ["-s", "--retry", "50", "--retry-delay", "1", "--retry-connrefused", "-o", "/dev/null"];
      await ns.exec("curl", [...waiting, "http://127.0.0.1:8123/"]);
      for (const host of ["10.77.0.1", "[fd77::1]"]) {
        const get = await postel(ns, "get", "--link", "tun", `http://${host}:8123/`);
        expect(get.code).toBe(0);
        expect(get.stdout).toContain("Directory listing");
      }
      const nc = new InsideCommand(ns, "nc", "-l", "-v", "--link", "tap", "9000", "<", "/proc/version");
      await nc.printed(/Listening on port 9000/);
      const script =
        "import socket; s = socket.create_connection(('fd77::2', 9000)); s.sendall(b'from the kernel');" +
        " s.shutdown(1); print(len(s.makefile('rb').read()) > 0)";
      expect((await ns.exec("python3", ["-c", script])).stdout).toBe("True\n");
      expect(await nc.ended).toBe(0);
      expect(nc.text).toContain("from the kernel");
    }),
  );

  rootTest("dump shows what the kernel sends", () =>
    withNamespace(async ns => {
      const dump = new InsideCommand(ns, "dump", "--link", "tap:dump0");
      await dump.printed(/Watching dump0/);
      await ns.exec("ping", ["-c", "1", "10.77.0.2"]);
      await dump.printed(/IP 10\.77\.0\.2 > 10\.77\.0\.1: ICMP echo reply/);
      // The kernel leaves the checksums of what it sends to the device, and so do we.
      await ns.exec("curl", ["http://10.77.0.2/"], { mayFail: true });
      await dump.printed(/IP 10\.77\.0\.2\.80 > 10\.77\.0\.1\.\d+: Flags \[R\.\]/);
      expect(dump.text).not.toContain("bad cksum");
      expect(await dump.interrupt()).toBe(0);
      expect(dump.text).toMatch(/ARP, Request who-has 10\.77\.0\.2 tell 10\.77\.0\.1, length 28/);
    }),
  );
});

rootTest("the command is built", () => {
  expect(existsSync(MAIN)).toBe(true);
});

describe("run", () => {
  const program = (name: string) => fileURLToPath(new URL(`../programs/linked/${name}`, import.meta.url));

  for (const link of ["tun", "tap"]) {
    rootTest(
      `--link ${link}: a Node server on it, for the kernel's curl, and a Node client of the kernel's`,
      () =>
        withNamespace(async ns => {
          const server = program("server.mjs");
          const run = new InsideCommand(ns, "run", "--link", link, "--", "node", server, "::");
          await run.printed(/^\d+\n/m);
          const port = /^\d+$/m.exec(run.text)?.[0];
          for (const host of ["10.77.0.2", "[fd77::2]"]) {
            const { stdout } = await ns.exec("curl", ["-gsS", "-d", "four", `http://${host}:${port}/`]);
            expect(stdout).toBe("hello 4");
          }
          run.terminate();
          expect(await run.ended).toBe(0);
          expect(run.text).toContain("closing");
        }),
    );
  }

  rootTest("a Node client on a TUN device, of a server on the kernel's stack", () =>
    withNamespace(async ns => {
      await ns.ip("link", "set", "lo", "up");
      const serving = ns.spawn(process.execPath, [program("server.mjs"), "::"]);
      const port = await new Promise<string>(resolve =>
        serving.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim())),
      );
      for (const host of ["10.77.0.1", "[fd77::1]"]) {
        const { stdout } = await postel(
          ns,
          ..."run --link tun -- node".split(" "),
          program("client.mjs"),
          `http://${host}:${port}/`,
        );
        expect(stdout).toBe("200 hello 0\n");
      }
      serving.kill();
    }),
  );
});
