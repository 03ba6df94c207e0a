/** What a system call of a script works with, and what it makes of its arguments. */
import { sockaddr, sockaddrUnspecified } from "../../socket/posix/addresses.ts";
import { AF_INET, AF_INET6 } from "../../socket/posix/constants.ts";
import type { SysResult } from "../../socket/posix/sys-result.ts";
import { type IpAddress, parseIpAddress } from "../../wire/address.ts";
import type { Connections } from "../connections.ts";
import { ScriptFailure } from "../failure.ts";
import type { CallAction, Expression } from "../script.ts";
import type { Settings } from "../settings.ts";
import type { AddressOut, SysOutcome, SystemCalls } from "../system-calls.ts";
import { integerOf } from "../values.ts";

/** A script's descriptors are labels: the stack's own numbers stand behind them. */
export class DescriptorLabels {
  readonly #live = new Map<number, number>();

  /** Labels that stand for nothing become numbers that stand for nothing. */
  liveOf(label: number): number {
    return this.#live.get(label) ?? (label < 0 ? label : label + UNUSED);
  }

  labelOf(live: number): number | undefined {
    for (const [label, number] of this.#live) if (number === live) return label;
    return undefined;
  }

  set(label: number, live: number): void {
    this.#live.set(label, live);
  }

  remove(label: number): void {
    this.#live.delete(label);
  }
}

const UNUSED = 100_000;

export interface CallContext {
  readonly calls: SystemCalls;
  readonly settings: Settings;
  readonly labels: DescriptorLabels;
  readonly connections: Connections;
  /** Script time, in µs. */
  readonly now: () => number;
  /** Of a time that the stack told, in µs. */
  readonly scriptTime: (live: number) => number;
  readonly toleranceUsecs: number;
  /** The content of a file that the script's commands made. */
  readonly file: (path: string) => Uint8Array | undefined;
}

/** A call that has been made. */
export interface Performed {
  readonly outcome: SysOutcome;
  /** The result is a descriptor: the one that the script names becomes its label. */
  readonly givesDescriptor?: boolean;
  /** Looks at what the call wrote, and notes what it did. Throws a `ScriptFailure`. */
  readonly verify?: (result: SysResult) => void;
}

export type CallHandler = (args: Arguments, context: CallContext) => Performed;

/** The arguments of one call. */
export class Arguments {
  readonly action: CallAction;
  readonly place: Expression["place"];
  readonly #context: CallContext;

  constructor(action: CallAction, context: CallContext) {
    this.action = action;
    this.place = action.result.place;
    this.#context = context;
  }

  get count(): number {
    return this.action.args.length;
  }

  /** Throws if their number is not one of these. */
  expect(...counts: number[]): void {
    if (counts.includes(this.count)) return;
    const { name } = this.action;
    throw this.fail("syntax", `${name} has ${counts.join(" or ")} arguments, not ${this.count}`);
  }

  at(index: number): Expression {
    const expression = this.action.args[index];
    if (expression === undefined) throw this.fail("syntax", `${this.action.name} has too few arguments`);
    return expression;
  }

  integer(index: number): number {
    return integerOf(this.at(index));
  }

  fd(index: number): number {
    return this.#context.labels.liveOf(this.integer(index));
  }

  isEllipsis(index: number): boolean {
    return this.action.args[index]?.kind === "ellipsis";
  }

  isNull(index: number): boolean {
    const expression = this.action.args[index];
    return expression?.kind === "symbol" && expression.name === "NULL";
  }

  /** `...` is a buffer of zeros of that size, NULL is none, a string is its own bytes. */
  buffer(index: number, size: number): Uint8Array | null {
    const expression = this.at(index);
    if (expression.kind === "ellipsis") return new Uint8Array(Math.max(0, Math.min(size, LARGEST_BUFFER)));
    if (this.isNull(index)) return null;
    if (expression.kind === "string") return latin1(expression.text);
    throw new ScriptFailure("syntax", expression.place, "a buffer is wanted here: ..., NULL or a string");
  }

  /** `[v]`: what a call reads or writes through a pointer. */
  pointer(index: number): number {
    return integerOf(this.only(index));
  }

