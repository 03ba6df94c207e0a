/** The time before a line. */

/** Since some start: `0.000123`. */
export function elapsedText(micros: number): string {
  const sign = micros < 0 ? "-" : "";
  const whole = Math.abs(micros);
  return `${sign}${Math.floor(whole / 1_000_000)}.${String(whole % 1_000_000).padStart(6, "0")}`;
}

const MICROS_PER_DAY = 86_400_000_000;

/** The time of day of µs since 1970, in UTC or shifted by the offset of a time zone: `13:05:09.000123`. */
export function clockText(micros: number, offsetMinutes = 0): string {
  const shifted = micros + offsetMinutes * 60_000_000;
  const day = ((shifted % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const seconds = Math.floor(day / 1_000_000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const fraction = String(day % 1_000_000).padStart(6, "0");
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}.${fraction}`;
}
