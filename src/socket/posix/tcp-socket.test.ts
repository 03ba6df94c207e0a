import { describe, expect, test } from "vitest";
import { ADDRESS_A, ADDRESS_B, C, inet, inet6, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { seconds } from "../../base/time.ts";
import { ADDRESS6_B } from "../../sim/sim-host.ts";
import { readEndpoint } from "./addresses.ts";

const NB = C.SOCK_NONBLOCK;
const PEER = inet(ADDRESS_B, 80);

function nameOf(bytes: Uint8Array, length: number): string {
  const { address, port } = readEndpoint({
    family: bytes[0] as number,
    bytes: bytes.subarray(0, length),
  });
  return `${bytes[0]} ${address} ${port}`;
}

describe("socket() as on Linux 6.18", () => {
  test.each([
    [[2, 1, 6], 3],
    [[2, 1, 0], 3],
    [[10, 2, 17], 3],
    [[2, 1, 17], "EPROTONOSUPPORT"],
    [[2, 2, 6], "EPROTONOSUPPORT"],
    [[2, 3, 0], "EPROTONOSUPPORT"],
    [[2, 5, 0], "ESOCKTNOSUPPORT"],
    [[2, 0, 0], "ESOCKTNOSUPPORT"],
    [[99, 1, 0], "EAFNOSUPPORT"],
    [[-1, 1, 0], "EAFNOSUPPORT"],
    [[2, 15, 0], "EINVAL"],
    [[2, 0x100001, 0], "EINVAL"],
    [[2, 1, -1], "EINVAL"],
    [[2, 1 | C.SOCK_NONBLOCK | C.SOCK_CLOEXEC, 0], 3],
  ])("%j gives %s", ([domain, type, protocol], expected) => {
    const { a } = new PosixWorld();
    expect(show(a.sys.socket(domain as number, type as number, protocol as number))).toBe(expected);
  });

  test("SOCK_NONBLOCK and SOCK_CLOEXEC are set from the start", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp(C.SOCK_NONBLOCK | C.SOCK_CLOEXEC);
    expect(a.sys.fcntl(fd, C.F_GETFL).value).toBe(C.O_RDWR | C.O_NONBLOCK);
    expect(a.sys.fcntl(fd, C.F_GETFD).value).toBe(C.FD_CLOEXEC);
  });
});

describe("bind as on Linux 6.18", () => {
  test("a short address is EINVAL, another family EAFNOSUPPORT, a null pointer EFAULT", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 0), 8))).toBe("EINVAL");
    expect(show(a.sys.bind(fd, inet6("::", 0)))).toBe("EAFNOSUPPORT");
    expect(show(a.sys.bind(fd, null, 16))).toBe("EFAULT");
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 0), -1))).toBe("EINVAL");
    expect(show(a.sys.bind(fd, inet("1.2.3.4", 0)))).toBe("EADDRNOTAVAIL");
  });

  test("AF_UNSPEC stands for AF_INET if the address is 0.0.0.0", () => {
    const { a } = new PosixWorld();
    const unspecified = (address: string): Uint8Array => {
      const bytes = inet(address, 0);
      bytes[0] = 0;
      return bytes;
    };
    expect(show(a.sys.bind(a.tcp(), unspecified("10.0.0.1")))).toBe("EAFNOSUPPORT");
    const fd = a.tcp();
    expect(show(a.sys.bind(fd, unspecified("0.0.0.0")))).toBe(0);
    expect(a.port(fd)).toBeGreaterThanOrEqual(32_768);
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 0)))).toBe("EINVAL");
  });

  test("IP_FREEBIND lets a socket have an address that is not the host's", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    a.setOption(fd, C.SOL_IP, O.IP_FREEBIND, 1);
    expect(show(a.sys.bind(fd, inet("1.2.3.4", 0)))).toBe(0);
  });

  test("IPV6_V6ONLY refuses mapped addresses: EINVAL to bind, ENETUNREACH to connect", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp(0, C.AF_INET6);
    a.setOption(fd, C.SOL_IPV6, O.IPV6_V6ONLY, 1);
    expect(show(a.sys.bind(fd, inet6("10.0.0.1", 0)))).toBe("EINVAL");
    expect(a.connect(fd, inet6(ADDRESS_B, 80))).toBe("ENETUNREACH");
    expect(a.connect(fd, inet(ADDRESS_B, 80))).toBe("EINVAL");
  });

  test("an IPv6 address may come without its scope: 24 bytes", () => {
    const { a } = new PosixWorld();
    expect(show(a.sys.bind(a.tcp(0, C.AF_INET6), inet6("fd00::1", 0), 24))).toBe(0);
    expect(show(a.sys.bind(a.tcp(0, C.AF_INET6), inet6("fd00::1", 0), 20))).toBe("EINVAL");
  });
});

