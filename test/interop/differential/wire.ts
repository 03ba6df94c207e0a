/**
 * The peer of one connection, on either side of the differential check: builds its segments from relative
 * numbers, and puts what the host sends into a form that does not depend on timing or on chance.
 */
import { SeqRanges } from "../../../src/base/ranges.ts";
import { seq } from "../../../src/base/seq.ts";
import type { EmittedPacket } from "../../../src/packetdrill/emitted-packet.ts";
import { buildTcp, type Ends } from "../../../src/packetdrill/packet-builder.ts";
import type { TcpOptionSpec, TcpSpec } from "../../../src/packetdrill/script.ts";
import { TCP_FLAG } from "../../../src/wire/tcp.ts";
import type { Plan, SegmentStep, Step } from "./steps.ts";

const LETTERS: ReadonlyArray<readonly [string, number]> = [
  ["S", TCP_FLAG.syn],
  ["F", TCP_FLAG.fin],
  ["R", TCP_FLAG.rst],
  ["P", TCP_FLAG.psh],
  ["U", TCP_FLAG.urg],
  [".", TCP_FLAG.ack],
];
const NO_IP = { ecn: undefined, trafficClass: undefined, flowLabel: undefined, hopLimit: undefined };
/** The peer's timestamps begin here, and go up with each step. */
const FIRST_TIMESTAMP = 1_000_000;
const TICKS_PER_STEP = 10;

export class Wire {
  readonly #plan: Plan;
  readonly #ends: Ends;
  #step = 0;
  #hostIss: number | undefined = undefined;
  #hostTimestamp = 0;
  /** The option was agreed on. */
  #timestamps = false;
  #scale = 0;
  /** Where the host's numbers have got to, relative to its ISS. */
  sentEnd = 0;
  /** The host's last acknowledgment, relative to the peer's ISS; undefined before the first. */
  acked: number | undefined = undefined;
  /** The window that came with it, in bytes. */
  window = 0;
  /** How often the host has begun with new numbers. */
  incarnation = 0;
  /** Where the host's segments ended, in order, each once. */
  readonly segmentEnds: number[] = [];

  constructor(plan: Plan, ends: Ends) {
    this.#plan = plan;
    this.#ends = ends;
  }

  /** Whether the host's SYN has been seen. */
  get knowsHost(): boolean {
    return this.#hostIss !== undefined;
  }

