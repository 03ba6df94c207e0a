/** Several probes as one. */
import type { TcpProbe } from "./tcp-probe.ts";

type Told<Name extends keyof TcpProbe> = Parameters<NonNullable<TcpProbe[Name]>>;

export class ProbeOfMany implements Required<TcpProbe> {
  readonly #probes: readonly TcpProbe[];

  constructor(probes: readonly TcpProbe[]) {
    this.#probes = probes;
  }

  opened(...told: Told<"opened">): void {
    for (const probe of this.#probes) probe.opened?.(...told);
  }

  continued(...told: Told<"continued">): void {
    for (const probe of this.#probes) probe.continued?.(...told);
  }

  stateChanged(...told: Told<"stateChanged">): void {
    for (const probe of this.#probes) probe.stateChanged?.(...told);
  }

  arriving(...told: Told<"arriving">): void {
    for (const probe of this.#probes) probe.arriving?.(...told);
  }

  arrived(...told: Told<"arrived">): void {
    for (const probe of this.#probes) probe.arrived?.(...told);
  }

  sending(...told: Told<"sending">): void {
    for (const probe of this.#probes) probe.sending?.(...told);
  }

  refused(...told: Told<"refused">): void {
    for (const probe of this.#probes) probe.refused?.(...told);
  }

  sent(...told: Told<"sent">): void {
    for (const probe of this.#probes) probe.sent?.(...told);
  }

  acknowledged(...told: Told<"acknowledged">): void {
    for (const probe of this.#probes) probe.acknowledged?.(...told);
  }

  lost(...told: Told<"lost">): void {
    for (const probe of this.#probes) probe.lost?.(...told);
  }

  recovery(...told: Told<"recovery">): void {
    for (const probe of this.#probes) probe.recovery?.(...told);
  }

  timer(...told: Told<"timer">): void {
    for (const probe of this.#probes) probe.timer?.(...told);
  }

  settled(...told: Told<"settled">): void {
    for (const probe of this.#probes) probe.settled?.(...told);
  }

  written(...told: Told<"written">): void {
    for (const probe of this.#probes) probe.written?.(...told);
  }

  read(...told: Told<"read">): void {
    for (const probe of this.#probes) probe.read?.(...told);
  }

  overflowed(...told: Told<"overflowed">): void {
    for (const probe of this.#probes) probe.overflowed?.(...told);
  }

  cookie(...told: Told<"cookie">): void {
    for (const probe of this.#probes) probe.cookie?.(...told);
  }

  left(...told: Told<"left">): void {
    for (const probe of this.#probes) probe.left?.(...told);
  }

  ended(...told: Told<"ended">): void {
    for (const probe of this.#probes) probe.ended?.(...told);
  }
}
