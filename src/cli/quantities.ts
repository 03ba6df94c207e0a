/**
 * The values of options, strictly: "5%", "20ms", "50mbit", "[::1]:8080". A bad one is refused with a sentence
 * that shows a good one. Each parser is also what commander calls for its option.
 */
import { InvalidArgumentError } from "commander";
import { type Duration, microseconds } from "../base/time.ts";
import { type IpAddress, parseIpAddress } from "../wire/address.ts";

/** A decimal number without sign or exponent, and what follows it. */
const NUMBER_AND_UNIT = /^(\d+(?:\.\d+)?|\.\d+)([a-zA-Z%]*)$/;

function split(text: string): { readonly number: number; readonly unit: string } | undefined {
  const [, number, unit] = NUMBER_AND_UNIT.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : { number: Number(number), unit };
}

/** "5%" is 0.05. */
export function parsePercentage(text: string): number {
  const parts = split(text);
  if (parts === undefined || parts.unit !== "%" || parts.number > 100) {
    throw new InvalidArgumentError("Give a percentage from 0% to 100%, such as 5%.");
  }
  return parts.number / 100;
}

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 };
const LONGEST = 3_600_000_000;

/** "20ms", "1.5s" or "300us", at most an hour. */
export function parseDuration(text: string): Duration {
  const parts = split(text.replace("µ", "u"));
  const unit = parts && MICROSECONDS[parts.unit];
  if (parts === undefined || unit === undefined || parts.number * unit > LONGEST) {
    throw new InvalidArgumentError(
      "Give a time with its unit (us, ms or s) of at most an hour, such as 20ms.",
    );
  }
  return microseconds(parts.number * unit);
}

const BITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** "50mbit" a second, in bytes a second. */
export function parseRate(text: string): number {
  const parts = split(text.toLowerCase());
  const unit = parts && BITS[parts.unit];
  const rate = (parts?.number ?? 0) * (unit ?? 0);
  if (rate < 1_000 || rate > 1e12) {
    throw new InvalidArgumentError(
      "Give bits a second with their unit, from 1kbit to 1000gbit, such as 50mbit.",
    );
  }
  return rate / 8;
}

/** Seconds as a plain number, as `ping -i` takes them. */
export function secondsBetween(least: number, most: number): (text: string) => Duration {
  return text => {
    const parts = split(text);
    if (parts === undefined || parts.unit !== "" || parts.number < least || parts.number > most) {
      throw new InvalidArgumentError(`Give seconds from ${least} to ${most}, such as ${Math.max(1, least)}.`);
    }
    return microseconds(parts.number * 1_000_000);
  };
}

/** A whole number in decimal digits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

export const parseSeed = wholeNumber(0, 0xffff_ffff);
export const parsePort = wholeNumber(1, 65_535);

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** "8080", "0.0.0.0:8080", "[::1]:8080" or "localhost:0": port 0 lets the kernel choose. */
export function parseListenAddress(text: string, defaultHost = "127.0.0.1"): ListenAddress {
  const [, bracketed, plain, port] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const isAddress = bracketed === undefined || parseIpAddress(bracketed)?.family === 6;
  if (port === undefined || Number(port) > 65_535 || !isAddress) {
    throw new InvalidArgumentError("Give [HOST:]PORT, such as 8080, 0.0.0.0:8080 or [::1]:8080.");
  }
  return { host: bracketed ?? plain ?? defaultHost, port: Number(port) };
}

export interface AddressWithPrefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** "10.77.0.2/24" or "fd77::2/64". */
export function parseAddressWithPrefix(text: string): AddressWithPrefix {
  const [, addressText, length] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = addressText === undefined ? undefined : parseIpAddress(addressText);
  if (
    address === undefined ||
    Number(length) < 1 ||
    Number(length) > address.size * 8 ||
    !isHostAddress(address)
  ) {
    throw new InvalidArgumentError(
      "Give an address with its prefix length, such as 10.77.0.2/24 or fd77::2/64.",
    );
  }
  return { address, prefixLength: Number(length) };
}

export function parseAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined || !isHostAddress(address)) {
    throw new InvalidArgumentError("Give an IPv4 or IPv6 address, such as 10.77.0.1 or fd77::1.");
  }
  return address;
}

function isHostAddress(address: IpAddress): boolean {
  return !address.isMulticast && !address.isUnspecified && !address.isLimitedBroadcast;
}

/** For options that may be given several times. */
export function collecting<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}
