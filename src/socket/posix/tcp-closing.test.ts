import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";

type Ends = PosixWorld & { client: number; server: number };

function ends(): Ends {
  const w = new PosixWorld();
  return Object.assign(w, w.pair());
}

function lingering(w: Ends, seconds: number): void {
  w.a.linger(w.client, seconds);
}

describe("close", () => {
  test("with everything read it is orderly, and the connection lives on without its socket", () => {
    const w = ends();
    const connection = w.a.sys.connectionOf(w.client);
    w.a.send(w.client, 1_000);
    expect(show(w.a.sys.close(w.client))).toBe(0);
    expect(show(w.a.sys.close(w.client))).toBe("EBADF");
    w.pass();
    expect(w.b.recv(w.server, 2_000)).toBe(1_000);
    expect(w.b.recv(w.server)).toBe(0);
    expect(connection?.state).toBe("FIN-WAIT-2");
  });

  test("with unread text the peer is reset (RFC 2525 §2.17, as on Linux)", () => {
    const w = ends();
    w.b.send(w.server, 10);
    w.pass();
    w.a.sys.close(w.client);
    w.pass();
    expect(w.b.mask(w.server)).toBe("IN OUT ERR HUP RDHUP");
    expect([w.b.recv(w.server), w.b.send(w.server)]).toEqual(["ECONNRESET", "EPIPE"]);
  });

  test("SO_LINGER with time 0 resets", () => {
    const w = ends();
    lingering(w, 0);
    expect(show(w.a.sys.close(w.client))).toBe(0);
    w.pass();
    expect(w.b.error(w.server)).toBe("ECONNRESET");
    expect([...w.hosts.a.tcp.connections()].length).toBe(0);
  });

  test("SO_LINGER with time 0 in LAST-ACK, all sent: no RST", () => {
    const w = ends();
    w.b.sys.shutdown(w.server, C.SHUT_WR);
    w.pass();
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    w.pass(0.006);
    lingering(w, 0);
    w.a.sys.close(w.client);
    w.pass();
    expect(w.b.error(w.server)).toBe(0);
  });

  test("SO_LINGER makes close wait for the acknowledgment of the FIN, O_NONBLOCK or not", async () => {
    const w = ends();
    lingering(w, 10);
    w.a.send(w.client, 100);
    const start = w.time;
    const outcome = w.a.sys.close(w.client);
    expect(show(outcome)).toBe("waits");
    expect(await w.until(outcome)).toBe(0);
    expect(w.time - start).toBeCloseTo(0.01, 3);
    expect(w.a.sys.descriptors()).toEqual([]);
  });

  test("SO_LINGER gives up after its time, and the connection goes on trying", async () => {
    const w = ends();
    lingering(w, 2);
    w.a.send(w.client, 100);
    w.world.remove(w.hosts.b);
    const start = w.time;
    const connection = w.a.sys.connectionOf(w.client);
    expect(await w.until(w.a.sys.close(w.client))).toBe(0);
    expect(w.time - start).toBeCloseTo(2, 3);
    expect(connection?.state).toBe("FIN-WAIT-1");
  });

  test("a connection that is being opened is forgotten, without a word", () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(fd, inet(ADDRESS_B, 80));
    w.a.sys.close(fd);
    w.pass(10);
    expect([...w.hosts.a.tcp.connections()].length).toBe(0);
    expect([...w.hosts.b.tcp.connections(), ...w.hosts.b.tcp.halfOpen()].length).toBe(0);
  });

  test("a listening socket resets what nobody accepted", () => {
    const w = new PosixWorld();
    const listener = w.b.listener();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(fd, inet(ADDRESS_B, 80));
    w.pass();
    w.b.sys.close(listener);
    w.pass();
    expect(w.a.error(fd)).toBe("ECONNRESET");
    const late = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(late, inet(ADDRESS_B, 80));
    w.pass();
    expect(w.a.error(late)).toBe("ECONNREFUSED");
  });

  test("only the last descriptor counts", () => {
    const w = ends();
    const copy = w.a.sys.dup(w.client).value;
    w.a.sys.close(w.client);
    w.pass();
    expect(w.b.mask(w.server)).toBe("OUT");
    expect(w.a.send(copy, 5)).toBe(5);
    w.a.sys.close(copy);
    w.pass();
    expect(w.b.recv(w.server)).toBe(5);
    expect(w.b.mask(w.server)).toBe("IN OUT RDHUP");
  });

  test("TCP_LINGER2 below 0: nobody waits in FIN-WAIT-2, the peer is reset", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_TCP, O.TCP_LINGER2, -1);
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    w.pass();
    w.a.sys.close(w.client);
    w.pass();
    expect(w.b.error(w.server)).toBe("EPIPE");
  });
});

describe("shutdown as on Linux 6.18", () => {
  test("while connecting it takes the attempt back; the socket may try again", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(fd, inet(ADDRESS_B, 80));
    expect(show(w.a.sys.shutdown(fd, C.SHUT_RD))).toBe(0);
    expect(w.a.error(fd)).toBe("ECONNRESET");
    expect(w.a.mask(fd)).toBe("OUT HUP");
    expect(w.a.connect(fd, inet(ADDRESS_B, 80))).toBe("EINPROGRESS");
  });

  test("after a reset it is ENOTCONN, and a socket that was still connecting can do no more", () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(fd, inet(ADDRESS_B, 80));
    w.pass();
    const server = (w.b.sys.accept(3) as { value: number }).value;
    w.b.linger(server, 0);
    w.b.sys.close(server);
    w.pass();
    expect(w.a.send(fd)).toBe("ECONNRESET");
    expect(show(w.a.sys.shutdown(fd, C.SHUT_RDWR))).toBe("ENOTCONN");
    expect(w.a.connect(fd, inet(ADDRESS_B, 80))).toBe("EINVAL");
  });

  test("text after SHUT_RDWR resets (RFC 1122 §4.2.2.13); what was there stays readable", () => {
    const w = ends();
    w.b.send(w.server, 10);
    w.pass();
    w.a.sys.shutdown(w.client, C.SHUT_RDWR);
    w.pass();
    expect([w.a.mask(w.client), w.b.send(w.server, 10)]).toEqual(["IN OUT HUP RDHUP", 10]);
    w.pass();
    expect([w.a.mask(w.client), w.b.mask(w.server)]).toEqual([
      "IN OUT ERR HUP RDHUP",
      "IN OUT ERR HUP RDHUP",
    ]);
    expect([w.a.error(w.client), w.b.error(w.server)]).toEqual(["ECONNRESET", "EPIPE"]);
    const v = ends();
    v.b.send(v.server, 10);
    v.pass();
    v.a.sys.shutdown(v.client, C.SHUT_RDWR);
    v.b.sys.close(v.server);
    v.pass();
    expect([v.a.recv(v.client), v.a.recv(v.client), v.a.error(v.client)]).toEqual([10, 0, 0]);
  });

  test("half-close: the peer's text is still received, until its FIN ends both", () => {
    const w = ends();
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    w.pass();
    expect(w.b.recv(w.server)).toBe(0);
    for (let i = 0; i < 3; i++) w.b.send(w.server, 1_000);
    w.pass();
    expect(w.a.recv(w.client, 9_999)).toBe(3_000);
    w.b.sys.close(w.server);
    w.pass();
    expect(w.a.recv(w.client)).toBe(0);
    expect(w.a.mask(w.client)).toBe("IN OUT HUP RDHUP");
  });
});