describe("a socket that was never connected, as on Linux 6.18", () => {
  test("its calls fail", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    expect(a.recv(fd)).toBe("ENOTCONN");
    expect(a.send(fd)).toBe("EPIPE");
    expect(show(a.sys.accept(fd))).toBe("EINVAL");
    expect(show(a.sys.accept4(fd, null, 1))).toBe("EINVAL");
    expect(show(a.sys.getpeername(fd, { bytes: null, length: 0 }))).toBe("ENOTCONN");
    expect(show(a.sys.shutdown(fd, C.SHUT_RDWR))).toBe("ENOTCONN");
    expect(a.recv(fd)).toBe(0);
    expect(show(a.sys.shutdown(fd, 3))).toBe("EINVAL");
  });

  test("its name is 0.0.0.0 and port 0; a short buffer is filled as far as it goes", () => {
    const { a } = new PosixWorld();
    const out = { bytes: new Uint8Array(28).fill(7), length: 5 };
    expect(show(a.sys.getsockname(a.tcp(), out))).toBe(0);
    expect(out.length).toBe(16);
    expect([...out.bytes.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 7]);
    expect(show(a.sys.getsockname(a.tcp(), { bytes: null, length: 16 }))).toBe("EFAULT");
    expect(show(a.sys.getsockname(a.tcp(), { bytes: null, length: -1 }))).toBe("EINVAL");
  });
});

