/**
 * A script counts from its own initial sequence numbers: SYNs carry them, all else is relative to them. This
 * translates between a script's numbers and those on the wire, modulo 2³²; timestamps of the stack are
 * labels in the script.
 */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { TcpOptionSpec, TcpSpec } from "./script.ts";

interface Pair {
  readonly script: number;
  readonly live: number;
}

export class SequenceMap {
  readonly timestamps = new TimestampMap();
  /** Of the stack. Until its SYN was seen both count from 0. */
  #local: Pair | undefined;
  /** Of the script: the number of its SYN, as written. */
  #remote: number | undefined;

  get knowsRemote(): boolean {
    return this.#remote !== undefined;
  }

  get knowsLocal(): boolean {
    return this.#local !== undefined;
  }

  learnLocal(script: number, live: number): void {
    this.#local = { script, live };
  }

  learnRemote(sequence: number): void {
    this.#remote = sequence;
  }

  localToScript(live: number, isSyn: boolean): number {
    const { script, live: base } = this.#local ?? { script: 0, live: 0 };
    return (live - base + (isSyn ? script : 0)) >>> 0;
  }

  localToLive(script: number, isSyn: boolean): number {
    const { script: initial, live: base } = this.#local ?? { script: 0, live: 0 };
    return (script + base - (isSyn ? initial : 0)) >>> 0;
  }

  remoteToScript(live: number, isSyn: boolean): number {
    return isSyn ? live >>> 0 : (live - (this.#remote ?? 0)) >>> 0;
  }

  remoteToLive(script: number, isSyn: boolean): number {
    return isSyn ? script >>> 0 : (script + (this.#remote ?? 0)) >>> 0;
  }

  /** A segment of the stack in the script's numbers. */
  toScript(live: TcpSpec): TcpSpec {
    const isSyn = (live.flags & TCP_FLAG.syn) !== 0;
    const isAck = (live.flags & TCP_FLAG.ack) !== 0;
    const remote = (number: number): number => this.remoteToScript(number, isSyn);
    return {
      ...live,
      sequence: this.localToScript(live.sequence, isSyn),
      acknowledgment: isAck ? remote(live.acknowledgment ?? 0) : live.acknowledgment,
      options: live.options?.map(option => {
        if (option.kind === "TS") return { ...option, value: this.timestamps.toScript(option.value) };
        return mapBlocks(option, remote);
      }),
    };
  }

  /** A segment of the script as it goes to the stack; timestamp echoes are not translated here. */
  toLive(script: TcpSpec): TcpSpec {
    const isSyn = (script.flags & TCP_FLAG.syn) !== 0;
    const isAck = (script.flags & TCP_FLAG.ack) !== 0;
    const local = (number: number): number => this.localToLive(number, isSyn);
    return {
      ...script,
      sequence: this.remoteToLive(script.sequence, isSyn),
      acknowledgment: isAck ? local(script.acknowledgment ?? 0) : script.acknowledgment,
      options: script.options?.map(option => mapBlocks(option, local)),
    };
  }
}

function mapBlocks(option: TcpOptionSpec, map: (number: number) => number): TcpOptionSpec {
  if (option.kind !== "sack") return option;
  return { kind: "sack", blocks: option.blocks.map(([left, right]) => [map(left), map(right)] as const) };
}

export class TimestampMap {
  #base: Pair | undefined;
  readonly #liveByScript = new Map<number, number>();

  /** The stack has sent `live` where the script has `script`. */
  sent(script: number, live: number): void {
    this.#base ??= { script, live };
    this.#liveByScript.set(script, live);
  }

  /** Ticks since the first timestamp; the live value itself before one was seen. */
  toScript(live: number): number {
    return this.#base === undefined ? live : (live - this.#base.live + this.#base.script) >>> 0;
  }

  /** The live value of an echo. With `scaled`, of any; else only of one that was seen. */
  toLive(script: number, scaled: boolean): number | undefined {
    const seen = this.#liveByScript.get(script);
    if (seen !== undefined || !scaled || this.#base === undefined) return seen;
    return (script - this.#base.script + this.#base.live) >>> 0;
  }

  /** By how many ticks a timestamp differs from what the script has, counted from the first one. */
  drift(script: number, live: number): number {
    if (this.#base === undefined) return 0;
    return Math.abs(((live - this.#base.live) | 0) - ((script - this.#base.script) | 0));
  }
}
