/** Where something is in a packet, and how its bytes are loaded from there. */
import {
  type Arithmetic,
  add,
  type Condition,
  constant,
  equals,
  type LoadSize,
  load,
  maskedEquals,
  ZERO,
} from "./condition.ts";
import { ALU } from "./instruction.ts";

/** So many bytes behind the packet's first byte, or behind what was kept: within tunnels, layers move. */
export interface Place {
  readonly base: Arithmetic | undefined;
  readonly offset: number;
}

export function place(offset: number, base?: Arithmetic): Place {
  return { base, offset };
}

export function behind(from: Place, offset: number): Place {
  return { base: from.base, offset: from.offset + offset };
}

/** How many bytes behind the packet's first one it is. */
export function distance({ base, offset }: Place): Arithmetic {
  return base === undefined ? constant(offset) : add(base, constant(offset));
}

/** The bytes at `offset` behind a place, and `index` further on. */
export function loadAt(from: Place, offset: number, size: LoadSize, index: Arithmetic = ZERO): Arithmetic {
  const far = from.base === undefined ? index : add(index, from.base);
  return load(from.offset + offset, size, undefined, far);
}

/** The bytes behind the IPv4 header that begins at a place. */
export function loadBehindIpv4(
  ip: Place,
  offset: number,
  size: LoadSize,
  index: Arithmetic = ZERO,
): Arithmetic {
  if (ip.base === undefined) return load(ip.offset + offset, size, ip.offset, index);
  return loadAt(ip, offset, size, add(index, ipv4HeaderLength(ip)));
}

export function ipv4HeaderLength(ip: Place): Arithmetic {
  const words: Arithmetic = {
    kind: "operation",
    operation: ALU.and,
    left: loadAt(ip, 0, 1),
    right: constant(0x0f),
  };
  return { kind: "operation", operation: ALU.lsh, left: words, right: constant(2) };
}

/** A later fragment has no header of a transport. */
export function isFirstFragment(ip: Place): Condition {
  return maskedEquals(loadAt(ip, 6, 2), 0x1fff, 0);
}

export function byteIs(from: Place, offset: number, value: number): Condition {
  return equals(loadAt(from, offset, 1), value);
}