describe("connect as on Linux 6.18", () => {
  test("addresses that cannot be connected to", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp(NB);
    expect(show(a.sys.connect(fd, PEER, 4))).toBe("EINVAL");
    expect(show(a.sys.connect(fd, PEER, 1))).toBe("EINVAL");
    expect(show(a.sys.connect(fd, null, 16))).toBe("EFAULT");
    expect(a.connect(fd, inet6("fd00::2", 80))).toBe("EAFNOSUPPORT");
    expect(a.connect(fd, inet("224.0.0.1", 5))).toBe("ENETUNREACH");
    expect(a.connect(fd, inet("255.255.255.255", 5))).toBe("ENETUNREACH");
    expect(a.connect(fd, inet("192.0.2.1", 5))).toBe("ENETUNREACH");
  });

  test("non-blocking: EINPROGRESS, EALREADY, then 0 once, then EISCONN", () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp(NB);
    expect(w.a.connect(fd, PEER)).toBe("EINPROGRESS");
    expect(w.a.connect(fd, PEER)).toBe("EALREADY");
    w.pass();
    expect(w.a.error(fd)).toBe(0);
    expect(w.a.connect(fd, PEER)).toBe(0);
    expect(w.a.connect(fd, PEER)).toBe("EISCONN");
  });

  test("blocking: the promise resolves when the SYN-ACK has come", async () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp();
    const outcome = w.a.sys.connect(fd, PEER);
    expect(show(outcome)).toBe("waits");
    expect(await w.until(outcome)).toBe(0);
    expect(w.time).toBeCloseTo(0.01, 3);
    expect(w.a.connect(fd, PEER)).toBe("EISCONN");
  });

  test("blocking and refused: the error once, and the socket can try again", async () => {
    const w = new PosixWorld();
    const fd = w.a.tcp();
    expect(await w.until(w.a.sys.connect(fd, PEER))).toBe("ECONNREFUSED");
    expect(await w.until(w.a.sys.connect(fd, PEER))).toBe("ECONNREFUSED");
    expect(w.a.error(fd)).toBe(0);
    w.b.listener();
    expect(await w.until(w.a.sys.connect(fd, PEER))).toBe(0);
  });

  test("refused: the error goes to whoever asks first, then the socket is shut", () => {
    const refused = (): { w: PosixWorld; fd: number } => {
      const w = new PosixWorld();
      const fd = w.a.tcp(NB);
      w.a.connect(fd, PEER);
      w.pass();
      return { w, fd };
    };
    const first = refused();
    expect(first.w.a.connect(first.fd, PEER)).toBe("ECONNREFUSED");
    expect(first.w.a.error(first.fd)).toBe(0);
    const second = refused();
    expect(second.w.a.error(second.fd)).toBe("ECONNREFUSED");
    expect(second.w.a.recv(second.fd)).toBe(0);
    expect(second.w.a.send(second.fd)).toBe("EPIPE");
    expect(show(second.w.a.sys.listen(second.fd, 1))).toBe("EINVAL");
    expect(second.w.a.connect(second.fd, PEER)).toBe("ECONNABORTED");
    expect(second.w.a.connect(second.fd, PEER)).toBe("EINPROGRESS");
    const third = refused();
    expect(third.w.a.recv(third.fd)).toBe("ECONNREFUSED");
    expect(third.w.a.recv(third.fd)).toBe(0);
    const fourth = refused();
    expect(fourth.w.a.send(fourth.fd)).toBe("ECONNREFUSED");
    expect(fourth.w.a.send(fourth.fd)).toBe("EPIPE");
  });

  test("while it connects, everything has to wait", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp(NB);
    w.a.connect(fd, PEER);
    expect(w.a.recv(fd)).toBe("EAGAIN");
    expect(w.a.send(fd)).toBe("EAGAIN");
    expect(show(w.a.sys.send(fd, null, 100))).toBe("EAGAIN");
    expect(show(w.a.sys.listen(fd, 1))).toBe("EINVAL");
    expect(show(w.a.sys.bind(fd, inet("0.0.0.0", 0)))).toBe("EINVAL");
    expect(show(w.a.sys.getpeername(fd, { bytes: null, length: 0 }))).toBe("ENOTCONN");
    for (const request of [C.SIOCINQ, C.SIOCOUTQ, C.SIOCOUTQNSD, C.SIOCATMARK])
      expect(w.a.ioctl(fd, request)).toBe(0);
  });

  test("a blocking write waits for the connection, and then writes", async () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp(NB);
    w.a.connect(fd, PEER);
    w.a.sys.fcntl(fd, C.F_SETFL, 0);
    expect(await w.until(w.a.sys.write(fd, new Uint8Array(5)))).toBe(5);
  });

  test("AF_UNSPEC takes a connecting socket back, with ECONNRESET pending", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp(NB);
    w.a.connect(fd, PEER);
    expect(w.a.disconnect(fd)).toBe(0);
    expect(w.a.mask(fd)).toBe("OUT ERR HUP");
    expect(w.a.error(fd)).toBe("ECONNRESET");
    expect(w.a.recv(fd)).toBe("ENOTCONN");
    expect(show(w.a.sys.bind(fd, inet("10.0.0.1", 0)))).toBe(0);
    expect([...w.hosts.a.tcp.connections()].length).toBe(0);
  });

  test("AF_UNSPEC resets an established connection, and the socket connects again", () => {
    const w = new PosixWorld();
    const { client, server } = w.pair();
    expect(w.a.disconnect(client)).toBe(0);
    expect(w.a.error(client)).toBe("ECONNRESET");
    expect(w.a.mask(client)).toBe("OUT HUP");
    w.pass();
    expect(w.b.mask(server)).toBe("IN OUT ERR HUP RDHUP");
    expect(w.b.recv(server)).toBe("ECONNRESET");
    expect(w.b.recv(server)).toBe(0);
    expect(w.b.send(server)).toBe("EPIPE");
    expect(w.a.connect(client, PEER)).toBe("EINPROGRESS");
    w.pass();
    expect(w.a.connect(client, PEER)).toBe(0);
  });

  test("AF_UNSPEC ends the listening of a socket, and does nothing to an unconnected one", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    expect(a.disconnect(fd)).toBe(0);
    expect(a.error(fd)).toBe(0);
    a.sys.listen(fd, 1);
    expect(a.disconnect(fd)).toBe(0);
    expect(a.mask(fd)).toBe("OUT HUP");
  });

  test("SO_SNDTIMEO bounds a blocking connect: EINPROGRESS, and the attempt goes on", async () => {
    const w = new PosixWorld();
    const fd = w.a.tcp();
    const time = new Uint8Array(16);
    new DataView(time.buffer).setBigInt64(0, 3n, true);
    w.a.sys.setsockopt(fd, C.SOL_SOCKET, O.SO_SNDTIMEO, time);
    const outcome = w.a.sys.connect(fd, inet("10.0.0.77", 80));
    expect(await w.until(outcome)).toBe("EINPROGRESS");
    expect(w.time).toBeCloseTo(3, 3);
  });

  test("from a bound address and port; the same four numbers twice are EADDRNOTAVAIL", () => {
    const w = new PosixWorld();
    w.b.listener();
    const [first, second] = [w.a.tcp(NB), w.a.tcp(NB)];
    for (const fd of [first, second]) {
      w.a.setOption(fd, C.SOL_SOCKET, O.SO_REUSEADDR, 1);
      expect(show(w.a.sys.bind(fd, inet(ADDRESS_A, 5_555)))).toBe(0);
    }
    expect(w.a.connect(first, PEER)).toBe("EINPROGRESS");
    expect(w.a.port(first)).toBe(5_555);
    expect(w.a.connect(second, PEER)).toBe("EADDRNOTAVAIL");
    expect(w.a.port(second)).toBe(5_555);
  });

  test("a connection never draws a port that a socket has bound", () => {
    const w = new PosixWorld({ firstEphemeralPort: 40_000, lastEphemeralPort: 40_003 });
    for (const port of [40_000, 40_001, 40_003]) w.a.sys.bind(w.a.tcp(), inet("0.0.0.0", port));
    const fd = w.a.tcp(NB);
    expect(w.a.connect(fd, PEER)).toBe("EINPROGRESS");
    expect(w.a.port(fd)).toBe(40_002);
    expect(w.a.connect(w.a.tcp(NB), PEER)).toBe("EADDRNOTAVAIL");
  });

  test("the unspecified address is this host itself", async () => {
    const w = new PosixWorld();
    w.a.listener(80);
    const fd = w.a.tcp();
    expect(await w.until(w.a.sys.connect(fd, inet("0.0.0.0", 80)))).toBe(0);
    const out = { bytes: new Uint8Array(28), length: 28 };
    w.a.sys.getpeername(fd, out);
    expect(nameOf(out.bytes, out.length)).toBe("2 127.0.0.1 80");
  });
});

