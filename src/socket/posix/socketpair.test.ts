import { describe, expect, test } from "vitest";
import { C, inet, O, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";

function pair(type: number, flags = C.SOCK_NONBLOCK) {
  const w = new PosixWorld();
  const fds: number[] = [];
  expect(show(w.a.sys.socketpair(C.AF_UNIX, type | flags, 0, fds))).toBe(0);
  const [x, y] = fds as [number, number];
  return Object.assign(w, { x, y });
}

describe("socketpair", () => {
  test("its errors, as on Linux 6.18", () => {
    const { a } = new PosixWorld();
    const make = (domain: number, type: number, protocol = 0): Shown =>
      show(a.sys.socketpair(domain, type, protocol, []));
    expect(make(C.AF_INET, C.SOCK_STREAM)).toBe("EOPNOTSUPP");
    expect(make(C.AF_UNIX, C.SOCK_STREAM, 6)).toBe("EPROTONOSUPPORT");
    expect(make(C.AF_UNIX, 3 + 1)).toBe("ESOCKTNOSUPPORT");
    expect(make(C.AF_UNIX, 0x100_001)).toBe("EINVAL");
    expect(make(99, C.SOCK_STREAM)).toBe("EAFNOSUPPORT");
    expect(make(C.AF_UNIX, C.SOCK_SEQPACKET)).toBe(0);
  });
});

describe("streams as on Linux 6.18", () => {
  test("bytes go to the other end", () => {
    const w = pair(C.SOCK_STREAM);
    expect([w.a.mask(w.x), w.a.recv(w.x), w.a.send(w.x, "0123456789")]).toEqual(["OUT", "EAGAIN", 10]);
    expect([w.a.mask(w.y), w.a.ioctl(w.y, C.FIONREAD)]).toEqual(["IN OUT", 10]);
    expect(w.a.ioctl(w.x, C.TIOCOUTQ)).toBeGreaterThanOrEqual(768);
    expect([w.a.text(w.y, 4, C.MSG_PEEK), w.a.text(w.y, 4), w.a.recv(w.y, 50, C.MSG_WAITALL)]).toEqual([
      "0123",
      "0123",
      6,
    ]);
    expect(w.a.ioctl(w.x, C.TIOCOUTQ)).toBe(0);
    expect(w.a.recv(w.y, 1, C.MSG_OOB)).toBe("EINVAL");
    expect(w.a.connect(w.x, inet("1.1.1.1", 1))).toBe("EINVAL");
    expect(show(w.a.sys.listen(w.x, 1))).toBe("EINVAL");
    expect(show(w.a.sys.accept(w.x))).toBe("EINVAL");
    const out = { bytes: new Uint8Array(8), length: 8 };
    expect([show(w.a.sys.getpeername(w.x, out)), out.length, out.bytes[0]]).toEqual([0, 2, C.AF_UNIX]);
  });

  test("options: those of sockets; none of TCP", () => {
    const w = pair(C.SOCK_STREAM);
    expect(w.a.option(w.x, C.SOL_SOCKET, O.SO_SNDBUF)).toBe(212_992);
    expect(w.a.option(w.x, C.SOL_SOCKET, O.SO_DOMAIN)).toBe(C.AF_UNIX);
    expect(w.a.option(w.x, C.SOL_TCP, O.TCP_NODELAY)).toBe("EOPNOTSUPP");
    expect(w.a.setOption(w.x, C.SOL_TCP, O.TCP_NODELAY, 1)).toBe("EOPNOTSUPP");
    expect(w.a.setOption(w.x, C.SOL_SOCKET, O.SO_REUSEPORT, 1)).toBe("EOPNOTSUPP");
    expect(w.a.setOption(w.x, C.SOL_SOCKET, O.SO_ZEROCOPY, 1)).toBe("EOPNOTSUPP");
  });

  test("shutdown of one end is seen at the other", () => {
    const w = pair(C.SOCK_STREAM);
    w.a.sys.shutdown(w.x, C.SHUT_WR);
    expect([w.a.mask(w.x), w.a.mask(w.y)]).toEqual(["OUT", "IN OUT RDHUP"]);
    expect([w.a.send(w.x), w.a.recv(w.y), w.a.send(w.y)]).toEqual(["EPIPE", 0, 10]);
    w.a.sys.shutdown(w.y, C.SHUT_WR);
    expect([w.a.mask(w.y), w.a.mask(w.x)]).toEqual(["IN OUT HUP RDHUP", "IN OUT HUP RDHUP"]);
    expect([w.a.recv(w.x), w.a.recv(w.x)]).toEqual([10, 0]);
    expect(show(w.a.sys.shutdown(w.x, 9))).toBe("EINVAL");
  });

  test("close: what was sent is still read; what was not read is ECONNRESET", () => {
    const w = pair(C.SOCK_STREAM);
    w.a.send(w.x);
    w.a.sys.close(w.x);
    expect(w.a.mask(w.y)).toBe("IN OUT HUP RDHUP");
    expect([w.a.recv(w.y), w.a.recv(w.y), w.a.send(w.y)]).toEqual([10, 0, "EPIPE"]);
    const v = pair(C.SOCK_STREAM);
    v.a.send(v.x);
    v.a.sys.close(v.y);
    expect(v.a.mask(v.x)).toBe("IN OUT ERR HUP RDHUP");
    expect([v.a.recv(v.x), v.a.recv(v.x), v.a.send(v.x), v.a.error(v.x)]).toEqual([
      "ECONNRESET",
      0,
      "EPIPE",
      0,
    ]);
  });

  test("a full end takes no more; it is writable again when a quarter is left", () => {
    const w = pair(C.SOCK_STREAM);
    let count = 0;
    while (w.a.send(w.x, 4_096) === 4_096) count++;
    expect(count).toBe(44);
    expect([w.a.mask(w.x), w.a.send(w.x, 1)]).toEqual(["", "EAGAIN"]);
    let read = 0;
    while (w.a.mask(w.x) === "") {
      w.a.recv(w.y, 4_096);
      read++;
    }
    expect(read).toBe(34);
  });

  test("blocking writes and reads wait for each other", async () => {
    const w = pair(C.SOCK_STREAM, 0);
    const outcome = w.a.sys.write(w.x, new Uint8Array(1_000_000));
    expect(show(outcome)).toBe("waits");
    expect(await w.until(w.a.sys.recv(w.y, new Uint8Array(1_000_000), 1_000_000, C.MSG_WAITALL))).toBe(
      1_000_000,
    );
    expect(await w.until(outcome)).toBe(1_000_000);
    const read = w.a.sys.read(w.x, new Uint8Array(5));
    w.a.sys.close(w.y);
    expect(await w.until(read)).toBe(0);
  });
});

describe("datagrams and packets as on Linux 6.18", () => {
  test("each message is one, and cut to its reader's buffer", () => {
    const w = pair(C.SOCK_DGRAM);
    expect([w.a.send(w.x, "0123456789"), w.a.send(w.x, 0), w.a.mask(w.y)]).toEqual([10, 0, "IN OUT"]);
    expect(w.a.ioctl(w.y, C.FIONREAD)).toBe(10);
    expect([w.a.recv(w.y, 4, C.MSG_TRUNC), w.a.recv(w.y), w.a.recv(w.y)]).toEqual([10, 0, "EAGAIN"]);
    expect(w.a.send(w.x, 300_000)).toBe("EMSGSIZE");
    let count = 0;
    while (w.a.send(w.x, 1) === 1) count++;
    expect(count).toBe(277);
  });

  test("shutdown and close of datagram sockets", () => {
    const w = pair(C.SOCK_DGRAM);
    w.a.sys.shutdown(w.x, C.SHUT_WR);
    expect([w.a.mask(w.x), w.a.mask(w.y), w.a.send(w.x), w.a.recv(w.y)]).toEqual([
      "OUT",
      "OUT",
      "EPIPE",
      "EAGAIN",
    ]);
    const v = pair(C.SOCK_DGRAM);
    v.a.send(v.x);
    v.a.sys.close(v.x);
    expect([v.a.mask(v.y), v.a.recv(v.y), v.a.recv(v.y)]).toEqual(["IN OUT", 10, "EAGAIN"]);
    expect([v.a.send(v.y), v.a.send(v.y), v.a.mask(v.y)]).toEqual(["ECONNREFUSED", "ENOTCONN", "OUT"]);
  });

  test("packets are messages over a connection", () => {
    const w = pair(C.SOCK_SEQPACKET);
    w.a.send(w.x, 10);
    expect([w.a.recv(w.y, 4), w.a.recv(w.y)]).toEqual([4, "EAGAIN"]);
    w.a.sys.close(w.x);
    expect([w.a.mask(w.y), w.a.recv(w.y), w.a.send(w.y)]).toEqual(["IN OUT HUP RDHUP", 0, "EPIPE"]);
  });
});
