/** socket, bind, listen, accept, connect, shutdown, close. */
import { SOCK_DGRAM, SOCK_TYPE_MASK } from "../../socket/posix/constants.ts";
import { integerOf } from "../values.ts";
import {
  type Arguments,
  addressRoom,
  type CallContext,
  type CallHandler,
  domainOf,
  type Performed,
} from "./call-context.ts";

function socket(args: Arguments, { calls, settings, connections }: CallContext): Performed {
  args.expect(3);
  const domain = args.isEllipsis(0) ? domainOf(settings) : args.integer(0);
  const type = args.integer(1);
  return {
    outcome: calls.socket(domain, type, args.integer(2)),
    givesDescriptor: true,
    verify: ({ value }) => {
      if (value < 0) return;
      connections.socketMade(value, (type & SOCK_TYPE_MASK) === SOCK_DGRAM ? "udp" : "tcp");
    },
  };
}

function bind(args: Arguments, { calls, connections }: CallContext): Performed {
  args.expect(3);
  const fd = args.fd(0);
  const address = args.address(1, "local");
  const length = args.isEllipsis(2) ? (address?.bytes.length ?? 0) : args.integer(2);
  return {
    outcome: calls.bind(fd, address?.bytes ?? null, length),
    verify: ({ value }) => {
      if (value === 0 && address?.port !== undefined) connections.bound(fd, address.port);
    },
  };
}

function listen(args: Arguments, { calls, connections }: CallContext): Performed {
  args.expect(2);
  const fd = args.fd(0);
  return {
    outcome: calls.listen(fd, args.integer(1)),
    verify: ({ value }) => {
      if (value === 0) connections.listens(fd);
    },
  };
}

function accept(args: Arguments, { calls, connections }: CallContext): Performed {
  args.expect(3);
  const room = addressRoom();
  return {
    outcome: calls.accept(args.fd(0), args.isNull(1) ? null : room.out),
    givesDescriptor: true,
    verify: ({ value }) => {
      if (value >= 0) connections.accepted(value, args.isNull(1) ? undefined : room.port());
    },
  };
}

function connect(args: Arguments, { calls, connections }: CallContext): Performed {
  args.expect(2, 3);
  const fd = args.fd(0);
  const address = args.address(1, "remote");
  const isGiven = args.count === 3 && !args.isEllipsis(2);
  const length = isGiven ? args.integer(2) : (address?.bytes.length ?? 0);
  // The SYN may leave before the call returns.
  if (address?.port !== undefined) connections.connects(fd, address.port);
  return {
    outcome: calls.connect(fd, address?.bytes ?? null, length),
    verify: ({ value }) => {
      if (value === 0 && address !== undefined && address.port === undefined) connections.disconnected(fd);
    },
  };
}

function shutdown(args: Arguments, { calls }: CallContext): Performed {
  args.expect(2);
  return { outcome: calls.shutdown(args.fd(0), args.integer(1)) };
}

function close(args: Arguments, { calls, connections, labels }: CallContext): Performed {
  args.expect(1);
  const label = integerOf(args.at(0));
  const fd = args.fd(0);
  return {
    outcome: calls.close(fd),
    verify: ({ value }) => {
      if (value !== 0) return;
      labels.remove(label);
      connections.closed(fd);
    },
  };
}

export const CONNECTION_CALLS: Readonly<Record<string, CallHandler>> = {
  socket,
  bind,
  listen,
  accept,
  connect,
  shutdown,
  close,
};
