import { describe, expect, test } from "vitest";
import { Conversation, FLAG } from "../../test/support/conversation.ts";
import { concatBytes } from "../base/bytes.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { PcapWriter } from "../capture/pcap.ts";
import { PcapngWriter } from "../capture/pcapng-writer.ts";
import { isLegalEdge, STATE_CAUSES } from "../tcp/states.ts";
import type { EventOf, TraceEvent } from "../trace/event.ts";
import { analyzeCapture } from "./analyze-capture.ts";
import { endNumber } from "./trace-events.ts";

/** 2024-02-29 12:00:00 UTC. */
const NOON = Date.UTC(2024, 1, 29, 12) * 1000;

function fileOf(packets: readonly CapturedPacket[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType: LINK_TYPE.raw });
  for (const { time, bytes } of packets) writer.packet(NOON + time, bytes, 0, bytes.length);
  return concatBytes(chunks);
}

/** A segment of text is lost behind the capture, repaired after a timeout, and the connection closed. */
function lossy(): Conversation {
  return new Conversation()
    .opened()
    .a(20, { seq: 1, ack: 1, length: 100 })
    .a(21, { seq: 101, ack: 1, length: 100 })
    .b(31, { seq: 1, ack: 101 })
    .a(300, { seq: 101, ack: 1, length: 100 })
    .b(310, { seq: 1, ack: 201 })
    .a(320, { flags: FLAG.fin | FLAG.ack, seq: 201, ack: 1 })
    .b(330, { flags: FLAG.fin | FLAG.ack, seq: 1, ack: 202 })
    .a(330.2, { seq: 202, ack: 2 });
}

async function* bytewise(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

function named<Name extends TraceEvent["name"]>(events: readonly TraceEvent[], name: Name): EventOf<Name>[] {
  return events.filter((event): event is EventOf<Name> => event.name === name);
}

describe("a capture read as a whole", () => {
  test("has packets, connections, findings, marks, and says how far it is", async () => {
    const file = fileOf(lossy().packets);
    const seen: number[] = [];
    const reading = await analyzeCapture(file, { progress: bytes => seen.push(bytes) });
    expect(seen).toEqual([file.length]);
    expect(reading.packets).toHaveLength(11);
    expect(reading.epoch).toBe(NOON);
    expect(reading.connections).toHaveLength(1);
    expect(reading.marksOf(7)).toEqual(["retransmission"]);
    expect(reading.connectionOf(7)).toBe(1);
    expect(reading.findings.map(({ code }) => code)).toContain("timeout");
    expect(reading.error).toBeUndefined();
  });

  test("is the same in pieces of any size", async () => {
    const file = fileOf(lossy().packets);
    const [whole, pieces] = await Promise.all([analyzeCapture(file), analyzeCapture(bytewise(file))]);
    expect(pieces.connections).toEqual(whole.connections);
    expect(pieces.findings).toEqual(whole.findings);
  });

  test("that is damaged says so, and keeps what lies before", async () => {
    const file = fileOf(lossy().packets);
    const reading = await analyzeCapture(file.subarray(0, file.length - 3));
    expect(reading.error?.kind).toBe("truncated");
    expect(reading.packets).toHaveLength(10);
    expect((await analyzeCapture(new TextEncoder().encode("no capture"))).error?.kind).toBe("unknown-format");
  });

  test("packets beyond the greatest number are analysed, but not kept", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets), { maxPackets: 4 });
    expect(reading.packets).toHaveLength(4);
    expect(reading.count).toBe(11);
    expect(reading.connections[0]?.outcome).toBe("closed");
  });
});