describe("IPv6 and IPv4-mapped sockets", () => {
  test("an IPv6 socket that listens on :: takes both families and names IPv4 peers as mapped", async () => {
    const w = new PosixWorld();
    const listener = w.b.tcp(0, C.AF_INET6);
    w.b.sys.bind(listener, inet6("::", 80));
    w.b.sys.listen(listener, 5);
    const four = w.a.tcp();
    const mapped = w.a.tcp(0, C.AF_INET6);
    const six = w.a.tcp(0, C.AF_INET6);
    expect(await w.until(w.a.sys.connect(four, PEER))).toBe(0);
    expect(await w.until(w.a.sys.connect(mapped, inet6(ADDRESS_B, 80)))).toBe(0);
    expect(await w.until(w.a.sys.connect(six, inet6(ADDRESS6_B, 80)))).toBe(0);
    const names: string[] = [];
    for (const fd of [four, mapped, six]) {
      const out = { bytes: new Uint8Array(28), length: 28 };
      await w.until(w.b.sys.accept(listener, out));
      names.push(`${out.length} ${nameOf(out.bytes, out.length)} ${w.a.port(fd)}`.replace(/ (\d+) \1$/, ""));
    }
    expect(names).toEqual(["28 10 10.0.0.1", "28 10 10.0.0.1", "28 10 fd00::1"]);
    const own = { bytes: new Uint8Array(28), length: 28 };
    w.a.sys.getsockname(mapped, own);
    expect([...own.bytes.subarray(8, 24)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]);
  });

  test("with IPV6_V6ONLY an IPv4 socket may have the same port; a port fixes the option", () => {
    const { a } = new PosixWorld();
    const six = a.tcp(0, C.AF_INET6);
    a.setOption(six, C.SOL_IPV6, O.IPV6_V6ONLY, 1);
    expect(show(a.sys.bind(six, inet6("::", 80)))).toBe(0);
    expect(show(a.sys.bind(a.tcp(), inet("0.0.0.0", 80)))).toBe(0);
    expect(a.setOption(six, C.SOL_IPV6, O.IPV6_V6ONLY, 0)).toBe("EINVAL");
    const both = a.tcp(0, C.AF_INET6);
    expect(show(a.sys.bind(both, inet6("::", 81)))).toBe(0);
    expect(show(a.sys.bind(a.tcp(), inet("10.0.0.1", 81)))).toBe("EADDRINUSE");
  });
});

