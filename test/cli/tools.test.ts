/**
 * ping, traceroute, nc, get and dump, without root: on the simulated internet and through the user-mode
 * gateway.
 */
import { createHash, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readCapture } from "../../src/capture/capture-file.ts";
import { MAIN, postel, Running, startPostel, temporaryFile } from "./postel.ts";

const servers: Array<{ close(): unknown }> = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The port of a server of the kernel's. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A port of the kernel's that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function contentOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise(resolve => socket.once("end", resolve));
  return Buffer.concat(chunks);
}

describe("ping", () => {
  test.each([
    ["-4", "203.0.113.10"],
    ["-6", "2001:db8:2::10"],
  ])("answers come back, and the statistics are iputils' (%s)", async (family, address) => {
    const { code, stdout } = await postel(["ping", "-c", "3", "-i", "0.05", family, "target"]);
    expect(code).toBe(0);
    const lines = stdout.toString().split("\n");
    expect(lines[0]).toContain(`PING target (${address}) 56`);
    for (const i of [1, 2, 3]) {
      expect(lines[i]).toMatch(
        new RegExp(`^64 bytes from ${address}: icmp_seq=${i} ttl=62 time=\\d+(\\.\\d+)? ms$`),
      );
    }
    expect(lines[5]).toBe("--- target ping statistics ---");
    expect(lines[6]).toMatch(/^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$/);
    expect(lines[7]).toMatch(/^rtt min\/avg\/max\/mdev = (\d+\.\d{3}\/){3}\d+\.\d{3} ms$/);
  });

  test("a hop limit that is too small is told by the router, and nothing answered is exit code 1", async () => {
    const { code, stdout } = await postel(["ping", "-c", "1", "-t", "1", "target"]);
    expect(code).toBe(1);
    expect(stdout.toString()).toContain("From 10.77.0.1 icmp_seq=1 Time to live exceeded\n");
    expect(stdout.toString()).toContain("1 packets transmitted, 0 received, +1 errors, 100% packet loss");
  });

  test("a network that nobody knows", async () => {
    const { code, stdout } = await postel(["ping", "-6", "-c", "1", "2001:db8:99::1"]);
    expect(code).toBe(1);
    expect(stdout.toString()).toContain("icmp_seq=1 Destination unreachable: No route");
  });

  test("large requests are cut into fragments, and -q shows only the statistics", async () => {
    const path = temporaryFile("ping.pcapng");
    // While ARP asks for the next hop, only a few packets wait: the first request may be lost.
    const args = ["ping", "-c", "3", "-i", "0.2", "-q", "-s", "20000", "--pcap", path, "target"];
    const { code, stdout } = await postel(args);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/^PING target .* 20000\(20028\) bytes of data\.\n\n--- target/);
    expect(readCapture(readFileSync(path)).packets.length).toBeGreaterThan(2 * 13);
  });

  test("a wire that loses everything: exit code 1 after the time that -W gives", async () => {
    const args = ["ping", "-c", "2", "-i", "0.05", "-W", "0.2", "--loss", "100%", "target"];
    const { code, stdout } = await postel(args);
    expect(code).toBe(1);
    expect(stdout.toString()).toContain("2 packets transmitted, 0 received, 100% packet loss");
  });

  test("Ctrl-C ends with the statistics", async () => {
    const ping = startPostel(["ping", "-i", "0.05", "target"]);
    await ping.printed(/icmp_seq=2 /);
    const { code, stdout } = await ping.interrupt();
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/ packets transmitted, [2-9] received/);
  });
});

describe("traceroute", () => {
  test.each([
    [["-4"], ["10.77.0.1", "198.51.100.2", "203.0.113.10"], 60],
    [["-6"], ["fd77::1", "2001:db8:1::2", "2001:db8:2::10"], 80],
    [["-4", "-I"], ["10.77.0.1", "198.51.100.2", "203.0.113.10"], 60],
    [["-6", "-I"], ["fd77::1", "2001:db8:1::2", "2001:db8:2::10"], 80],
  ])("%j: each hop once, three times each", async (options, hops, size) => {
    const { code, stdout } = await postel(["traceroute", ...options, "target"]);
    expect(code).toBe(0);
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines[0]).toBe(`traceroute to target (${hops[2]}), 30 hops max, ${size} byte packets`);
    expect(lines).toHaveLength(4);
    for (const [i, hop] of hops.entries()) {
      expect(lines[i + 1]).toMatch(new RegExp(`^ ${i + 1}  ${hop}(  \\d+\\.\\d{3} ms){3}$`));
    }
  });

  test("it ends where a router knows no way on, with its mark", async () => {
    const { stdout } = await postel(["traceroute", "-q", "1", "192.0.2.1"]);
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^ [23] {2}198\.51\.100\.2 {2}\d+\.\d{3} ms !N$/);
  });

  test("no further than -m, and a star for who does not answer within -w", async () => {
    const { stdout } = await postel(["traceroute", "-m", "2", "-w", "0.1", "--loss", "100%", "target"]);
    expect(stdout.toString().split("\n").slice(1)).toEqual([" 1 * * *", " 2 * * *", ""]);
  });
});

