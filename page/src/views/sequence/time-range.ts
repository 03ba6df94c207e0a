/**
 * Which stretch of time is looked at: all of it, its end as it grows, or a stretch that stays. Pure: every
 * answer is a new look.
 */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export type Look =
  | { readonly kind: "all" }
  /** So many µs before the end, which moves on. */
  | { readonly kind: "last"; readonly span: number }
  | { readonly kind: "fixed"; readonly from: number; readonly to: number };

export const ALL: Look = { kind: "all" };

/** µs: nothing happens within less. */
const SHORTEST = 10;

/** What a look shows of a time that goes from `bounds.from` to `bounds.to`. Never of no length. */
export function stretchOf(look: Look, bounds: Stretch): Stretch {
  const to = Math.max(bounds.to, bounds.from + SHORTEST);
  if (look.kind === "fixed") return { from: look.from, to: look.to };
  return { from: look.kind === "last" ? Math.max(bounds.from, to - look.span) : bounds.from, to };
}

/** Nearer by this factor; the instant `at` stays where it is. Who looks at the end goes on looking at it. */
export function zoomed(look: Look, bounds: Stretch, factor: number, at: number): Look {
  const { from, to } = stretchOf(look, bounds);
  const whole = stretchOf(ALL, bounds);
  const span = Math.max(SHORTEST, (to - from) / factor);
  if (span >= whole.to - whole.from) return ALL;
  const share = (at - from) / (to - from);
  if (look.kind !== "fixed" && share > 0.9) return { kind: "last", span };
  return within({ from: at - share * span, to: at + (1 - share) * span }, whole);
}

/** Moved by so many µs; no further than time goes. At its end one follows it. */
export function panned(look: Look, bounds: Stretch, by: number): Look {
  const { from, to } = stretchOf(look, bounds);
  const whole = stretchOf(ALL, bounds);
  if (look.kind === "all") return look;
  if (to + by >= whole.to) return { kind: "last", span: to - from };
  return within({ from: from + by, to: to + by }, whole);
}

/** As it is, but no longer following; or following with the same span. */
export function following(look: Look, bounds: Stretch, on: boolean): Look {
  const { from, to } = stretchOf(look, bounds);
  return on ? { kind: "last", span: to - from } : { kind: "fixed", from, to };
}

function within({ from, to }: Stretch, whole: Stretch): Look {
  const by = Math.max(0, whole.from - from) - Math.max(0, to - whole.to);
  return { kind: "fixed", from: from + by, to: to + by };
}
