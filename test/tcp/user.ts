/** The near end of the bench: the user's calls on its connection, each followed by what a host does then. */
import type { ErrorCode } from "../../src/base/errors.ts";
import { NetError } from "../../src/base/errors.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { WRITE } from "../../src/tcp/write.ts";
import type { Bench } from "./bench.ts";
import { ascii, letters, pattern } from "./segments.ts";

export type EventName = keyof typeof CONNECTION_EVENT;

const NAMES = Object.entries(CONNECTION_EVENT) as Array<[EventName, number]>;

export class User {
  readonly #bench: Bench;
  #heard: EventName[] = [];
  /** Bytes handed to TCP so far: where the pattern goes on. */
  #given = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Listens to a connection's events. */
  observes(connection: TcpConnection): void {
    connection.observe({
      connectionEvent: (_connection, events) => {
        for (const [name, bit] of NAMES) if ((events & bit) !== 0) this.#heard.push(name);
      },
    });
  }

  /** The events since the last call. */
  heard(): EventName[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  /** Sends text, or so many bytes of the pattern; answers how much was taken. */
  sends(content: string | number, options: { urgent?: boolean } = {}): number {
    const bytes = typeof content === "number" ? pattern(1 + this.#given, content) : ascii(content);
    const taken = this.#bench.connection.send(
      bytes,
      0,
      bytes.length,
      options.urgent === true ? WRITE.urgent : 0,
    );
    this.#given += taken;
    this.#bench.settleIfWoken();
    return taken;
  }

  /** Reads up to `most` bytes. */
  reads(most = 1 << 20): string {
    return letters(this.readsBytes(most));
  }

  readsBytes(most = 1 << 20): Uint8Array {
    const target = new Uint8Array(Math.min(most, this.#bench.connection.readable));
    const count = this.#bench.connection.receive(target);
    this.#bench.settleIfWoken();
    return target.subarray(0, count);
  }

  closes(): void {
    this.#bench.connection.close();
    this.#bench.settleIfWoken();
  }

  releases(): void {
    this.#bench.connection.release();
    this.#bench.settleIfWoken();
  }

  aborts(): void {
    this.#bench.connection.abort();
    this.#bench.settleIfWoken();
  }

  /** The code of the error that `act` throws. */
  fails(act: () => unknown): ErrorCode | "nothing" {
    try {
      act();
    } catch (error) {
      if (error instanceof NetError) return error.code;
      throw error;
    }
    return "nothing";
  }
}