describe("nc", () => {
  test.each([["-4"], ["-6"]])("what goes to an echo service comes back, to the byte (%s)", async family => {
    const content = randomBytes(1_000_000);
    const { code, stdout } = await postel(["nc", family, "--link", "sim", "target", "7"], { input: content });
    expect(code).toBe(0);
    expect(stdout.equals(content)).toBe(true);
  });

  test("as a client of the kernel, through the gateway: half-close, then the answer", async () => {
    const content = randomBytes(2_000_000);
    const server = createServer({ allowHalfOpen: true }, async socket => {
      const got = await contentOf(socket);
      socket.end(`${createHash("sha256").update(got).digest("hex")} after your end`);
    });
    const port = await listening(server);
    const { code, stdout, stderr } = await postel(["nc", "-v", "127.0.0.1", String(port)], {
      input: content,
    });
    expect(code).toBe(0);
    expect(stdout.toString()).toBe(`${createHash("sha256").update(content).digest("hex")} after your end`);
    expect(stderr).toMatch(
      /Connected: 10\.77\.0\.2:\d+ ↔ 10\.77\.0\.1:\d+\n.* closed, 2,000,000 bytes out, /,
    );
  });

  test("as a server, published to the kernel: both directions, and the end of both", async () => {
    const port = await freePort();
    const content = randomBytes(500_000);
    const nc = startPostel(["nc", "-l", "-v", String(port)], { input: content });
    await nc.printed(/Listening on/);
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("from the kernel");
    const got = await contentOf(socket);
    expect(got.equals(content)).toBe(true);
    const { code, stdout } = await nc.ended;
    expect([code, stdout.toString()]).toEqual([0, "from the kernel"]);
  });

  test("UDP: a client on the simulated internet, and one of the kernel", async () => {
    const sim = await postel(["nc", "-u", "--link", "sim", "target", "7"], { input: "echo me" });
    expect([sim.code, sim.stdout.toString()]).toEqual([0, "echo me"]);
    const socket = createSocket("udp4");
    servers.push(socket);
    socket.on("message", (bytes, peer) => socket.send(Buffer.from(bytes).reverse(), peer.port, peer.address));
    await new Promise<void>(resolve => socket.bind(0, "127.0.0.1", resolve));
    const user = await postel(["nc", "-u", "127.0.0.1", String(socket.address().port)], { input: "hello" });
    expect([user.code, user.stdout.toString()]).toEqual([0, "olleh"]);
  });

  test("UDP: a server answers who spoke first, and ends when nothing more comes", async () => {
    const port = await freePort();
    const nc = startPostel(["nc", "-u", "-l", "-v", "-w", "1", String(port)], { input: "answer" });
    await nc.printed(/Listening on/);
    const socket = createSocket("udp4");
    servers.push(socket);
    const answer = new Promise<string>(resolve => socket.once("message", bytes => resolve(bytes.toString())));
    socket.send("question", port, "127.0.0.1");
    expect(await answer).toBe("answer");
    const { code, stdout } = await nc.ended;
    expect([code, stdout.toString()]).toEqual([0, "question"]);
  });

  test("who refuses, and who never answers", async () => {
    const refused = await postel(["nc", "127.0.0.1", String(await freePort())]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/connection refused \(ECONNREFUSED\)/),
    ]);
    const datagram = await postel(["nc", "-u", "127.0.0.1", String(await freePort())], { input: "anybody?" });
    expect([datagram.code, datagram.stderr]).toEqual([1, expect.stringMatching(/connection refused/)]);
    const silent = await postel(["nc", "-w", "0.3", "--link", "sim", "--loss", "100%", "target", "7"]);
    expect(silent).toMatchObject({ code: 1, stderr: "postel: Connecting to target port 7 took too long.\n" });
  });

  test("missing and bad arguments", async () => {
    const complaint = async (...args: string[]) => (await postel(["nc", ...args])).stderr;
    expect(await complaint()).toBe("postel: Give a host and a port, such as target 7.\n");
    expect(await complaint("-l")).toBe("postel: Give the port to listen on, such as 9000.\n");
    expect(await complaint("target", "http")).toMatch(/^postel: http is no port/);
    expect(await complaint("--link", "sim", "nowhere", "7")).toContain("router1, router2, target");
    expect(await complaint("--link", "sim", "-6", "1.2.3.4", "7")).toContain("is an IPv4 address");
  });
});

