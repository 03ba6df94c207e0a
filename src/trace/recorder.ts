/**
 * Records what happens in hosts as trace events, each handed to a sink as it happens. Several hosts have one
 * recorder, and their connections one numbering: the two ends of a connection have a number each.
 */
import type { Instant } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { FourTuple, TcpEnd } from "../tcp/tcp-probe.ts";
import type { EventData, EventName, TraceEvent } from "./event.ts";
import { HostRecorder } from "./host-recorder.ts";
import type { TracedEnd } from "./traced-end.ts";

export interface TraceRecorderOptions {
  readonly sink: (event: TraceEvent) => void;
  /**
   * Asked before an event is made: what nobody wants costs next to nothing. Everything is, if not given; 0 is
   * the connection of what belongs to none.
   */
  readonly wants?: ((connection: number, name: EventName, now: Instant) => boolean) | undefined;
}

export class TraceRecorder {
  readonly #options: TraceRecorderOptions;
  readonly #hosts: HostRecorder[] = [];
  #last = 0;

  constructor(options: TraceRecorderOptions) {
    this.#options = options;
  }

  /** Records a host from now on, until the function that it answers is called. */
  watch(host: Host): () => void {
    const recorder = new HostRecorder(host, this.#options, () => ++this.#last);
    this.#hosts.push(recorder);
    recorder.announce();
    const drops = recorder.dropped.bind(recorder);
    const end = host.observe({ tcp: recorder, drops });
    return () => {
      end();
      recorder.end();
      const index = this.#hosts.indexOf(recorder);
      if (index >= 0) this.#hosts.splice(index, 1);
    };
  }

  /** The number of an end; 0: no host that is watched has it. */
  numberOf(end: TcpEnd): number {
    for (const host of this.#hosts) {
      const number = host.numberOf(end);
      if (number !== 0) return number;
    }
    return 0;
  }

  /** An event of the end with this four-tuple; false: no host that is watched has it. */
  recordFor<Name extends EventName>(
    tuple: FourTuple,
    name: Name,
    data: (end: TracedEnd) => EventData[Name],
  ): boolean {
    return this.#hosts.some(host => host.recordFor(tuple, name, data));
  }

  /** An event of no connection, at a place that need not be a host that is watched. */
  record<Name extends EventName>(place: string, name: Name, data: EventData[Name]): void {
    const [host] = this.#hosts;
    host?.record(place, name, data);
  }
}
