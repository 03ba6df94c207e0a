/** Numbers for people: "104,857,600", "1.234 s", "12.3 ms". */

export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function bytesText(count: number): string {
  return `${countText(count)} byte${count === 1 ? "" : "s"}`;
}

/** Of µs: four digits that matter, in the unit that fits. */
export function durationText(micros: number): string {
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  if (micros < 1_000_000) return `${digits(micros / 1_000)} ms`;
  return `${digits(micros / 1_000_000)} s`;
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** Of µs, always in ms with three decimals: columns of times. */
export function millisecondsText(micros: number): string {
  return (micros / 1_000).toFixed(3);
}