describe("get", () => {
  test.each(["http://target/bytes/1000000", "http://[2001:db8:2::10]/bytes/1000000"])(
    "the body of %s, and the time of each phase",
    async url => {
      const { code, stdout, stderr } = await postel(["get", "--link", "sim", url]);
      expect(code).toBe(0);
      expect(createHash("sha256").update(stdout).digest("hex")).toBe(
        "2c8de4f0e5729838ac57c70741e41e1f2771bd2131a8750b92c8ebd6fe4e8781",
      );
      const phases = stderr.trimEnd().split("\n");
      expect(phases.map(line => line.replace(/ {2,}.*/, ""))).toEqual(
        ["lookup", "connect", "first byte", "body", "total", "close"].map(name =>
          expect.stringMatching(`^${name}`),
        ),
      );
      expect(phases[2]).toContain("200 OK");
      expect(phases[3]).toContain("1,000,000 bytes");
      expect(phases[5]).toContain("in order");
    },
  );

  test("a server of the kernel, by name, through the gateway; -o and -v", async () => {
    const server = createHttpServer((request, response) => response.end(`you asked for ${request.url}`));
    const port = await listening(server);
    const path = temporaryFile("body");
    const { code, stdout, stderr } = await postel([
      "get",
      "-v",
      "-o",
      path,
      `http://localhost:${port}/a?b=1`,
    ]);
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(readFileSync(path, "utf8")).toBe("you asked for /a?b=1");
    expect(stderr).toMatch(/> GET \/a\?b=1 HTTP\/1\.1/);
    expect(stderr).toMatch(/< HTTP\/1\.1 200 OK/);
    expect(stderr).toMatch(/closed, \d+ bytes out, \d+ bytes in/);
  });

  test("redirects are followed only with -L, and not for ever", async () => {
    const server = createHttpServer((request, response) => {
      if (request.url === "/end") return response.end("arrived");
      const location = request.url === "/loop" ? "/loop" : "/end";
      return response.writeHead(302, { location }).end("over there");
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    expect((await postel(["get", `${url}/start`])).stdout.toString()).toBe("over there");
    expect((await postel(["get", "-L", `${url}/start`])).stdout.toString()).toBe("arrived");
    const loop = await postel(["get", "-L", "--max-redirects", "3", `${url}/loop`]);
    expect([loop.code, loop.stderr]).toEqual([1, expect.stringMatching(/redirects more than 3 times\.\n$/)]);
  });

  test("what is no HTTP, who breaks off, and what is no URL", async () => {
    const breaksOff = createServer(socket => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        setTimeout(() => socket.resetAndDestroy(), 50);
      });
    });
    const broken = await postel(["get", `http://127.0.0.1:${await listening(breaksOff)}/`]);
    expect([broken.code, broken.stdout.toString()]).toEqual([1, "half"]);
    expect(broken.stderr).toMatch(/postel: .*ECONNRESET.*\n$/);
    const gibberish = await postel(["get", "--link", "sim", "http://target:7/"]);
    expect(gibberish.stderr).toMatch(/postel: The peer does not speak HTTP as it should/);
    expect((await postel(["get", "https://target/"])).stderr).toMatch(
      /^postel: https:\/\/ is not spoken here/,
    );
    expect((await postel(["get", "http://"])).stderr).toMatch(/^postel: .* is no URL/);
    expect((await postel(["get", "-o", "/nonexistent/x", "http://target/"])).stderr).toMatch(
      /^postel: There is no file/,
    );
  });

  test("who closes our output early ends us without a word", async () => {
    const shell = new Running("sh", [
      "-c",
      `"$0" "$1" get --link sim http://target/bytes/3000000 2>&- | head -c 5 | wc -c`,
      process.execPath,
      MAIN,
    ]);
    const { stdout, stderr } = await shell.ended;
    expect([stdout.toString().trim(), stderr]).toEqual(["5", ""]);
  });
});

