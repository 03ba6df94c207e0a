/** poll and epoll. */
import { ScriptFailure } from "../failure.ts";
import type { Expression } from "../script.ts";
import type { EpollEvent, PollDescriptor } from "../system-calls.ts";
import { integerOf } from "../values.ts";
import type { Arguments, CallContext, CallHandler, DescriptorLabels, Performed } from "./call-context.ts";

function membersOf(expression: Expression): Map<string, Expression> {
  if (expression.kind !== "struct")
    throw new ScriptFailure("syntax", expression.place, "a structure is wanted");
  return new Map(expression.members.map(({ name, value }) => [name ?? "", value]));
}

function poll(args: Arguments, { calls, labels }: CallContext): Performed {
  args.expect(3);
  const list = args.at(0);
  const items = list.kind === "list" ? list.items.map(membersOf) : [];
  const number = (item: Map<string, Expression>, name: string): number => {
    const value = item.get(name);
    return value === undefined ? 0 : integerOf(value);
  };
  const descriptors: PollDescriptor[] = items.map(item => ({
    fd: labels.liveOf(number(item, "fd")),
    events: number(item, "events"),
    revents: 0,
  }));
  args.same("the number of descriptors", args.integer(1), descriptors.length);
  return {
    outcome: calls.poll(descriptors, args.integer(2)),
    verify: ({ value }) => {
      if (value < 0) return;
      descriptors.forEach(({ revents }, index) => {
        const expected = number(items[index] as Map<string, Expression>, "revents");
        args.same(`revents of descriptor ${index + 1}`, bitsText(expected), bitsText(revents));
      });
    },
  };
}

function bitsText(bits: number): string {
  return `0x${(bits >>> 0).toString(16)}`;
}

function epollCreate(args: Arguments, { calls }: CallContext): Performed {
  args.expect(1);
  return { outcome: calls.epollCreate(args.integer(0)), givesDescriptor: true };
}

function epollControl(args: Arguments, { calls, labels }: CallContext): Performed {
  args.expect(4);
  const event = args.isNull(3) ? null : eventOf(args.at(3), labels);
  return { outcome: calls.epollCtl(args.fd(0), args.integer(1), args.fd(2), event) };
}

/** `fd` names a descriptor; `ptr`, `u32` and `u64` are numbers. */
function eventOf(expression: Expression, labels: DescriptorLabels): EpollEvent {
  const members = membersOf(expression);
  const events = members.get("events");
  const fd = members.get("fd");
  const other = members.get("ptr") ?? members.get("u64") ?? members.get("u32");
  const data = fd === undefined ? (other === undefined ? 0 : integerOf(other)) : labels.liveOf(integerOf(fd));
  return { events: events === undefined ? 0 : integerOf(events) >>> 0, data: BigInt(data) };
}

function epollWait(args: Arguments, { calls, labels }: CallContext): Performed {
  args.expect(4);
  const events: EpollEvent[] = [];
  return {
    outcome: calls.epollWait(args.fd(0), events, args.integer(2), args.integer(3)),
    verify: ({ value }) => {
      if (value < 0) return;
      const actual = (value > 0 ? events[0] : undefined) ?? { events: 0, data: 0n };
      const expected = eventOf(args.at(1), labels);
      args.same("events", bitsText(expected.events), bitsText(actual.events));
      args.same("the event's data", String(expected.data), String(actual.data));
    },
  };
}

export const EVENT_CALLS: Readonly<Record<string, CallHandler>> = {
  poll,
  epoll_create: epollCreate,
  epoll_ctl: epollControl,
  epoll_wait: epollWait,
};
