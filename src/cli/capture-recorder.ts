/**
 * Writes the frames of devices to a pcapng file while they pass. What waits is bounded: a full batch is
 * written at once, and a disk (or the reader of a FIFO) that is slow slows the stack down instead of losing
 * packets.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { linkTypeOf } from "../capture/link-type.ts";
import { PcapngWriter } from "../capture/pcapng-writer.ts";
import type { NetDevice } from "../link/net-device.ts";
import { type FrameObserver, tap } from "../link/tap.ts";
import { Failure, isBrokenPipe, sentenceFor } from "./failure.ts";
import { timeOfDay } from "./time-of-day.ts";

const BATCH = 512 * 1_024;
/** Who looks at the file while it grows sees packets that are at most so old. */
const FLUSH_MS = 250;

const ADDING = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
const BEGINNING = ADDING | constants.O_TRUNC;

export class CaptureRecorder {
  readonly path: string;
  /** Why the capture ended early: a sentence. Called once. */
  onFailure: ((sentence: string) => void) | undefined;
  readonly #descriptor: number;
  /** To be closed. */
  readonly #isOurs: boolean;
  readonly #writer: PcapngWriter;
  readonly #timer: NodeJS.Timeout;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #hasEnded = false;

  /**
   * @param goesOn The file has been begun, and others write to it too: each adds a section of the same form,
   * and whole blocks at its end.
   * @param descriptor Of what is open already: whoever reads it and leaves ends the command.
   * @throws the system's error for the path.
   */
  constructor(path: string, goesOn = false, descriptor?: number) {
    this.path = path;
    this.#isOurs = descriptor === undefined;
    this.#descriptor = descriptor ?? openSync(path, goesOn ? ADDING : BEGINNING);
    this.#writer = new PcapngWriter(chunk => this.#add(chunk));
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS).unref();
  }

  /** The device, with its frames recorded. */
  watch(device: NetDevice): NetDevice {
    const linkType = linkTypeOf(device.medium);
    const index = this.#writer.addInterface({ linkType, name: device.name });
    const observer: FrameObserver = {
      frame: (direction, frame) => {
        if (this.#hasEnded) return;
        const { bytes, start, end } = frame;
        this.#writer.packet(index, timeOfDay(), bytes, start, end, { direction });
      },
    };
    return tap(device, observer);
  }

  /** A packet from another capture. */
  addInterface(linkType: number, name: string | undefined): number {
    return this.#writer.addInterface(name === undefined ? { linkType } : { linkType, name });
  }

  packet(...packet: Parameters<PcapngWriter["packet"]>): void {
    if (!this.#hasEnded) this.#writer.packet(...packet);
  }

  close(): void {
    if (this.#hasEnded) return;
    this.#writer.end();
    this.#flush();
    this.#end();
  }

  #add(chunk: Uint8Array): void {
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH) this.#flush();
  }

  #flush(): void {
    if (this.#batchBytes === 0 || this.#hasEnded) return;
    const bytes = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      this.#end();
      if (!this.#isOurs && isBrokenPipe(error)) throw error;
      const reason = sentenceFor(Object.assign(error as Error, { path: this.path }));
      const sentence = `The capture ends here: ${reason ?? String(error)}`;
      if (this.onFailure === undefined) throw new Failure(sentence);
      this.onFailure(sentence);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#batch = [];
    clearInterval(this.#timer);
    if (this.#isOurs) closeSync(this.#descriptor);
  }
}
