import picocolors from "picocolors";
import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { createPair } from "../link/pair.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import type { DescriptorWriter } from "./descriptor-writer.ts";
import { PacketPrinter } from "./packet-printer.ts";

/** ICMP echo request, 10.0.0.1 > 10.0.0.2, id 1, seq 1. */
const PING = Uint8Array.from([
  0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0x66, 0xde, 10, 0, 0, 1, 10, 0, 0, 2, 8, 0, 0xf7, 0xfd, 0, 1, 0, 1,
]);

class Output {
  waiting = 0;
  text = "";
  write(content: string): void {
    this.text += content;
  }
}

function printing() {
  const output = new Output();
  const printer = new PacketPrinter(output as unknown as DescriptorWriter, picocolors.createColors(false));
  const time = new VirtualTime();
  const [near, far] = createPair(time, { medium: "ip" });
  const device = printer.watch(near);
  device.attach({ receive: () => undefined, writable: () => undefined });
  far.attach({ receive: () => undefined, writable: () => undefined });
  return { output, printer, send: () => device.transmit(PacketBuffer.from(PING)) };
}

test("a line for each packet, with the time of day", () => {
  const { output, send } = printing();
  send();
  expect(output.text).toMatch(
    /^\d\d:\d\d:\d\d\.\d{6} IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request, id 1, seq 1, length 8\n$/,
  );
});

test("while the output is behind, lines are left out; then it is told how many", () => {
  const { output, printer, send } = printing();
  output.waiting = 2_000_000;
  for (let i = 0; i < 987; i++) send();
  expect(output.text).toBe("");
  output.waiting = 0;
  send();
  expect(output.text).toMatch(/^… 987 lines left out: the output is slower than the wire\n\d\d:/);
  output.text = "";
  printer.finish();
  expect(output.text).toBe("");
});
