/**
 * Times in pcapng: a 64-bit count of units, whose size (if_tsresol) and origin (if_tsoffset) the interface
 * gives. draft-ietf-opsawg-pcapng §4.2.
 */
export interface CaptureTime {
  /** Whole µs since 1970. */
  readonly time: number;
  /** 0 … 999. */
  readonly nanoseconds: number;
}

/** From the upper and the lower 32 bits of the count. */
export type CaptureClock = (high: number, low: number) => CaptureTime;

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const MICROSECONDS_PER_SECOND = 1_000_000;
const LATEST = BigInt(Number.MAX_SAFE_INTEGER);

/** `resolution`: a negative power of ten, or of two where bit 7 is set. */
export function clockOf(resolution: number, offsetSeconds: number): CaptureClock {
  const exponent = BigInt(resolution & 0x7f);
  const unitsPerSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  const offset = BigInt(offsetSeconds) * NANOSECONDS_PER_SECOND;
  const general: CaptureClock = (high, low) => {
    const units = (BigInt(high) << 32n) | BigInt(low);
    const nanoseconds = (units * NANOSECONDS_PER_SECOND) / unitsPerSecond + offset;
    const micros = nanoseconds / 1000n;
    // Nonsense from the file stays a number that can be shown.
    if (micros > LATEST || nanoseconds < 0n) return { time: 0, nanoseconds: 0 };
    return { time: Number(micros), nanoseconds: Number(nanoseconds % 1000n) };
  };
  if (resolution !== 6) return general;
  return (high, low) => {
    const time = high * 0x1_0000_0000 + low + offsetSeconds * MICROSECONDS_PER_SECOND;
    return Number.isSafeInteger(time) && time >= 0 ? { time, nanoseconds: 0 } : { time: 0, nanoseconds: 0 };
  };
}
