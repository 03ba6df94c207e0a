import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { seconds } from "../base/time.ts";
import { readCapture } from "../capture/capture-file.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { createPair } from "../link/pair.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import { CaptureRecorder } from "./capture-recorder.ts";

const directory = mkdtempSync(join(tmpdir(), "postel-recorder-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("the frames of a device are in the file, with their direction and the time of day", () => {
  const path = join(directory, "a.pcapng");
  const recorder = new CaptureRecorder(path);
  const time = new VirtualTime();
  const [near, far] = createPair(time, { names: ["near", "far"] });
  const watched = recorder.watch(near);
  const sink = { receive: () => undefined, writable: () => undefined };
  watched.attach(sink);
  far.attach(sink);
  const frame = (byte: number): PacketBuffer => PacketBuffer.from(new Uint8Array(60).fill(byte));
  for (let i = 0; i < 2_000; i++) watched.transmit(frame(i & 0xff));
  far.transmit(frame(7));
  time.runFor(seconds(1));
  recorder.close();

  const { packets, error } = readCapture(readFileSync(path));
  expect(error).toBeUndefined();
  // The pair's queue holds a thousand: what it did not take is not on the wire.
  expect(packets).toHaveLength(1_001);
  expect(packets[0]).toMatchObject({
    direction: "out",
    interface: { linkType: LINK_TYPE.ethernet, name: "near" },
  });
  expect(packets.at(-1)).toMatchObject({ direction: "in", bytes: new Uint8Array(60).fill(7) });
  expect(Math.abs((packets[0]?.time ?? 0) / 1_000 - Date.now())).toBeLessThan(3_600_000);
});

test("several write to one file, and none of them over the others' packets", () => {
  const path = join(directory, "shared.pcapng");
  const recorders = [new CaptureRecorder(path), new CaptureRecorder(path, true)];
  const indices = recorders.map(recorder => recorder.addInterface(LINK_TYPE.raw, "us"));
  // More than a batch each, so that they take turns.
  for (let i = 0; i < 3_000; i++)
    for (const [at, recorder] of recorders.entries())
      recorder.packet(indices[at] ?? 0, i, new Uint8Array(500).fill(at), 0, 500);
  for (const recorder of recorders) recorder.close();
  const { packets, error } = readCapture(readFileSync(path));
  expect(error).toBeUndefined();
  expect(packets.filter(({ bytes }) => bytes[0] === 0)).toHaveLength(3_000);
  expect(packets.filter(({ bytes }) => bytes[0] === 1)).toHaveLength(3_000);
});

test("a path that cannot be opened is told at once", () => {
  expect(() => new CaptureRecorder(join(directory, "no", "such"))).toThrow(/ENOENT/);
});

test("a full disk ends the capture with a sentence, and nothing else", () => {
  const recorder = new CaptureRecorder("/dev/full");
  const sentences: string[] = [];
  recorder.onFailure = sentence => sentences.push(sentence);
  const index = recorder.addInterface(LINK_TYPE.raw, "x");
  for (let i = 0; i < 2_000; i++) recorder.packet(index, 0, new Uint8Array(1_000), 0, 1_000);
  recorder.close();
  expect(sentences).toEqual(["The capture ends here: There is no space left for /dev/full."]);
});
