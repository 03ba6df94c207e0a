import { describe, expect, test } from "vitest";
import type { Process, Shown } from "../../../test/sim/posix-world.ts";
import { ADDRESS_A, ADDRESS_B, C, inet, inet6, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { listenTcp } from "../tcp-listener.ts";
import { connectTcp } from "../tcp-stream.ts";

/** A second address of the host: its loopback has all of 127.0.0.0/8. */
const OTHER = "127.0.0.1";

interface Wish {
  readonly reuse?: number;
  readonly reusePort?: number;
  readonly address?: string;
  readonly port?: number;
  readonly listens?: boolean;
}

/** What bind gave; then, if it shall listen, what listen gave. */
function bound(process: Process, wish: Wish): { fd: number; got: Shown } {
  const fd = process.tcp();
  process.setOption(fd, C.SOL_SOCKET, O.SO_REUSEADDR, wish.reuse ?? 0);
  process.setOption(fd, C.SOL_SOCKET, O.SO_REUSEPORT, wish.reusePort ?? 0);
  const got = show(process.sys.bind(fd, inet(wish.address ?? "10.0.0.1", wish.port ?? 80)));
  return { fd, got: got === 0 && wish.listens === true ? show(process.sys.listen(fd, 5)) : got };
}

describe("who may share an address and a port, as on Linux 6.18", () => {
  const cases: Array<[Wish, Wish, Shown]> = [];
  for (const first of [0, 1])
    for (const second of [0, 1])
      for (const listens of [false, true])
        for (const address of ["10.0.0.1", "0.0.0.0", OTHER]) {
          const shares = address === OTHER || (first === 1 && second === 1 && !listens);
          cases.push([{ reuse: first, listens }, { reuse: second, address }, shares ? 0 : "EADDRINUSE"]);
        }
  cases.push(
    [{ reusePort: 1, listens: true }, { reusePort: 1, listens: true }, 0],
    [{ reusePort: 1, listens: true }, { reuse: 1, listens: true }, "EADDRINUSE"],
    [{ reusePort: 1, listens: true }, { listens: true }, "EADDRINUSE"],
    [{ reuse: 1 }, { reuse: 1, listens: true }, 0],
  );
  test.each(cases)("%j and then %j: %s", (first, second, expected) => {
    const { a } = new PosixWorld();
    expect(bound(a, first).got).toBe(0);
    expect(bound(a, second).got).toBe(expected);
  });

  test("two that share by SO_REUSEADDR: one may listen, then the other may not", () => {
    const { a } = new PosixWorld();
    const [first, second] = [bound(a, { reuse: 1 }), bound(a, { reuse: 1 })];
    expect(show(a.sys.listen(first.fd, 1))).toBe(0);
    expect(show(a.sys.listen(second.fd, 1))).toBe("EADDRINUSE");
    a.sys.close(first.fd);
    expect(show(a.sys.listen(second.fd, 1))).toBe(0);
  });

  test("a drawn port is nobody's, whatever the options say; when all are taken: EADDRINUSE", () => {
    const { a } = new PosixWorld({ firstEphemeralPort: 40_000, lastEphemeralPort: 40_004 });
    const ports = Array.from({ length: 5 }, () => a.port(bound(a, { reuse: 1, reusePort: 1, port: 0 }).fd));
    expect(ports.toSorted()).toEqual([40_000, 40_001, 40_002, 40_003, 40_004]);
    expect(bound(a, { reuse: 1, port: 0 }).got).toBe("EADDRINUSE");
  });
});

describe("a connection holds its port", () => {
  test.each([
    [0, 0, "EADDRINUSE"],
    [0, 1, "EADDRINUSE"],
    [1, 0, "EADDRINUSE"],
    [1, 1, 0],
  ])("of a listener with SO_REUSEADDR %s, for one with %s: %s (Linux 6.18)", (first, second, expected) => {
    const w = new PosixWorld();
    const { fd: listener } = bound(w.b, { reuse: first, address: "0.0.0.0", listens: true });
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(client, inet(ADDRESS_B, 80));
    w.pass();
    const server = (w.b.sys.accept(listener) as { value: number }).value;
    w.b.sys.close(listener);
    const again = { reuse: second, address: "0.0.0.0", listens: true };
    const open = bound(w.b, again);
    expect(open.got).toBe(expected);
    w.b.sys.close(open.fd);
    // Also without its socket, and as long as TIME-WAIT lasts.
    w.b.sys.close(server);
    w.pass();
    w.a.sys.close(client);
    w.pass();
    expect([...w.hosts.b.tcp.timeWaits()].length).toBe(1);
    const waiting = bound(w.b, again);
    expect(waiting.got).toBe(expected);
    w.b.sys.close(waiting.fd);
    w.pass(61);
    expect(bound(w.b, again).got).toBe(0);
  });

  test("a client's drawn port cannot be bound without SO_REUSEADDR on both (Linux 6.18)", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    expect(bound(w.a, { reuse: 1, port: w.a.port(client) }).got).toBe("EADDRINUSE");
    w.a.setOption(client, C.SOL_SOCKET, O.SO_REUSEADDR, 1);
    expect(bound(w.a, { reuse: 1, port: w.a.port(client) }).got).toBe(0);
  });

  test("the port is free when the connection has been reset", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    const port = w.a.port(client);
    w.a.linger(client, 0);
    w.a.sys.close(client);
    expect(bound(w.a, { port }).got).toBe(0);
  });

  test("what streams of the same host do with a port counts", () => {
    const w = new PosixWorld();
    listenTcp(w.hosts.a, { port: 80 });
    expect(bound(w.a, { reuse: 1, port: 80 }).got).toBe("EADDRINUSE");
    w.b.listener();
    const stream = connectTcp(w.hosts.a, { remote: ADDRESS_B, remotePort: 80 });
    stream.closed.catch(() => {});
    expect(bound(w.a, { port: stream.localPort }).got).toBe("EADDRINUSE");
    expect(bound(w.a, { port: stream.localPort, reuse: 1 }).got).toBe(0);
  });

  test("closed sockets whose connections are gone do not pile up", () => {
    const w = new PosixWorld();
    w.b.listener(80, C.SOCK_NONBLOCK, 1_000);
    for (let i = 0; i < 600; i++) {
      const fd = w.a.tcp(C.SOCK_NONBLOCK);
      w.a.connect(fd, inet(ADDRESS_B, 80));
      w.pass(0.02);
      w.a.sys.close(fd);
    }
    w.pass(1);
    expect(show(w.a.sys.bind(w.a.tcp(0, C.AF_INET6), inet6(ADDRESS_A, 0)))).toBe(0);
    expect(w.a.sys.descriptors().length).toBe(1);
  });
});
