/** sendmsg and recvmsg, and the control messages that scripts expect. */

import { type ControlMessage, readControl } from "../../socket/posix/control-messages.ts";
import { ScriptFailure } from "../failure.ts";
import type { Expression, Member } from "../script.ts";
import type { MessageHeader } from "../system-calls.ts";
import { secondsText } from "../time-rules.ts";
import { integerOf } from "../values.ts";
import {
  type Arguments,
  addressRoom,
  type CallContext,
  type CallHandler,
  type Performed,
} from "./call-context.ts";
import { vectorsOf } from "./data-calls.ts";

const CONTROL_ROOM = 4_096;

type Struct = Expression & { readonly kind: "struct" };

function structOf(expression: Expression, what: string): Struct {
  if (expression.kind === "struct") return expression;
  throw new ScriptFailure("syntax", expression.place, `${what} is wanted here`);
}

function member(struct: Struct, name: string): Expression | undefined {
  return struct.members.find((candidate: Member) => candidate.name === name)?.value;
}

function needed(struct: Struct, name: string): Expression {
  const value = member(struct, name);
  if (value === undefined) throw new ScriptFailure("syntax", struct.place, `${name} is missing`);
  return value;
}

function sendmsg(args: Arguments, { calls, connections, settings }: CallContext): Performed {
  args.expect(3);
  const fd = args.fd(0);
  const struct = structOf(args.at(1), "a message");
  const hasName = member(struct, "msg_name")?.kind === "ellipsis";
  const end = hasName ? args.defaultEnd("remote") : undefined;
  if (end !== undefined) connections.connects(fd, settings.connectPort);
  const message: MessageHeader = {
    name: end ?? null,
    vectors: vectorsOf(needed(struct, "msg_iov")),
    control: null,
  };
  return { outcome: calls.sendmsg(fd, message, args.integer(2)) };
}

function recvmsg(args: Arguments, context: CallContext): Performed {
  args.expect(3);
  const struct = structOf(args.at(1), "a message");
  const control = new Uint8Array(CONTROL_ROOM);
  const message: MessageHeader = {
    name: addressRoom().out.bytes,
    vectors: vectorsOf(needed(struct, "msg_iov")),
    control,
    controlLength: CONTROL_ROOM,
    flags: 0,
  };
  return {
    outcome: context.calls.recvmsg(args.fd(0), message, args.integer(2)),
    verify: ({ value }) => {
      if (value < 0) return;
      const flags = member(struct, "msg_flags");
      if (flags !== undefined) args.same("msg_flags", integerOf(flags), message.flags ?? 0);
      const expected = member(struct, "msg_control");
      if (expected === undefined) return;
      const actual = readControl(control.subarray(0, message.controlLength ?? 0)) ?? [];
      compareControl(args, context, expected, actual);
    },
  };
}

function compareControl(
  args: Arguments,
  context: CallContext,
  expected: Expression,
  actual: readonly ControlMessage[],
): void {
  const items = expected.kind === "list" ? expected.items : [];
  args.same("the number of control messages", items.length, actual.length);
  for (const [index, item] of items.entries()) {
    const struct = structOf(item, "a control message");
    const message = actual[index] as ControlMessage;
    args.same(`cmsg_level of message ${index + 1}`, integerOf(needed(struct, "cmsg_level")), message.level);
    args.same(`cmsg_type of message ${index + 1}`, integerOf(needed(struct, "cmsg_type")), message.type);
    compareData(args, context, needed(struct, "cmsg_data"), message.data);
  }
}

function compareData(args: Arguments, context: CallContext, expected: Expression, data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (expected.kind !== "struct") {
    args.same("the length of cmsg_data", 4, data.length);
    args.same("cmsg_data", integerOf(expected) | 0, view.getInt32(0, true));
    return;
  }
  if (member(expected, "scm_sec") !== undefined) compareTimestamp(args, context, expected, view);
  else compareExtendedError(args, expected, view);
}

/** struct scm_timestamping: three times; the first is the software's. 0 is not compared. */
function compareTimestamp(args: Arguments, context: CallContext, expected: Struct, view: DataView): void {
  const seconds = integerOf(needed(expected, "scm_sec"));
  const nanoseconds = integerOf(needed(expected, "scm_nsec"));
  if (seconds === 0 && nanoseconds === 0) return;
  const wanted = seconds * 1_000_000 + Math.floor(nanoseconds / 1_000);
  const live = Number(view.getBigInt64(0, true)) * 1_000_000 + Number(view.getBigInt64(8, true)) / 1_000;
  const actual = context.scriptTime(live);
  if (Math.abs(actual - wanted) <= context.toleranceUsecs) return;
  args.same("the time of SCM_TIMESTAMPING", secondsText(wanted), secondsText(actual));
}

/** struct sock_extended_err. */
const ERROR_FIELDS: ReadonlyArray<readonly [name: string, offset: number, size: 1 | 4]> = [
  ["ee_errno", 0, 4],
  ["ee_origin", 4, 1],
  ["ee_type", 5, 1],
  ["ee_code", 6, 1],
  ["ee_info", 8, 4],
  ["ee_data", 12, 4],
];
const EXTENDED_ERROR_SIZE = 16;

function compareExtendedError(args: Arguments, expected: Struct, view: DataView): void {
  if (view.byteLength < EXTENDED_ERROR_SIZE) {
    throw args.fail("call", `${args.action.name}: the control message has ${view.byteLength} bytes`);
  }
  for (const [name, offset, size] of ERROR_FIELDS) {
    const value = member(expected, name);
    if (value === undefined) continue;
    args.same(name, integerOf(value), size === 1 ? view.getUint8(offset) : view.getUint32(offset, true));
  }
}

export const MESSAGE_CALLS: Readonly<Record<string, CallHandler>> = { sendmsg, recvmsg };
