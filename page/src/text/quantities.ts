/** Numbers as people read them, in the page's language. All of them are pure: the language is an argument. */
import type { Language } from "./language.ts";

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format costs more than using it. */
function format(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${Object.values(options).join(" ")}`;
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.NumberFormat(language, options);
    formats.set(key, known);
  }
  return known;
}

/** A whole number, with its groups: `12,345`. */
export function countText(count: number, language: Language): string {
  return format(language, { maximumFractionDigits: 0 }).format(count);
}

/** A large whole number to its thousandth part at least: `12.345M`, `1234.5万`. */
export function shortCountText(count: number, language: Language): string {
  return format(language, { notation: "compact", maximumFractionDigits: 3 }).format(count);
}

/** Three digits that count: `1.23`, `12.3`, `123`. */
export function numberText(value: number, language: Language): string {
  return format(language, { maximumSignificantDigits: 3, useGrouping: false }).format(value);
}

/** A part of one: `0.5` is `50%`. */
export function shareText(share: number, language: Language): string {
  return format(language, { style: "percent", maximumSignificantDigits: 3 }).format(share);
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `999 B`, `1.5 KiB`. */
export function bytesText(bytes: number, language: Language): string {
  return scaled(bytes, 1024, BYTE_UNITS, language);
}

const RATE_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] as const;

/** Bytes per second, told in bits as links are: `94.2 Mbit/s`. */
export function rateText(bytesPerSecond: number, language: Language): string {
  return scaled(8 * bytesPerSecond, 1000, RATE_UNITS, language);
}

function scaled(value: number, step: number, units: readonly string[], language: Language): string {
  let scale = 0;
  let rest = value;
  // Rounded to three digits, 999.6 would be the next unit's.
  while (Math.abs(rest) >= step - 0.5 && scale < units.length - 1) {
    rest /= step;
    scale++;
  }
  const text = scale === 0 ? countText(rest, language) : numberText(rest, language);
  return `${text} ${units[scale] ?? ""}`;
}

/** Of µs: `850 µs`, `12.3 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`. */
export function durationText(micros: number, language: Language): string {
  const size = Math.abs(micros);
  if (size < 999.5) return `${numberText(micros, language)} µs`;
  if (size < 999_500) return `${numberText(micros / 1e3, language)} ms`;
  if (size < 59_950_000) return `${numberText(micros / 1e6, language)} s`;
  const sign = micros < 0 ? "−" : "";
  const seconds = Math.round(size / 1e6);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${sign}${countText(Math.floor(minutes / 60), language)} h ${minutes % 60} min`;
}

/** An instant of the session's clock, in seconds to the µs: `1.000250`. */
export function instantText(micros: number): string {
  const sign = micros < 0 ? "−" : "";
  const whole = Math.round(Math.abs(micros));
  return `${sign}${Math.floor(whole / 1e6)}.${String(whole % 1e6).padStart(6, "0")}`;
}

/** `[2001:db8::1]:443`, `10.0.0.1:80`. */
export function endText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
