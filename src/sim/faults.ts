/**
 * Faults at given instants: cables are cut and healed, wires turn bad, the world is partitioned. Each is
 * noted in the trace. Faults aimed at one frame are the gates' own: `link.aToB.gate.drop(3, isSyn)`.
 */
import type { Scheduled, Scheduler } from "../base/event-queue.ts";
import type { Instant } from "../base/time.ts";
import type { ImpairedDevice, Impairment } from "../link/impair.ts";
import type { FaultGate } from "./fault-gate.ts";
import type { Trace } from "./trace.ts";

/** One way of a link: what leaves the end that it starts from. */
export interface LinkDirection {
  readonly gate: FaultGate;
  /** The impairment that counts is `wire.transmitImpairment`. */
  readonly wire: ImpairedDevice;
}

export interface FaultyLink {
  readonly name: string;
  /** Who is at either end. */
  readonly ends: readonly [string, string];
  readonly aToB: LinkDirection;
  readonly bToA: LinkDirection;
  /** Nothing passes; what is on its way is lost if it would arrive before the link is healed. */
  cut(): void;
  heal(): void;
}

export interface ImpairmentChange {
  readonly aToB?: Impairment | undefined;
  readonly bToA?: Impairment | undefined;
}

export class Faults {
  readonly #scheduler: Scheduler;
  readonly #trace: Trace | undefined;

  constructor(scheduler: Scheduler, trace?: Trace) {
    this.#scheduler = scheduler;
    this.#trace = trace;
  }

  /** Any fault: `what` is for the trace. */
  at(when: Instant, what: string, happen: () => void): Scheduled {
    return this.#scheduler.schedule(when, () => {
      this.#trace?.note(what);
      happen();
    });
  }

  cut(link: FaultyLink, when: Instant): Scheduled {
    return this.at(when, `cut ${link.name}`, () => link.cut());
  }

  heal(link: FaultyLink, when: Instant): Scheduled {
    return this.at(when, `heal ${link.name}`, () => link.heal());
  }

  /** A way that is left out stays as it is. */
  impair(link: FaultyLink, when: Instant, change: ImpairmentChange): Scheduled {
    return this.at(when, `impair ${link.name} ${JSON.stringify(change)}`, () => {
      if (change.aToB !== undefined) link.aToB.wire.transmitImpairment = change.aToB;
      if (change.bToA !== undefined) link.bToA.wire.transmitImpairment = change.bToA;
    });
  }

  /** Cuts the links between ends of different groups. Who is in no group keeps its links. */
  partition(
    links: readonly FaultyLink[],
    when: Instant,
    ...groups: ReadonlyArray<readonly string[]>
  ): Scheduled {
    const groupOf = (end: string): number => groups.findIndex(group => group.includes(end));
    const severed = links.filter(({ ends: [a, b] }) => {
      const [groupA, groupB] = [groupOf(a), groupOf(b)];
      return groupA >= 0 && groupB >= 0 && groupA !== groupB;
    });
    return this.at(when, `partition ${groups.map(group => group.join(" ")).join(" | ")}`, () => {
      for (const link of severed) link.cut();
    });
  }

  healAll(links: readonly FaultyLink[], when: Instant): Scheduled {
    return this.at(when, "heal all", () => {
      for (const link of links) link.heal();
    });
  }
}
