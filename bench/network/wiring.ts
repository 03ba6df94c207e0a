/**
 * The wires between the load and a subject. The load always is the kernel's TCP at 10.9.0.1, and the subject
 * answers at 10.9.0.2; what lies between is the subject's choice.
 *
 *     tun:       load's kernel ── TUN ── subject          one namespace
 *     packet:    load's kernel ── veth ══ veth ── subject  two; the subject's end has no address
 *     veth:      load's kernel ── veth ══ veth ── kernel   two; the subject uses the kernel's sockets
 *     loopback:  load's kernel ── lo ── kernel             one
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Namespace } from "./namespace.ts";

export type Wire = "tun" | "packet" | "veth" | "loopback";

export const LOAD_ADDRESS = "10.9.0.1/24";
export const LOAD_HOST = "10.9.0.1";
export const SUBJECT_ADDRESS = "10.9.0.2/24";
export const SUBJECT_HOST = "10.9.0.2";

/** A full window of TCP is more than the kernel's 500: it would lose packets on a clean wire. */
const QUEUE_LENGTH = "1000";
const PATIENCE_MS = 10_000;

export class Wiring {
  readonly wire: Wire;
  /** Where the load runs, and where the subject does. */
  readonly load = new Namespace();
  readonly subject: Namespace;

  constructor(wire: Wire) {
    this.wire = wire;
    this.subject = wire === "packet" || wire === "veth" ? new Namespace() : this.load;
    if (wire === "loopback") this.load.ip("address", "add", SUBJECT_ADDRESS, "dev", "lo");
    if (this.subject !== this.load) this.#joinByVeth();
  }

  /** As subjects take it by `--device`. */
  get device(): string {
    if (this.wire === "tun") return "tun:pb0";
    return this.wire === "packet" ? "packet:pb1" : "kernel";
  }

  /** Waits for the TUN device that the subject makes, and sets up the kernel's end of it. */
  async attach(signal: AbortSignal): Promise<void> {
    if (this.wire !== "tun") return;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    while (!this.load.hasLink("pb0")) await sleep(10, undefined, { signal: patience });
    this.load.ip("address", "add", LOAD_ADDRESS, "dev", "pb0");
    this.load.ip("link", "set", "pb0", "txqueuelen", QUEUE_LENGTH, "up");
  }

  close(): void {
    this.load.close();
    this.subject.close();
  }

  #joinByVeth(): void {
    this.load.ip("link", "add", "pb0", "type", "veth", "peer", "name", "pb1", "netns", this.subject.name);
    this.load.ip("address", "add", LOAD_ADDRESS, "dev", "pb0");
    if (this.wire === "veth") this.subject.ip("address", "add", SUBJECT_ADDRESS, "dev", "pb1");
    this.load.ip("link", "set", "pb0", "up");
    this.subject.ip("link", "set", "pb1", "up");
  }
}
