import { expect, test } from "vitest";
import { readCapture } from "../../../../src/capture/capture-file.ts";
import { tcpPacket } from "../../../../test/page/messages.ts";
import { packetBytes } from "./packet-bytes.ts";
import { captureOf } from "./shown-capture.ts";

async function wholeOf(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...chunks]).arrayBuffer());
}

test("what is shown is written as pcapng: bytes, times, interfaces, directions, comments", async () => {
  const cut = { ...tcpPacket(2, "hello"), length: 1500, direction: "in", host: "b", comment: "cut" } as const;
  const chunks = captureOf([tcpPacket(1), cut], 1_700_000_000_000_000);
  const { packets, error } = readCapture(await wholeOf(chunks));
  expect(error).toBeUndefined();
  expect(packets.map(packet => packet.interface.name)).toEqual(["a tun0", "b tun0"]);
  expect(packets[0]?.time).toBe(1_700_000_000_001_000);
  expect(packets[1]).toMatchObject({ originalLength: 1500, direction: "in", comment: "cut" });
  expect(packets[1]?.bytes).toEqual(packetBytes(cut.bytes));
});