  /** What stands alone within brackets. */
  only(index: number): Expression {
    const expression = this.at(index);
    const [item] = expression.kind === "list" ? expression.items : [];
    if (expression.kind !== "list" || item === undefined || expression.items.length !== 1) {
      throw new ScriptFailure("syntax", expression.place, "one value within brackets is wanted here");
    }
    return item;
  }

  /**
   * A socket address: `...` is the local end for bind and the remote end elsewhere, AF_UNSPEC dissolves, a
   * number is that address with another family, a structure says it itself. Undefined: NULL.
   */
  address(index: number, end: "local" | "remote"): GivenEnd | undefined {
    const expression = this.at(index);
    const { settings } = this.#context;
    if (this.isNull(index)) return undefined;
    if (expression.kind === "symbol" && expression.name === "AF_UNSPEC") {
      return { bytes: sockaddrUnspecified(), port: undefined };
    }
    if (expression.kind === "struct") return this.#structAddress(expression);
    if (expression.kind === "integer") {
      const bytes = this.defaultEnd(end);
      writeFamily(bytes, integerOf(expression));
      return { bytes, port: undefined };
    }
    if (expression.kind !== "ellipsis") {
      throw new ScriptFailure(
        "syntax",
        expression.place,
        "an address is wanted here: ..., AF_UNSPEC or NULL",
      );
    }
    const port = end === "local" ? settings.bindPort : settings.connectPort;
    return { bytes: this.defaultEnd(end), port };
  }

  /** The address that `...` stands for. */
  defaultEnd(end: "local" | "remote"): Uint8Array {
    const { settings } = this.#context;
    return end === "local"
      ? socketAddress(settings, settings.localAddress, settings.bindPort)
      : socketAddress(settings, settings.remoteAddress, settings.connectPort);
  }

  #structAddress(expression: Expression & { readonly kind: "struct" }): GivenEnd {
    let port = 0;
    let address: IpAddress | undefined;
    for (const { name, value } of expression.members) {
      if (name === "sin_port" || name === "sin6_port") port = integerOf(value);
      if (name === "sin_addr" || name === "sin6_addr") address = addressOf(value);
    }
    if (address === undefined) throw new ScriptFailure("syntax", expression.place, "the address is not said");
    return { bytes: socketAddress(this.#context.settings, address, port), port };
  }

  fail(kind: "syntax" | "unsupported" | "call", message: string): ScriptFailure {
    return new ScriptFailure(kind, this.place, message);
  }

  /** Throws unless both are the same. */
  same(what: string, expected: number | string, actual: number | string): void {
    if (expected === actual) return;
    throw new ScriptFailure(
      "call",
      this.place,
      `${this.action.name}: ${what} is ${actual} instead of ${expected}`,
      {
        expected: String(expected),
        actual: String(actual),
      },
    );
  }
}

export interface GivenEnd {
  readonly bytes: Uint8Array;
  /** Undefined: the association is to be dissolved. */
  readonly port: number | undefined;
}

const LARGEST_BUFFER = 1 << 26;

function addressOf(expression: Expression): IpAddress {
  const text = expression.kind === "call" ? expression.args.find(arg => arg.kind === "string") : undefined;
  const address = text?.kind === "string" ? parseIpAddress(text.text) : undefined;
  if (address === undefined)
    throw new ScriptFailure("syntax", expression.place, "an IP address is wanted here");
  return address;
}

export function domainOf(settings: Settings): number {
  return settings.mode === "ipv4" ? AF_INET : AF_INET6;
}

/** Sockets of the modes `ipv6` and `mapped` are AF_INET6. */
function socketAddress(settings: Settings, address: IpAddress, port: number): Uint8Array {
  return sockaddr(settings.mode === "ipv4" ? AF_INET : AF_INET6, { address, port });
}

function writeFamily(address: Uint8Array, family: number): void {
  new DataView(address.buffer).setUint16(0, family, true);
}

/** sizeof(struct sockaddr_storage). */
const ADDRESS_ROOM = 128;

export function addressRoom(): { out: AddressOut; port: () => number | undefined } {
  const bytes = new Uint8Array(ADDRESS_ROOM);
  const out: AddressOut = { bytes, length: ADDRESS_ROOM };
  return { out, port: () => (out.length < 4 ? undefined : ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) };
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0) & 0xff);
}