describe("dump", () => {
  test("a live link of the simulated internet", async () => {
    const path = temporaryFile("dump.pcapng");
    const { code, stdout } = await postel(["dump", "--link", "sim", "-c", "12", "-w", path]);
    expect(code).toBe(0);
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines.join("\n")).toContain("ICMP echo request");
    expect(lines.join("\n")).toMatch(/10\.77\.0\.2\.\d+ > 203\.0\.113\.10\.80: Flags \[S\]/);
    // The file tells the same story.
    expect((await postel(["dump", path])).stdout.toString()).toBe(stdout.toString());
  });

  test("fields, bytes, and only so many", async () => {
    const path = temporaryFile("ping.pcapng");
    await postel(["ping", "-c", "1", "--pcap", path, "target"]);
    const { stdout } = await postel(["dump", "-c", "1", "-v", "-x", path]);
    const text = stdout.toString();
    expect(text.split("\n")[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{6} /);
    expect(text).toMatch(/Ethernet: [0-9a-f:]{17} > /);
    expect(text).toMatch(/^ {2}0000 {2}([0-9a-f]{2} ){7}[0-9a-f]{2} {2}/m);
    expect(text.match(/Frame: /g)).toHaveLength(1);
    const fromInput = await postel(["dump", "-", "-c", "1"], { input: readFileSync(path) });
    expect(fromInput.stdout.toString()).toBe(`${text.split("\n")[0]}\n`);
  });

  test("a damaged capture is shown up to the damage, and told", async () => {
    const path = temporaryFile("ping.pcapng");
    await postel(["ping", "-c", "2", "-i", "0.01", "--pcap", path, "target"]);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 200));
    const { code, stdout, stderr } = await postel(["dump", path]);
    expect(code).toBe(1);
    expect(stdout.toString().split("\n").length).toBeGreaterThan(2);
    expect(stderr).toMatch(/^postel: .* is damaged: .*, at byte [\d,]+\.\n$/);
  });

  test("-w - writes the capture alone to standard output", async () => {
    const { code, stdout, stderr } = await postel(["dump", "--link", "sim", "-c", "5", "-w", "-"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Watching")]);
    const { packets, error } = readCapture(stdout);
    expect([packets.length, error]).toEqual([5, undefined]);
  });

  test("directions are asked for where a capture has them", async () => {
    const path = temporaryFile("dump.pcapng");
    await postel(["dump", "--link", "sim", "-c", "30", "-w", path]);
    const times = async (filter: string): Promise<string[]> =>
      (await postel(["dump", path, filter])).stdout.toString().match(/^\S+/gm) ?? [];
    const [inbound, outbound] = [await times("inbound"), await times("outbound")];
    expect(Math.min(inbound.length, outbound.length)).toBeGreaterThan(0);
    expect([...inbound, ...outbound].sort()).toEqual((await times("")).sort());
  });

  test("a filter of tcpdump's language chooses, in a file and on a live link", async () => {
    const path = temporaryFile("dump.pcapng");
    await postel(["dump", "--link", "sim", "-c", "30", "-w", path]);
    const all = (await postel(["dump", path])).stdout.toString().split("\n");
    const syns = all.filter(line => / Flags \[S\.?\]/.test(line));
    expect(syns.length).toBeGreaterThan(0);
    const { stdout } = await postel(["dump", path, "tcp", "port", "80", "and", "tcp[13] & 2 != 0"]);
    expect(stdout.toString().split("\n").slice(0, -1).length).toBe(syns.length);
    const live = await postel(["dump", "--link", "sim", "-c", "2", "icmp"]);
    expect(live.stdout.toString()).toMatch(/^(.* ICMP .*\n){2}$/);
  });

  test("no capture, no file, both and neither, and a filter that is none", async () => {
    const complaint = async (...args: string[]) => {
      const { code, stderr } = await postel(["dump", ...args]);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await complaint(MAIN)).toMatch(/is neither a pcap nor a pcapng file\.\n$/);
    expect(await complaint("/nonexistent/x")).toBe(
      "postel: There is no file /nonexistent/x, or no such directory.\n",
    );
    expect(await complaint("--link", "sim", MAIN)).toBe("postel: Give either a capture file or a link.\n");
    expect(await complaint()).toBe("postel: Give a capture file, or a link with --link.\n");
    expect(await complaint(MAIN, "tcp", "prot", "80")).toBe(
      'postel: The filter "tcp prot 80" is not understood at character 5: "prot" is not expected here.\n',
    );
  });
});

test("ping and traceroute need a link that carries ICMP", async () => {
  for (const command of ["ping", "traceroute"]) {
    const { code, stderr } = await postel([command, "--link", "user", "127.0.0.1"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^postel: The user link carries TCP and UDP only/),
    ]);
  }
});

test("options of another link are refused", async () => {
  const { code, stderr } = await postel(["ping", "--link", "sim", "--gateway", "10.0.0.1", "target"]);
  const refusal = "--address and --gateway are for --link tun, tap, packet and qemu.";
  expect([code, stderr]).toEqual([1, `postel: ${refusal}\n`]);
});
