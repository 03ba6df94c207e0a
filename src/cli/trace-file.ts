/**
 * `--trace FILE`: what happens in hosts, event by event, as JSON lines (docs/trace.md). A disk that is slow
 * slows the stack down instead of losing events.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Host } from "../host/host.ts";
import { TraceWriter } from "../trace/json-lines.ts";
import { TraceRecorder } from "../trace/recorder.ts";
import { Failure, sentenceFor } from "./failure.ts";
import { timeOfDay } from "./time-of-day.ts";

/** Who looks at the file while it grows sees events that are at most so old. */
const FLUSH_MS = 250;

export class TraceFile {
  /** Why the trace ended early: a sentence. Called once. */
  onFailure: ((sentence: string) => void) | undefined;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #writer: TraceWriter;
  readonly #timer: NodeJS.Timeout;
  #ends: Array<() => void> = [];
  #hasEnded = false;

  /** @throws the system's error for the path. */
  constructor(path: string, title: string, hosts: readonly Host[]) {
    this.#path = path;
    this.#descriptor = openSync(path, "w");
    const epoch = Math.round(timeOfDay() - (hosts[0]?.now ?? 0));
    const names = hosts.map(({ name }) => name);
    this.#writer = new TraceWriter(chunk => this.#write(chunk), { title, hosts: names, epoch });
    const recorder = new TraceRecorder({ sink: event => this.#writer.event(event) });
    this.#ends = hosts.map(host => recorder.watch(host));
    this.#timer = setInterval(() => this.#writer.flush(), FLUSH_MS).unref();
  }

  close(): void {
    if (this.#hasEnded) return;
    this.#writer.flush();
    this.#end();
  }

  #write(chunk: string): void {
    if (this.#hasEnded) return;
    const bytes = Buffer.from(chunk);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      const reason = sentenceFor(Object.assign(error as Error, { path: this.#path }));
      this.#end();
      const sentence = `The trace ends here: ${reason ?? String(error)}`;
      if (this.onFailure === undefined) throw new Failure(sentence);
      this.onFailure(sentence);
    }
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#timer);
    for (const end of this.#ends) end();
    this.#ends = [];
    closeSync(this.#descriptor);
  }
}