  packet(step: SegmentStep): Uint8Array {
    this.#step++;
    const flags = LETTERS.reduce((sum, [letter, bit]) => sum | (step.flags.includes(letter) ? bit : 0), 0);
    const isSyn = (flags & TCP_FLAG.syn) !== 0;
    const scale = isSyn ? 0 : this.#scale;
    const spec: TcpSpec = {
      protocol: "tcp",
      ports: undefined,
      flags,
      ace: undefined,
      sequence: (this.#plan.peerIss + step.seq) >>> 0,
      length: step.length,
      acknowledgment: step.ack === undefined ? undefined : ((this.#hostIss ?? 0) + step.ack) >>> 0,
      window: Math.min(step.window >>> scale, 0xffff),
      urgentPointer: step.urgent,
      options: isSyn ? this.#synOptions() : this.#options(step),
    };
    return buildTcp(spec, this.#ends, NO_IP);
  }

  #synOptions(): TcpOptionSpec[] {
    const { mss, sack, timestamps, windowScale } = this.#plan.offer;
    const options: TcpOptionSpec[] = [{ kind: "mss", value: mss }];
    if (sack) options.push({ kind: "sackOK" }, { kind: "nop" }, { kind: "nop" });
    if (timestamps) options.push(this.#timestamp(0), { kind: "nop" }, { kind: "nop" });
    if (windowScale !== undefined) options.push({ kind: "wscale", value: windowScale }, { kind: "nop" });
    return options;
  }

  #options({ sack, timestampBack = 0 }: SegmentStep): TcpOptionSpec[] {
    const options: TcpOptionSpec[] = [];
    const nop = { kind: "nop" } as const;
    if (this.#timestamps) options.push(nop, nop, this.#timestamp(timestampBack));
    if (sack !== undefined && this.#hostIss !== undefined) {
      const base = this.#hostIss;
      const blocks = sack.map(([from, to]) => [(base + from) >>> 0, (base + to) >>> 0] as const);
      options.push(nop, nop, { kind: "sack", blocks });
    }
    return options;
  }

  #timestamp(back: number): TcpOptionSpec {
    const value = FIRST_TIMESTAMP + this.#step * TICKS_PER_STEP - back;
    return { kind: "TS", value, echo: this.#hostTimestamp };
  }

  /** All that the host sent in a step, as text; what is sent twice counts once. */
  summary(packets: readonly EmittedPacket[], step: Step | undefined): string {
    const asksForSyn = step === undefined || (step.kind === "segment" && step.flags.includes("S"));
    const controls: string[] = [];
    const text = new SeqRanges();
    let fin: number | undefined;
    let last = "";
    let sack = "";
    for (const packet of packets) {
      const { tcp } = packet;
      if (tcp === undefined) {
        controls.push(packet.fault ?? "no TCP");
        continue;
      }
      const isSynAck = (tcp.flags & TCP_FLAG.syn) !== 0 && (tcp.flags & TCP_FLAG.ack) !== 0;
      // By the kernel's timer, whose time cannot be set.
      if (isSynAck && !asksForSyn && tcp.sequence === this.#hostIss) continue;
      this.#note(tcp);
      const from = this.#relative(tcp.sequence);
      if ((tcp.flags & TCP_FLAG.syn) !== 0) controls.push(this.#synText(tcp));
      else if ((tcp.flags & TCP_FLAG.rst) !== 0) controls.push(this.#resetText(tcp));
      else {
        if (tcp.length > 0) text.add(seq(from), seq(from + tcp.length));
        if ((tcp.flags & TCP_FLAG.fin) !== 0) fin = from + tcp.length;
        last = this.#lastText(tcp, from);
        const blocks = this.#sackText(tcp);
        // D-SACK is told once, and may have left before the text of the same step.
        if (blocks.length > sack.length) sack = blocks;
      }
    }
    const ranges: string[] = [];
    for (let i = 0; i < text.count; i++) ranges.push(`${text.start(i)}:${text.end(i)}`);
    if (fin !== undefined) ranges.push(`FIN ${fin}`);
    return [...new Set(controls), ...ranges, last + sack].filter(part => part !== "").join(", ") || "nothing";
  }

  /** What the peer learns. */
  #note(tcp: TcpSpec): void {
    const has = (flag: number): boolean => (tcp.flags & flag) !== 0;
    // Not from bare ACKs: docs/decisions/kernel-differences.md.
    const takes = tcp.length > 0 || has(TCP_FLAG.syn | TCP_FLAG.fin);
    for (const option of tcp.options ?? []) {
      if (takes && option.kind === "TS") this.#hostTimestamp = option.value;
    }
    if (has(TCP_FLAG.rst)) return;
    if (has(TCP_FLAG.syn)) {
      if (this.#hostIss !== undefined && this.#hostIss !== tcp.sequence) this.#startOver();
      this.#hostIss = tcp.sequence;
      const agreed = (kind: string): boolean => tcp.options?.some(option => option.kind === kind) === true;
      this.#timestamps = agreed("TS") && this.#plan.offer.timestamps;
      this.#scale = agreed("wscale") ? (this.#plan.offer.windowScale ?? 0) : 0;
    }
    const length = tcp.length + (has(TCP_FLAG.syn) ? 1 : 0) + (has(TCP_FLAG.fin) ? 1 : 0);
    const end = this.#relative(tcp.sequence) + length;
    if (end > this.sentEnd) this.segmentEnds.push(end);
    this.sentEnd = Math.max(this.sentEnd, end);
    if (has(TCP_FLAG.ack)) this.acked = ((tcp.acknowledgment ?? 0) - this.#plan.peerIss) | 0;
    this.window = tcp.window ?? 0;
  }

  /** The same ports again: RFC 9293 §3.6.1. Where the new numbers begin is a matter of clocks. */
  #startOver(): void {
    this.incarnation++;
    this.sentEnd = 0;
    this.segmentEnds.length = 0;
    this.acked = undefined;
  }

  #relative(sequence: number): number {
    return (sequence - (this.#hostIss ?? 0)) | 0;
  }

  #synText(tcp: TcpSpec): string {
    const isAnswer = (tcp.flags & TCP_FLAG.ack) !== 0;
    // Linux repeats its own offer in a simultaneous open: docs/decisions/kernel-differences.md.
    const told = isAnswer && this.#plan.opener === "host" ? [] : (tcp.options ?? []);
    const kinds = told.filter(({ kind }) => kind !== "nop");
    const options = kinds.map(option =>
      option.kind === "mss" || option.kind === "wscale" ? `${option.kind} ${option.value}` : option.kind,
    );
    const ack = isAnswer ? ` ack ${this.#acknowledged(tcp)}` : "";
    return `SYN ${this.#relative(tcp.sequence)}${ack} <${options.join(",")}>`;
  }

  #resetText(tcp: TcpSpec): string {
    const number = tcp.sequence === 0 ? "zero" : this.#relative(tcp.sequence);
    const ack = (tcp.flags & TCP_FLAG.ack) === 0 ? "" : ` ack ${this.#acknowledged(tcp)}`;
    const timestamp = tcp.options?.some(({ kind }) => kind === "TS") === true ? " TS" : "";
    return `RST ${number}${ack}${timestamp}${this.#sackText(tcp)}`;
  }

  #lastText(tcp: TcpSpec, from: number): string {
    const number = tcp.length === 0 && (tcp.flags & TCP_FLAG.fin) === 0 ? ` at ${from}` : "";
    const urgent = (tcp.flags & TCP_FLAG.urg) === 0 ? "" : ` urg ${from + (tcp.urgentPointer ?? 0)}`;
    const timestamp = tcp.options?.some(({ kind }) => kind === "TS") === true ? " TS" : "";
    return `ack ${this.#acknowledged(tcp)}${number}${urgent}${timestamp}`;
  }

  #sackText(tcp: TcpSpec): string {
    const sack = tcp.options?.find(option => option.kind === "sack");
    if (sack?.kind !== "sack") return "";
    return ` sack ${sack.blocks.map(([from, to]) => `${this.#ofPeer(from)}:${this.#ofPeer(to)}`).join(" ")}`;
  }

  #acknowledged(tcp: TcpSpec): number {
    return this.#ofPeer(tcp.acknowledgment ?? 0);
  }

  #ofPeer(sequence: number): number {
    return (sequence - this.#plan.peerIss) | 0;
  }
}
