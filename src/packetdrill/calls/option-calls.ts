/** getsockopt, setsockopt, fcntl, ioctl. */
import { sameBytes } from "../../base/bytes.ts";
import { int32 } from "../../socket/posix/control-messages.ts";
import { parseIpAddress } from "../../wire/address.ts";
import { ScriptFailure } from "../failure.ts";
import type { Expression } from "../script.ts";
import { integerOf } from "../values.ts";
import {
  type Arguments,
  type CallContext,
  type CallHandler,
  latin1,
  type Performed,
} from "./call-context.ts";

const OPTION_ROOM = 1_024;

/** An option's value in bytes: an int, a string, struct linger, struct in6_addr. */
function valueBytes(expression: Expression): Uint8Array {
  switch (expression.kind) {
    case "string":
      return latin1(expression.text);
    case "struct": {
      const bytes = new Uint8Array(4 * expression.members.length);
      expression.members.forEach(({ value }, index) => {
        bytes.set(int32(integerOf(value)), 4 * index);
      });
      return bytes;
    }
    case "call": {
      const [text] = expression.args;
      const address = text?.kind === "string" ? parseIpAddress(text.text) : undefined;
      if (address === undefined) break;
      const bytes = new Uint8Array(address.size);
      address.write(bytes, 0);
      return bytes;
    }
    case "list": {
      const [item] = expression.items;
      if (item !== undefined && expression.items.length === 1) return valueBytes(item);
      break;
    }
    case "integer":
    case "symbol":
    case "or":
      return int32(integerOf(expression));
  }
  throw new ScriptFailure("syntax", expression.place, "this is no value of an option");
}

function setsockopt(args: Arguments, { calls }: CallContext): Performed {
  args.expect(5);
  const value = args.isNull(3) ? null : valueBytes(args.at(3));
  const length = args.integer(4);
  // A length beyond what the script wrote reads on into its memory.
  const bytes = value === null || value.length >= length ? value : padded(value, length);
  return { outcome: calls.setsockopt(args.fd(0), args.integer(1), args.integer(2), bytes, length) };
}

function padded(value: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(value);
  return bytes;
}

function getsockopt(args: Arguments, { calls }: CallContext): Performed {
  args.expect(5);
  const value = new Uint8Array(OPTION_ROOM);
  const expectedLength = args.pointer(4);
  const length = { value: expectedLength };
  return {
    outcome: calls.getsockopt(args.fd(0), args.integer(1), args.integer(2), value, length),
    verify: ({ value: result }) => {
      if (result < 0 || args.isEllipsis(3)) return;
      args.same("the length of the value", expectedLength, length.value);
      compareValue(args, valueBytes(args.at(3)), value.subarray(0, length.value));
    },
  };
}

function compareValue(args: Arguments, expected: Uint8Array, actual: Uint8Array): void {
  const start = expected.subarray(0, actual.length);
  if (sameBytes(start, actual.subarray(0, start.length))) return;
  const text = (bytes: Uint8Array): string =>
    bytes.length === 4
      ? String(new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true))
      : `{${bytes.join(", ")}}`;
  args.same("the value", text(start), text(actual.slice(0, start.length)));
}

function fcntl(args: Arguments, { calls }: CallContext): Performed {
  args.expect(2, 3);
  const argument = args.count === 3 ? args.integer(2) : 0;
  return { outcome: calls.fcntl(args.fd(0), args.integer(1), argument) };
}

function ioctl(args: Arguments, { calls }: CallContext): Performed {
  args.expect(2, 3);
  const expected = args.count === 3 && !args.isNull(2) ? args.pointer(2) : undefined;
  const reference = expected === undefined ? null : { value: expected };
  return {
    outcome: calls.ioctl(args.fd(0), args.integer(1), reference),
    verify: ({ value }) => {
      if (value < 0 || expected === undefined || reference === null) return;
      args.same("the value", expected, reference.value);
    },
  };
}

export const OPTION_CALLS: Readonly<Record<string, CallHandler>> = { setsockopt, getsockopt, fcntl, ioctl };
