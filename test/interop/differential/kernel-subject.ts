/** Linux: kernel sockets in a namespace, behind a TUN device whose other end is the test. */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PacketBuffer } from "../../../src/base/packet-buffer.ts";
import type { NetDevice } from "../../../src/link/net-device.ts";
import { Driver } from "../../../src/node/driver.ts";
import { configureKernelSide } from "../../../src/node/kernel-side.ts";
import { openTun } from "../../../src/node/tun.ts";
import type { Namespace } from "../namespace.ts";
import { STACK_ADDRESS } from "./raw-peer.ts";
import type { Call, Result, Subject } from "./subject.ts";

/** Longer than a delayed acknowledgment (40 ms), shorter than a retransmission timeout (200 ms). */
const PAUSE_MS = 70;

export class KernelSubject implements Subject {
  readonly name = "Linux";
  onPacket: (packet: Uint8Array) => void = () => {};
  readonly #driver = new Driver();
  readonly #device: NetDevice;
  readonly #stdin: NodeJS.WritableStream;
  readonly #answers: AsyncIterator<string>;

  static async create(namespace: Namespace): Promise<KernelSubject> {
    // The kernel's own defaults: a machine may have been given others. And no limit on answers by time, which
    // passes differently here and there.
    const settings = [
      "tcp_rmem=4096 131072 33554432",
      "tcp_wmem=4096 16384 4194304",
      "tcp_invalid_ratelimit=0",
    ];
    for (const setting of settings) await namespace.exec("sysctl", ["-qw", `net.ipv4.${setting}`]);
    const subject = new KernelSubject(namespace);
    const addresses = [`${STACK_ADDRESS.toString()}/24`];
    await configureKernelSide("postel0", { addresses, up: true, netns: namespace.name });
    return subject;
  }

  private constructor(namespace: Namespace) {
    this.#device = openTun({ kind: "tun", name: "postel0", netns: namespace.name, scheduler: this.#driver });
    this.#device.attach({ receive: frame => this.onPacket(frame.view().slice()), writable() {} });
    const script = fileURLToPath(new URL("../peers/calls.py", import.meta.url));
    const child = namespace.spawn("python3", [script]);
    if (child.stdin === null) throw new Error("the calls have no input");
    this.#stdin = child.stdin;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async call(calls: readonly Call[]): Promise<Result[]> {
    if (calls.length === 0) return [];
    this.#stdin.write(
      `${JSON.stringify(calls.map(({ connection, call, value }) => [connection, call, value]))}\n`,
    );
    const line = await this.#answers.next();
    if (line.done) throw new Error("the calls have ended");
    return JSON.parse(line.value) as Result[];
  }

  inject(packet: Uint8Array): void {
    this.#device.transmit(PacketBuffer.from(packet));
  }

  settle(): Promise<void> {
    return sleep(PAUSE_MS);
  }

  async close(): Promise<void> {
    this.#device.close();
    this.#driver.close();
    this.#stdin.end();
  }
}