describe("as a trace", () => {
  test("each segment is sent by one end and received by the other, in the order of time", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets));
    const events = reading.events(1);
    expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).sort((a, b) => a - b));
    expect(named(events, "tcp:opened").map(({ host, connection }) => [host, connection])).toEqual([
      ["10.0.0.1", endNumber(1, 0)],
      ["10.0.0.2", endNumber(1, 1)],
    ]);
    expect(named(events, "tcp:sent")).toHaveLength(11);
    expect(named(events, "tcp:received")).toHaveLength(11);
    const again = named(events, "tcp:sent").find(({ data }) => data.reason === "retransmission");
    expect(again).toMatchObject({ time: 300_000, connection: 1, data: { cause: "timeout", length: 100 } });
    expect(named(events, "tcp:acknowledged").map(({ connection, data }) => [connection, data.bytes])).toEqual(
      [
        [1, 1],
        [2, 1],
        [1, 100],
        [1, 100],
        [1, 1],
        [2, 1],
      ],
    );
  });

  test("windows are scaled, but for those of SYNs", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets));
    const windows = named(reading.events(1), "tcp:sent").map(({ data }) => data.window);
    expect(windows.slice(0, 4)).toEqual([512, 512, 512 << 7, 512 << 7]);
  });

  test("states go along the edges of RFC 9293 from end to end", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets));
    const states = named(reading.events(1), "tcp:state");
    expect(states.every(({ data }) => isLegalEdge(data.from, data.to) && isCause(data.cause))).toBe(true);
    const path = (end: number): string[] =>
      states.filter(({ connection }) => connection === end).map(({ data }) => data.to);
    expect(path(1)).toEqual(["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]);
    expect(path(2)).toEqual(["SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
  });

  test("what later segments tell changes the cause: a repetition was not necessary", async () => {
    const conversation = lossy().packets.slice(0, 7);
    const answer = new Conversation().b(310, { seq: 1, ack: 201, sack: [[101, 201]] }).packets;
    const reading = await analyzeCapture(fileOf([...conversation, ...answer]));
    const again = named(reading.events(1), "tcp:sent").at(-2);
    expect(again?.data).toMatchObject({ reason: "retransmission", cause: "spurious" });
    expect(named(reading.events(1), "tcp:received").at(-1)?.data.duplicate).toBe(true);
  });

  test("of a long connection a part, and how much of it is not there", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets));
    const events = reading.events(1, { after: 30_000, segments: 3 });
    expect(named(events, "tcp:sent").map(({ time }) => time)).toEqual([31_000, 300_000, 310_000]);
    expect(named(events, "trace:skipped").map(({ data }) => data.events)).toEqual([8]);
    expect(named(events, "tcp:state").at(-1)?.data.to).toBe("CLOSED");
  });

  test("findings are events of their end; a connection that is not there has none", async () => {
    const reading = await analyzeCapture(fileOf(lossy().packets));
    const timeout = named(reading.events(1), "analysis:finding").find(({ data }) => data.code === "timeout");
    expect(timeout).toMatchObject({
      time: 300_000,
      connection: 1,
      data: { severity: "warning", values: { end: "10.0.0.1:40000", peer: "10.0.0.2:80" } },
    });
    expect(reading.events(2)).toEqual([]);
  });
});

function isCause(text: string): boolean {
  return STATE_CAUSES.some(cause => cause === text);
}

describe("a capture of both ends", () => {
  /** Seen at both, 5 ms apart; the numbers of those in `lost` never came. */
  function ofBothEnds(conversation: Conversation, lost: ReadonlySet<number>): Uint8Array {
    const chunks: Uint8Array[] = [];
    const writer = new PcapngWriter(chunk => chunks.push(chunk));
    const ends = ["near", "far"].map(name => writer.addInterface({ linkType: LINK_TYPE.raw, name }));
    const seen = conversation.packets.flatMap(({ time, bytes }, index) => {
      const isOfA = bytes[15] === 1;
      const [from, to] = isOfA ? [0, 1] : [1, 0];
      const sent = { place: ends[from] as number, time: isOfA ? time : time - 5000, bytes };
      const received = { place: ends[to] as number, time: isOfA ? time + 5000 : time, bytes };
      return lost.has(index + 1) ? [sent] : [sent, received];
    });
    for (const { place, time, bytes } of seen.sort((a, b) => a.time - b.time)) {
      writer.packet(place, NOON + time, bytes, 0, bytes.length);
    }
    return concatBytes(chunks);
  }

  test("tells when each segment left and when it came, and which never came", async () => {
    const reading = await analyzeCapture(ofBothEnds(lossy(), new Set([5])));
    const events = reading.events(1);
    const sent = named(events, "tcp:sent");
    const received = named(events, "tcp:received");
    expect(sent).toHaveLength(11);
    expect(received).toHaveLength(10);
    expect(sent.slice(0, 2).map(({ time, connection }) => [time, connection])).toEqual([
      [0, 1],
      [5000, 2],
    ]);
    expect(received.slice(0, 2).map(({ time, connection }) => [time, connection])).toEqual([
      [5000, 2],
      [10_000, 1],
    ]);
    expect(received.some(({ time }) => time === 26_000)).toBe(false);
    expect(reading.connections[0]?.packets).toBe(11);
  });

  test("what the sender sent and its peer's place alone counts, was lost on its way", async () => {
    const far = lossy();
    const reading = await analyzeCapture(ofBothEnds(far, new Set([6])));
    const acks = named(reading.events(1), "tcp:sent").filter(({ time }) => time === 26_000);
    expect(acks.map(({ connection, data }) => [connection, data.reason])).toEqual([[2, "ack"]]);
  });

  test("where a card has joined segments at one end, only the place that counts is told", async () => {
    const file = ofBothEnds(lossy(), new Set([1, 3, 4, 5, 7, 9, 11]));
    const events = (await analyzeCapture(file)).events(1);
    const ofA = named(events, "tcp:sent").filter(({ connection }) => connection === 1);
    const atB = named(events, "tcp:received").filter(({ connection }) => connection === 2);
    expect(atB.map(({ time }) => time)).toEqual(ofA.map(({ time }) => time));
  });
});
