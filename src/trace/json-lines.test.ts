import { describe, expect, test } from "vitest";
import type { TraceEvent } from "./event.ts";
import { readTrace, TraceReader, TraceWriter } from "./json-lines.ts";
import { TraceError } from "./trace-error.ts";

const TITLE = { title: "a handshake", hosts: ["client", "server"] };
const HEADER = '{"format":"postel-trace","version":1,"title":"t","clock":"us","hosts":["a"]}';

const read = (bytes: number): TraceEvent => ({
  time: 12.5,
  host: "client",
  connection: 1,
  name: "tcp:read",
  data: { bytes },
});

function written(events: readonly TraceEvent[], epoch?: number): string[] {
  const chunks: string[] = [];
  const writer = new TraceWriter(chunk => chunks.push(chunk), { ...TITLE, epoch });
  for (const event of events) writer.event(event);
  writer.flush();
  writer.flush();
  return chunks;
}

function complaint(text: string): string {
  try {
    readTrace(text);
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
  return "none";
}

describe("writing", () => {
  test("a header first, then a line an event", () => {
    expect(written([read(1), read(2)], 7).join("")).toBe(
      [
        '{"format":"postel-trace","version":1,"title":"a handshake","clock":"us","epoch":7,"hosts":["client","server"]}',
        '{"time":12.5,"host":"client","connection":1,"name":"tcp:read","data":{"bytes":1}}',
        '{"time":12.5,"host":"client","connection":1,"name":"tcp:read","data":{"bytes":2}}',
        "",
      ].join("\n"),
    );
  });

  test("in chunks, so that a long trace takes no more memory than a short one", () => {
    const chunks = written(Array.from({ length: 5_000 }, (_, i) => read(i)));
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(70_000);
  });
});

describe("reading", () => {
  test("gives back what was written, however the text is cut", () => {
    const events = Array.from({ length: 50 }, (_, i) => read(i));
    const text = written(events, 7).join("");
    for (const size of [1, 7, 64, text.length]) {
      const got: TraceEvent[] = [];
      const reader = new TraceReader(event => got.push(event));
      for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
      expect(reader.end()).toMatchObject({ ...TITLE, epoch: 7 });
      expect(got).toEqual(events);
    }
  });

  test("takes a last line without a line feed, carriage returns, empty lines, a byte order mark", () => {
    const line = JSON.stringify(read(3));
    expect(readTrace(`\ufeff${HEADER}\r\n\r\n${line}\r\n${line}`).events).toEqual([read(3), read(3)]);
  });

  test("keeps so many events, and counts the others", () => {
    const { events, leftOut } = readTrace(written([read(1), read(2), read(3)]).join(""), 2);
    expect([events.length, leftOut]).toEqual([2, 1]);
  });

  test.each([
    ["", "line 1 of the trace is missing: there is nothing in the file"],
    ["{}", 'line 1 of the trace is not the header of a trace ("format": "postel-trace")'],
    ["\u0000\u0001binary", "line 1 of the trace is not JSON"],
    [HEADER.replace(":1", ":2"), "line 1 of the trace has a version that is not known; this reads version 1"],
    [HEADER.replace('"us"', '"ms"'), 'line 1 of the trace does not count in microseconds ("clock": "us")'],
    [HEADER.replace('["a"]', '"a"'), "line 1 of the trace lacks a title or the hosts' names"],
    [`${HEADER}\n{"time":`, "line 2 of the trace is not JSON"],
    [`${HEADER}\n\n[1]`, "line 3 of the trace is not an object"],
    [`${HEADER}\n{}`, "line 2 of the trace has no time"],
    [`${HEADER}\n{"time":1}`, "line 2 of the trace has no host"],
    [`${HEADER}\n{"time":1,"host":"a","connection":-1}`, "line 2 of the trace has no connection number"],
    [
      `${HEADER}\n{"time":1,"host":"a","connection":1,"name":"toString","data":{}}`,
      "line 2 of the trace has no name that is known",
    ],
    [
      `${HEADER}\n{"time":1,"host":"a","connection":1,"name":"tcp:read","data":{"bytes":"many"}}`,
      'line 2 of the trace (tcp:read) has no good "bytes"',
    ],
    [`${HEADER}\n${" ".repeat(70_000)}1`, "line 2 of the trace is too long"],
  ])("of %j says: %s", (text, sentence) => {
    expect(complaint(text)).toBe(sentence);
  });

  test("a line without an end is refused before it fills the memory", () => {
    const reader = new TraceReader(() => {});
    reader.push(`${HEADER}\n`);
    expect(() => {
      for (let i = 0; i < 100; i++) reader.push("x".repeat(1_000));
    }).toThrow("line 2 of the trace is too long");
  });
});
