/**
 * Stack to stack within one process: two hosts on a `pair`, in virtual time, one connection, one way. No
 * kernel takes part, so this is what the stack itself costs. Every byte is copied to the reader's buffer.
 *
 * The rows `recorded-…` show what it costs to look on: both hosts recorded into trace events, and watched by
 * a recorder that wants none of them, as the inspector does with connections that nobody looks at.
 */
import { SeededRandom } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { createPair, type NetDevice, VirtualTime } from "@postel/stack/link";
import { CONNECTION_EVENT, type TcpConnection } from "@postel/stack/tcp";
import { TraceRecorder } from "@postel/stack/trace";
import { ip } from "@postel/stack/wire";
import type { Conditions, Contestant, Measurement, Row } from "../row.ts";

const PORT = 80;
const BUFFER = 1 << 20;
/** Bytes between two looks at the real clock. */
const STRIDE = 16 << 20;

export function inProcessRows(): Row[] {
  return [
    inProcessRow("in-process-super", "super-segments of up to 64 KiB", true, 20),
    inProcessRow("in-process-1500", "segments of 1,500 bytes", false, 2.5),
    recordedRow("recorded-super", "super-segments, looked on", true),
    recordedRow("recorded-1500", "segments of 1,500 bytes, looked on", false),
  ];
}

const QUANTITIES = [
  { name: "throughput", unit: "Gbit/s", better: "more" },
  { name: "perCpu", unit: "Gbit per CPU s", better: "more" },
] as const;

function inProcessRow(name: string, what: string, offload: boolean, gigabits: number): Row {
  return {
    name,
    section: "In process, stack to stack",
    title: what,
    quantities: QUANTITIES,
    contestants: [transfer("Postel", offload)],
    targets: [{ quantity: "throughput", of: "Postel", bound: { atLeast: gigabits } }],
    needsRoot: false,
  };
}

function recordedRow(name: string, what: string, offload: boolean): Row {
  const [watched, recorded] = ["Postel, watched, nothing wanted", "Postel, all recorded"] as const;
  return {
    name,
    section: "In process, stack to stack",
    title: what,
    quantities: QUANTITIES,
    contestants: [
      transfer("Postel", offload),
      transfer(watched, offload, () => false),
      transfer(recorded, offload, () => true),
    ],
    targets: [
      { quantity: "perCpu", of: watched, against: "Postel", bound: { atLeast: 0.8 } },
      { quantity: "perCpu", of: recorded, against: "Postel", bound: { atLeast: 0.6 } },
    ],
    needsRoot: false,
  };
}

/** @param wants whether an event is to be recorded; undefined: nobody watches */
function transfer(name: string, offload: boolean, wants?: () => boolean): Contestant {
  return { name, measure: async conditions => measureTransfer(offload, wants, conditions) };
}

function measureTransfer(
  offload: boolean,
  wants: (() => boolean) | undefined,
  { seconds, warmUp, signal }: Conditions,
): Measurement {
  const wire = new Transfer(offload);
  const counted = { events: 0 };
  const sink = (): void => {
    counted.events++;
  };
  if (wants !== undefined) wire.watch(new TraceRecorder({ sink, wants }));
  wire.runFor(warmUp, signal);
  const before = process.cpuUsage();
  const { bytes, seconds: took } = wire.runFor(seconds, signal);
  const { user, system } = process.cpuUsage(before);
  const gigabits = (bytes * 8) / 1e9;
  return { throughput: gigabits / took, perCpu: gigabits / ((user + system) / 1e6) };
}

/** One host sends as fast as it can, and the other reads all of it. */
class Transfer {
  readonly #time = new VirtualTime();
  readonly #hosts: readonly Host[];
  #received = 0;

  constructor(offload: boolean) {
    const [left, right] = createPair(this.#time, { medium: "ip", offload });
    const sender = this.#host(left, "10.9.0.1");
    const receiver = this.#host(right, "10.9.0.2");
    this.#hosts = [sender, receiver];
    this.#read(receiver);
    this.#write(sender);
  }

  watch(recorder: TraceRecorder): void {
    for (const host of this.#hosts) recorder.watch(host);
  }

  /** Runs virtual time until real seconds have passed. */
  runFor(seconds: number, signal: AbortSignal): { bytes: number; seconds: number } {
    const start = performance.now();
    const first = this.#received;
    let took = 0;
    while (took < seconds) {
      signal.throwIfAborted();
      const goal = this.#received + STRIDE;
      while (this.#received < goal) this.#step();
      took = (performance.now() - start) / 1_000;
    }
    return { bytes: this.#received - first, seconds: took };
  }

  #step(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const host of this.#hosts) next = Math.min(next, host.poll());
    if (this.#time.step()) return;
    if (next === Number.POSITIVE_INFINITY) throw new Error("the transfer stands still");
    this.#time.jumpTo(next as ReturnType<VirtualTime["now"]>);
  }

  #host(device: NetDevice, address: string): Host {
    const tcp = { receiveBuffer: BUFFER, sendBuffer: BUFFER };
    const host = new Host({ clock: this.#time, random: new SeededRandom(1), tcp });
    const addresses = [{ address: ip(address), prefixLength: 24 }];
    host.attach(device, { addresses, duplicateDetection: false });
    return host;
  }

  #read(host: Host): void {
    const target = new Uint8Array(BUFFER);
    const drain = (connection: TcpConnection): void => {
      for (let count = connection.receive(target); count > 0; count = connection.receive(target)) {
        this.#received += count;
      }
      connection.lend(target);
    };
    host.tcp.listen({ port: PORT }).observer = {
      acceptable: listener => listener.accept()?.observe({ connectionEvent: drain }),
    };
  }

  #write(host: Host): void {
    const text = new Uint8Array(1 << 17);
    host.tcp.connect({ remote: ip("10.9.0.2"), remotePort: PORT }).observe({
      connectionEvent(connection, events) {
        if ((events & (CONNECTION_EVENT.connected | CONNECTION_EVENT.writable)) === 0) return;
        while (connection.send(text) === text.length);
      },
    });
  }
}