describe("listen and accept as on Linux 6.18", () => {
  test("a socket that was not bound listens on a drawn port", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    expect(show(a.sys.listen(fd, 0))).toBe(0);
    expect(a.port(fd)).toBeGreaterThanOrEqual(32_768);
    expect(a.option(fd, C.SOL_SOCKET, O.SO_ACCEPTCONN)).toBe(1);
    expect(a.recv(fd)).toBe("ENOTCONN");
    expect(a.send(fd)).toBe("EPIPE");
    expect(a.connect(fd, PEER)).toBe("EISCONN");
    expect(show(a.sys.listen(fd, 5))).toBe(0);
    for (const request of [C.SIOCINQ, C.SIOCOUTQ, C.SIOCOUTQNSD]) expect(a.ioctl(fd, request)).toBe("EINVAL");
    expect(a.ioctl(fd, C.SIOCATMARK)).toBe(0);
  });

  test("shutdown for reading ends the listening: blocked accepts fail with EINVAL", async () => {
    const w = new PosixWorld();
    const fd = w.b.listener(80, 0);
    const outcome = w.b.sys.accept(fd);
    expect(show(outcome)).toBe("waits");
    expect(show(w.b.sys.shutdown(fd, C.SHUT_WR))).toBe(0);
    expect(w.b.mask(fd)).toBe("");
    expect(show(w.b.sys.shutdown(fd, C.SHUT_RD))).toBe(0);
    expect(await w.until(outcome)).toBe("EINVAL");
    expect(w.b.mask(fd)).toBe("OUT HUP");
    expect([...w.hosts.b.tcp.listeners()].length).toBe(0);
    expect(show(w.b.sys.listen(fd, 1))).toBe(0);
    expect(w.b.port(fd)).toBe(80);
  });

  test("accept gives the peer's address, a fresh descriptor and fresh file flags", async () => {
    const w = new PosixWorld();
    const listener = w.b.listener(80, 0);
    const outcome = w.b.sys.accept4(listener, { bytes: null, length: 0 }, C.SOCK_CLOEXEC);
    const client = w.a.tcp(NB);
    w.a.connect(client, PEER);
    const server = (await w.until(outcome)) as number;
    expect(server).toBe(listener + 1);
    expect(w.time).toBeCloseTo(0.015, 3);
    expect(w.b.sys.fcntl(server, C.F_GETFL).value).toBe(C.O_RDWR);
    expect(w.b.sys.fcntl(server, C.F_GETFD).value).toBe(C.FD_CLOEXEC);
    const out = { bytes: new Uint8Array(16), length: 16 };
    w.b.sys.getpeername(server, out);
    expect(nameOf(out.bytes, 16)).toBe(`2 10.0.0.1 ${w.a.port(client)}`);
  });

  test("non-blocking accept: EAGAIN without a connection; SO_RCVTIMEO bounds a blocking one", async () => {
    const w = new PosixWorld();
    const fd = w.b.listener();
    expect(show(w.b.sys.accept(fd))).toBe("EAGAIN");
    w.b.sys.fcntl(fd, C.F_SETFL, 0);
    const time = new Uint8Array(16);
    new DataView(time.buffer).setBigInt64(8, 250_000n, true);
    w.b.sys.setsockopt(fd, C.SOL_SOCKET, O.SO_RCVTIMEO, time);
    expect(await w.until(w.b.sys.accept(fd))).toBe("EAGAIN");
    expect(w.time).toBeCloseTo(0.25, 3);
  });

  test("a connection that was reset in the queue is still handed out, with its error", () => {
    const w = new PosixWorld();
    const listener = w.b.listener();
    const client = w.a.tcp(NB);
    w.a.connect(client, PEER);
    w.pass();
    w.a.linger(client, 0);
    w.a.sys.close(client);
    w.pass();
    const out = { bytes: new Uint8Array(16), length: 16 };
    const server = w.b.sys.accept4(listener, out, NB) as { value: number };
    expect(nameOf(out.bytes, 16).startsWith("2 10.0.0.1")).toBe(true);
    expect(w.b.mask(server.value)).toBe("IN OUT ERR HUP RDHUP");
    expect(w.b.recv(server.value)).toBe("ECONNRESET");
    expect(w.b.recv(server.value)).toBe(0);
  });

  test("accepted sockets inherit the listener's options, not its O_NONBLOCK", () => {
    const w = new PosixWorld();
    const listener = w.b.listener();
    w.b.setOption(listener, C.SOL_TCP, O.TCP_NODELAY, 1);
    w.b.setOption(listener, C.SOL_SOCKET, O.SO_KEEPALIVE, 1);
    w.b.setOption(listener, C.SOL_SOCKET, O.SO_ZEROCOPY, 1);
    w.a.connect(w.a.tcp(NB), PEER);
    w.pass();
    const server = (w.b.sys.accept(listener) as { value: number }).value;
    expect(w.b.option(server, C.SOL_TCP, O.TCP_NODELAY)).toBe(1);
    expect(w.b.option(server, C.SOL_SOCKET, O.SO_ZEROCOPY)).toBe(1);
    expect(w.b.option(server, C.SOL_SOCKET, O.SO_ACCEPTCONN)).toBe(0);
    expect(w.b.sys.connectionOf(server)?.keepalive.enabled).toBe(true);
    expect(w.b.sys.connectionOf(server)?.nagle.disabled).toBe(true);
    expect(w.b.sys.fcntl(server, C.F_GETFL).value).toBe(C.O_RDWR);
  });

  test("a second listen changes the backlog", () => {
    const w = new PosixWorld();
    const listener = w.b.listener(80, NB, 0);
    w.b.sys.listen(listener, 2);
    for (let i = 0; i < 5; i++) w.a.connect(w.a.tcp(NB), PEER);
    w.world.runFor(seconds(0.5));
    expect([...w.hosts.b.tcp.connections()].length).toBe(3);
  });

  test("SO_REUSEPORT spreads connections over the listeners; one that closes resets its own", () => {
    const w = new PosixWorld();
    const listeners = [0, 1, 2].map(() => {
      const fd = w.b.tcp(NB);
      w.b.setOption(fd, C.SOL_SOCKET, O.SO_REUSEPORT, 1);
      w.b.sys.bind(fd, inet("0.0.0.0", 80));
      expect(show(w.b.sys.listen(fd, 100))).toBe(0);
      return fd;
    });
    const clients = Array.from({ length: 60 }, () => w.a.tcp(NB));
    for (const fd of clients) w.a.connect(fd, PEER);
    w.pass(1);
    const counts = listeners.slice(1).map(fd => {
      let count = 0;
      while (show(w.b.sys.accept(fd)) !== "EAGAIN") count++;
      return count;
    });
    expect(counts.every(count => count > 8)).toBe(true);
    w.b.sys.close(listeners[0] as number);
    w.pass(1);
    const reset = clients.filter(fd => w.a.error(fd) === "ECONNRESET").length;
    expect(reset + counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(w.a.connect(w.a.tcp(NB), PEER)).toBe("EINPROGRESS");
    w.pass();
    expect(listeners.slice(1).filter(fd => w.b.mask(fd) === "IN").length).toBe(1);
  });
});
