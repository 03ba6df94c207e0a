/**
 * What the user enters for a wire, in the units that people use, and what the protocol wants: per cent and a
 * part of one, milliseconds and µs, Mbit/s and bytes per second.
 */
export type Quantity = "loss" | "delay" | "jitter" | "rateBytesPerSecond";

interface Measure {
  /** Of the protocol's, one of the user's units. */
  readonly unit: number;
  /** In the user's units. */
  readonly most: number;
}

const HOUR_IN_MILLISECONDS = 3_600_000;

export const MEASURES: Readonly<Record<Quantity, Measure>> = {
  loss: { unit: 0.01, most: 100 },
  delay: { unit: 1000, most: HOUR_IN_MILLISECONDS },
  jitter: { unit: 1000, most: HOUR_IN_MILLISECONDS },
  rateBytesPerSecond: { unit: 125_000, most: 8_000_000 },
};

/** As it stands in a field: up to six digits that count, no exponent. */
export function fieldText(quantity: Quantity, value: number): string {
  return decimalText(value / MEASURES[quantity].unit);
}

function decimalText(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString("en-US", {
    useGrouping: false,
    maximumFractionDigits: 9,
  });
}

/** Undefined: it is no number, or none that a wire may have. */
export function valueOfField(quantity: Quantity, text: string): number | undefined {
  const { unit, most } = MEASURES[quantity];
  const entered = numberIn(text);
  if (entered === undefined || entered < 0 || entered > most) return undefined;
  // Products of decimal fractions are a little off: 0.07 · 100 is not 7.
  return Number((entered * unit).toPrecision(12));
}

const LARGEST_SEED = 2 ** 32 - 1;

/** Undefined: it is no seed. */
export function seedOfField(text: string): number | undefined {
  const seed = numberIn(text);
  return seed !== undefined && Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED ? seed : undefined;
}

export function nextSeed(seed: number): number {
  return seed >= LARGEST_SEED ? 0 : seed + 1;
}

/** A plain decimal number; a comma counts as a point. */
function numberIn(text: string): number | undefined {
  const plain = text.trim().replace(",", ".");
  return /^(\d+\.?\d*|\.\d+)$/u.test(plain) ? Number(plain) : undefined;
}
