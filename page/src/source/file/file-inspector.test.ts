import { expect, test } from "vitest";
import type { FromPage, InspectorChannel, Packets, ToPage } from "../../../../src/inspect/protocol.ts";
import { tcpPacket } from "../../../../test/page/messages.ts";
import { captureOf } from "../../views/packets/shown-capture.ts";
import { FileInspector } from "./file-inspector.ts";
import { readFile } from "./read-file.ts";

/** A file, opened; what is said so far, and how to say something. */
async function joined(name: string, chunks: readonly Uint8Array<ArrayBuffer>[]) {
  const contents = await readFile(name, new Blob([...chunks]).stream(), () => {});
  if ("kind" in contents) throw new Error(contents.kind);
  const told: ToPage[] = [];
  const channel: InspectorChannel = {
    send: message => told.push(message),
    onMessage: undefined,
    onClosed: undefined,
    close: () => {},
  };
  new FileInspector(contents).join(channel);
  return { told, says: (message: FromPage) => channel.onMessage?.(message) };
}

function of<Type extends ToPage["type"]>(told: readonly ToPage[], type: Type) {
  return told.filter((message): message is Extract<ToPage, { type: Type }> => message.type === type);
}

const CAPTURE = captureOf([tcpPacket(1), tcpPacket(2, "GET"), tcpPacket(3, "more")], 1_700_000_000_000_000);
const numbers = (messages: readonly Packets[]): number[] =>
  messages.flatMap(({ packets }) => packets.map(({ number }) => number));

test("a capture greets with its hosts, the rows of both ends, and its findings", async () => {
  const { told } = await joined("x.pcapng", CAPTURE);
  const [hello] = of(told, "hello");
  expect(hello).toMatchObject({ kind: "file", title: "x.pcapng", epoch: 1_700_000_000_001_000 });
  expect(hello?.hosts.map(({ name }) => name)).toEqual(["10.0.0.1", "10.0.0.2"]);
  const [rows] = of(told, "rows");
  expect(rows?.rows.map(({ connection, local, role }) => [connection, local, role])).toEqual([
    [1, "10.0.0.1", "active"],
    [2, "10.0.0.2", "passive"],
  ]);
  expect(of(told, "findings")[0]?.findings.length).toBeGreaterThan(0);
});

test("the events of a connection come when it is watched for the first time", async () => {
  const { told, says } = await joined("x.pcapng", CAPTURE);
  expect(of(told, "events")).toEqual([]);
  says({ type: "watch", connections: [1] });
  const first = of(told, "events").flatMap(({ events }) => events);
  expect(first.filter(({ name }) => name === "tcp:sent")).toHaveLength(3);
  expect(first.every(({ connection }) => connection === 1)).toBe(true);
  says({ type: "watch", connections: [1, 2] });
  const all = of(told, "events").flatMap(({ events }) => events);
  expect(all.slice(first.length).every(({ connection }) => connection === 2)).toBe(true);
});

test("packets pass the filter, with times since the first", async () => {
  const { told, says } = await joined("x.pcapng", CAPTURE);
  says({ type: "watch-packets", on: true, filter: "tcp[13] & 2 != 0" });
  expect(numbers(of(told, "packets"))).toEqual([1]);
  told.length = 0;
  says({ type: "watch-packets", on: true });
  expect(of(told, "packets")[0]?.packets.map(({ time }) => time)).toEqual([0, 1000, 2000]);
});

test("a filter that is none is answered with a sentence", async () => {
  const { told, says } = await joined("x.pcapng", CAPTURE);
  says({ type: "watch-packets", on: true, filter: "tcp prt 80" });
  expect(of(told, "trouble")[0]?.sentence).toMatch(/^The filter cannot be used: .+\.$/);
});

test("more packets than the page keeps are counted", async () => {
  const many = Array.from({ length: 20_003 }, (_, index) => tcpPacket(index + 1));
  const { told, says } = await joined("x.pcapng", captureOf(many, 0));
  says({ type: "watch-packets", on: true });
  expect(numbers(of(told, "packets"))).toHaveLength(20_000);
  expect(of(told, "packets").at(-1)?.skipped).toBe(3);
});

test("a damaged capture shows what lies before the damage, and says so", async () => {
  const whole = new Uint8Array(await new Blob([...CAPTURE]).arrayBuffer());
  const { told, says } = await joined("x.pcapng", [whole.slice(0, 300)]);
  expect(of(told, "trouble")[0]?.sentence).toContain("damaged");
  says({ type: "watch-packets", on: true });
  expect(numbers(of(told, "packets"))).toEqual([1, 2]);
});

test("what is no capture is refused, and why", async () => {
  const read = (text: string) => readFile("a.txt", new Blob([text]).stream(), () => {});
  const file = "a.txt";
  expect(await read("Dear all, the capture follows")).toEqual({ kind: "unknown-format", file });
  expect(await read("{}")).toMatchObject({ kind: "bad-trace", file, line: 1, fault: { kind: "no-header" } });
  expect(await read("")).toEqual({ kind: "empty-file", file });
});

test("a file that cannot be read to its end is told of, and not silence", async () => {
  const [beginning] = CAPTURE;
  const pieces = [beginning];
  const stream = new ReadableStream<Uint8Array>({
    pull: controller => {
      const piece = pieces.shift();
      if (piece === undefined) controller.error(new Error("it has changed"));
      else controller.enqueue(piece);
    },
  });
  expect(await readFile("x.pcapng", stream, () => {})).toEqual({
    kind: "unreadable-file",
    file: "x.pcapng",
    reason: "it has changed",
  });
});
