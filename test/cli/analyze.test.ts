/** `postel analyze`, on captures that `postel` has made and on what is no capture. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { PcapWriter } from "../../src/capture/pcap.ts";
import { Conversation, FLAG } from "../support/conversation.ts";
import { MAIN, postel, temporaryFile } from "./postel.ts";

let capture: Uint8Array;

/** A web page over a wire that loses, and a connection that is refused. */
beforeAll(async () => {
  const path = temporaryFile("get.pcapng");
  const args = ["--link", "sim", "--loss", "5%", "--delay", "5ms", "--seed", "3", "--pcap", path];
  await postel(["get", ...args, "http://target/bytes/200000"]);
  capture = readFileSync(path);
});

function refused(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType: LINK_TYPE.raw });
  const { packets } = new Conversation()
    .a(0, { flags: FLAG.syn })
    .b(3, { flags: FLAG.rst | FLAG.ack, ack: 1 });
  for (const { time, bytes } of packets) writer.packet(time, bytes, 0, bytes.length);
  return concatBytes(chunks);
}

function written(content: Uint8Array, name = "capture"): string {
  const path = temporaryFile(name);
  writeFileSync(path, content);
  return path;
}

describe("postel analyze", () => {
  test("a table of the connections, and findings in words", async () => {
    const { code, stdout, stderr } = await postel(["analyze", written(capture), written(refused())]);
    const text = stdout.toString();
    expect([code, stderr]).toEqual([0, ""]);
    expect(text).toMatch(/^\S+capture: [\d,]+ packets, [\d,]+ bytes, .*; 1 connection\n/);
    expect(text).toMatch(/│ 1 │ \S+:\d+ +│ closed /);
    expect(text).toMatch(/│ \d+ \(\d+\.\d %\): \w+ \d+/);
    expect(text).toContain(
      "error     #1 10.0.0.2:80 refused the connection of 10.0.0.1:40000: nobody listens there. " +
        "(packet 2, 3.00 ms)\n",
    );
  });

  test("--json is one line a file, with the sentences; standard input is a file too", async () => {
    const { stdout } = await postel(["analyze", "--json", "-", written(capture)], { input: refused() });
    const [first, second] = stdout
      .toString()
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
    expect(first).toMatchObject({
      file: "-",
      packets: 2,
      connections: [{ outcome: "refused", ends: [{ address: "10.0.0.1" }, { port: 80 }] }],
      findings: [{ code: "refused", severity: "error", text: expect.stringContaining("nobody listens") }],
    });
    expect(second.connections[0].ends[1].retransmissions).toBeGreaterThan(0);
  });

  test("a filter chooses packets; a language the words", async () => {
    const nothing = await postel(["analyze", "-f", "udp", written(refused())]);
    expect(nothing.stdout.toString()).toMatch(/: 0 packets, 0 bytes, 0 µs; 0 connections\n$/);
    const chinese = await postel(["analyze", "--language", "zh", written(refused())]);
    expect(chinese.stdout.toString()).toContain("10.0.0.2:80 拒绝了 10.0.0.1:40000 的连接");
  });

  test("of much, a part is shown, and that there is more", async () => {
    const { stdout } = await postel(["analyze", "--rows", "1", written(capture)]);
    expect(stdout.toString()).toMatch(/More is not shown: --rows \d+ shows all\.\n$/);
  });

  test("what is damaged is told up to there; what is no capture, is refused in a sentence", async () => {
    const damaged = await postel(["analyze", written(capture.subarray(0, capture.length - 200))]);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout.toString()).toContain("1 connection\n");
    expect(damaged.stderr).toMatch(/^postel: .* is damaged: .*, at byte [\d,]+\.\n$/);
    const complaint = async (...args: string[]): Promise<string> => {
      const { code, stderr, stdout } = await postel(["analyze", ...args]);
      expect(code).toBe(1);
      expect(stdout.toString()).toBe("");
      return stderr;
    };
    expect(await complaint(MAIN)).toMatch(/is neither a pcap nor a pcapng file\.\n$/);
    expect(await complaint("/nonexistent/x")).toBe(
      "postel: There is no file /nonexistent/x, or no such directory.\n",
    );
    expect(await complaint("-f", "port", MAIN)).toMatch(/^postel: The filter "port" is not understood/);
    expect(await complaint()).toBe("postel analyze: missing required argument 'files'\n");
  });

  test("--help has examples", async () => {
    expect((await postel(["analyze", "--help"])).stdout.toString()).toMatch(/Examples:\n {2}postel analyze /);
  });
});
