/** The read and write families, without messages. */

import { ScriptFailure } from "../failure.ts";
import type { Expression } from "../script.ts";
import type { IoVector } from "../system-calls.ts";
import { integerOf } from "../values.ts";
import {
  type Arguments,
  addressRoom,
  type CallContext,
  type CallHandler,
  type Performed,
} from "./call-context.ts";

function read(args: Arguments, { calls }: CallContext): Performed {
  args.expect(3);
  const size = args.integer(2);
  return { outcome: calls.read(args.fd(0), args.buffer(1, size), size) };
}

function write(args: Arguments, { calls }: CallContext): Performed {
  args.expect(3);
  const size = args.integer(2);
  return { outcome: calls.write(args.fd(0), args.buffer(1, size), size) };
}

function readv(args: Arguments, { calls }: CallContext): Performed {
  args.expect(3);
  return { outcome: calls.readv(args.fd(0), counted(args, 2, vectorsOf(args.at(1)))) };
}

function writev(args: Arguments, { calls }: CallContext): Performed {
  args.expect(3);
  return { outcome: calls.writev(args.fd(0), counted(args, 2, vectorsOf(args.at(1)))) };
}

function counted(args: Arguments, index: number, vectors: IoVector[]): IoVector[] {
  const count = args.integer(index);
  if (count > vectors.length) throw args.fail("syntax", `there are ${vectors.length} vectors, not ${count}`);
  return vectors.slice(0, count);
}

/** `[{..., 1000}, {..., 200}]`. */
export function vectorsOf(expression: Expression): IoVector[] {
  if (expression.kind !== "list")
    throw new ScriptFailure("syntax", expression.place, "a list of vectors is wanted");
  return expression.items.map(item => {
    const [base, length] = item.kind === "struct" ? item.members : [];
    if (base === undefined || length === undefined) {
      throw new ScriptFailure("syntax", item.place, "a vector such as {..., 1000} is wanted");
    }
    const size = integerOf(length.value);
    const isNull = base.value.kind === "symbol" && base.value.name === "NULL";
    return { bytes: isNull ? null : new Uint8Array(size), length: size };
  });
}

function recv(args: Arguments, { calls }: CallContext): Performed {
  args.expect(4);
  const size = args.integer(2);
  return { outcome: calls.recvfrom(args.fd(0), args.buffer(1, size), size, args.integer(3), null) };
}

function recvfrom(args: Arguments, { calls }: CallContext): Performed {
  args.expect(6);
  const size = args.integer(2);
  const address = args.isNull(4) ? null : addressRoom().out;
  return { outcome: calls.recvfrom(args.fd(0), args.buffer(1, size), size, args.integer(3), address) };
}

function send(args: Arguments, { calls }: CallContext): Performed {
  args.expect(4);
  const size = args.integer(2);
  return { outcome: calls.sendto(args.fd(0), args.buffer(1, size), size, args.integer(3), null, 0) };
}

function sendto(args: Arguments, { calls, connections }: CallContext): Performed {
  args.expect(6);
  const fd = args.fd(0);
  const size = args.integer(2);
  const address = args.address(4, "remote");
  // With MSG_FASTOPEN this connects, and the SYN may leave before the call returns.
  if (address?.port !== undefined) connections.connects(fd, address.port);
  const length = args.isEllipsis(5) ? (address?.bytes.length ?? 0) : args.integer(5);
  return {
    outcome: calls.sendto(fd, args.buffer(1, size), size, args.integer(3), address?.bytes ?? null, length),
  };
}

export const DATA_CALLS: Readonly<Record<string, CallHandler>> = {
  read,
  write,
  readv,
  writev,
  recv,
  recvfrom,
  send,
  sendto,
};
