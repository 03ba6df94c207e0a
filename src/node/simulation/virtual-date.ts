/** What programs read the time from, in the world's time: Date, performance.now, process.hrtime. */
import type { Clock } from "../../base/time.ts";
import type { Replacements } from "./replacements.ts";

/** @param epoch what the clock's beginning is called, in ms since 1970 */
export function replaceClocks(replacements: Replacements, clock: Clock, epoch: number): void {
  const milliseconds = (): number => clock.now() / 1_000;
  const now = (): number => epoch + Math.floor(milliseconds());
  replacements.replace(globalThis, "Date", real => virtualDate(real, now));
  replacements.replace(performance, "now", () => milliseconds);
  replacements.replace(process, "hrtime", () => virtualHrtime(() => BigInt(clock.now()) * 1_000n));
}

/** Dates are the real ones: only those of now are made of another number. */
function virtualDate(real: DateConstructor, now: () => number): DateConstructor {
  const date: DateConstructor = new Proxy(real, {
    construct: (_target, args: unknown[], made) =>
      Reflect.construct(real, args.length === 0 ? [now()] : args, made === date ? real : made),
    apply: () => new real(now()).toString(),
    get: (_target, key) => (key === "now" ? now : Reflect.get(real, key)),
  });
  return date;
}

function virtualHrtime(now: () => bigint): NodeJS.HRTime {
  const hrtime = (since?: [number, number]): [number, number] => {
    const before = since === undefined ? 0n : BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]);
    const time = now() - before;
    const rest = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return [Number((time - rest) / 1_000_000_000n), Number(rest)];
  };
  return Object.assign(hrtime, { bigint: now });
}
