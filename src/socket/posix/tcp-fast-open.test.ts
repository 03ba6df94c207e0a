import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, O, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";
import { hex } from "../../base/bytes.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { readTcpInfo, TCPI_OPT_SYN_DATA, type TcpInfoFields } from "./tcp-info-struct.ts";

const SERVER = inet(ADDRESS_B, 80);
/** Both sides of Fast Open. */
const BOTH = { fastOpen: 3 };

interface Ends extends PosixWorld {
  listener: number;
}

/** `b` listens with Fast Open; `a` has a cookie unless told otherwise. */
function ends(tcp: Partial<TcpConfig> = {}, knows = true): Ends {
  const w = new PosixWorld({ ...BOTH, ...tcp });
  const listener = w.b.listener();
  w.b.setOption(listener, C.SOL_TCP, O.TCP_FASTOPEN, 8);
  if (knows) {
    const first = w.a.tcp(C.SOCK_NONBLOCK);
    fastSend(w, first, "");
    w.pass();
    w.a.sys.close(first);
    w.b.sys.close((w.b.sys.accept(listener) as { value: number }).value);
    w.pass();
  }
  return Object.assign(w, { listener });
}

function fastSend(w: PosixWorld, fd: number, what: string | number, flags = 0): Shown {
  const bytes = typeof what === "number" ? new Uint8Array(what) : new TextEncoder().encode(what);
  return show(w.a.sys.sendto(fd, bytes, bytes.length, C.MSG_FASTOPEN | flags, SERVER));
}

function accepts(w: Ends): number {
  const accepted = show(w.b.sys.accept4(w.listener, null, C.SOCK_NONBLOCK));
  if (typeof accepted !== "number") throw new Error(`accept: ${accepted}`);
  return accepted;
}

function info(w: PosixWorld, fd: number): TcpInfoFields {
  const bytes = new Uint8Array(280);
  w.a.sys.getsockopt(fd, C.SOL_TCP, O.TCP_INFO, bytes, { value: bytes.length });
  return readTcpInfo(bytes);
}

function keyOf(w: PosixWorld, fd: number): string {
  const length = { value: 32 };
  const bytes = new Uint8Array(32);
  w.b.sys.getsockopt(fd, C.SOL_TCP, O.TCP_FASTOPEN_KEY, bytes, length);
  return hex(bytes.subarray(0, length.value));
}

describe("MSG_FASTOPEN: RFC 7413 appendix A.1, as on Linux 6.18", () => {
  test("the server reads the text half a round trip after the call, and answers before the handshake is complete", () => {
    const w = ends();
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    expect(fastSend(w, client, "hello")).toBe(5);
    w.pass(0.006);
    const server = accepts(w);
    expect(w.b.mask(server)).toBe("IN OUT");
    expect(w.b.text(server)).toBe("hello");
    expect(w.b.send(server, "world")).toBe(5);
    w.pass(0.006);
    expect(w.a.text(client)).toBe("world");
    expect(info(w, client).tcpi_options & TCPI_OPT_SYN_DATA).not.toBe(0);
  });

  test("without a cookie a call that does not wait gets EINPROGRESS, and nothing is taken", () => {
    const w = ends({}, false);
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    expect(fastSend(w, client, "hello")).toBe("EINPROGRESS");
    expect(fastSend(w, client, "hello")).toBe("EALREADY");
    expect(w.a.mask(client)).toBe("");
    expect(w.a.send(client, "hello")).toBe("EAGAIN");
    w.pass();
    expect(w.a.mask(client)).toBe("OUT");
    expect(info(w, client).tcpi_fastopen_client_fail).toBe(1);
    expect(fastSend(w, client, "hello")).toBe(5);
    expect(fastSend(w, client, "hello")).toBe("EISCONN");
    w.pass();
    expect(w.b.text(accepts(w))).toBe("hello");
  });

  test("a call that waits writes all of it, whether there is a cookie or not", async () => {
    for (const knows of [true, false]) {
      const w = ends({}, knows);
      const client = w.a.tcp();
      const bytes = new Uint8Array(5_000).fill(7);
      expect(await w.until(w.a.sys.sendto(client, bytes, 5_000, C.MSG_FASTOPEN, SERVER))).toBe(5_000);
      w.pass();
      expect(w.b.recv(accepts(w), 9_000)).toBe(5_000);
    }
  });

  test("one that does not wait takes what the SYN does", () => {
    const w = ends();
    const client = w.a.tcp();
    expect(fastSend(w, client, 5_000, C.MSG_DONTWAIT)).toBe(1_420);
  });

  test("a second call while the first waits is told EALREADY", async () => {
    const w = ends({}, false);
    const client = w.a.tcp();
    const first = w.a.sys.sendto(client, new Uint8Array(10), 10, C.MSG_FASTOPEN, SERVER);
    expect(fastSend(w, client, 10)).toBe("EALREADY");
    expect(await w.until(first)).toBe(10);
  });

  test("SO_SNDTIMEO ends the wait; what the SYN took counts", async () => {
    const w = ends();
    w.b.sys.close(w.listener);
    const client = w.a.tcp();
    const timeout = new Uint8Array(16);
    new DataView(timeout.buffer).setInt32(8, 1_000, true);
    w.a.sys.setsockopt(client, C.SOL_SOCKET, O.SO_SNDTIMEO, timeout);
    expect(await w.until(w.a.sys.sendto(client, new Uint8Array(100), 100, C.MSG_FASTOPEN, SERVER))).toBe(100);
    const other = w.a.tcp();
    w.a.sys.setsockopt(other, C.SOL_SOCKET, O.SO_SNDTIMEO, timeout);
    const nothing = w.a.sys.sendto(other, new Uint8Array(0), 0, C.MSG_FASTOPEN, SERVER);
    expect(await w.until(nothing)).toBe("EINPROGRESS");
  });

  test("a refusal is told by the call that waits, or by the next one; then the socket may try again", async () => {
    const w = ends();
    w.b.sys.close(w.listener);
    const waits = w.a.tcp();
    expect(await w.until(w.a.sys.sendto(waits, new Uint8Array(9), 9, C.MSG_FASTOPEN, SERVER))).toBe(
      "ECONNREFUSED",
    );
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    expect(fastSend(w, client, 9)).toBe(9);
    w.pass();
    expect(w.a.mask(client)).toBe("IN OUT ERR HUP RDHUP");
    expect(w.a.send(client, 9)).toBe("ECONNREFUSED");
    expect(w.a.send(client, 9)).toBe("EPIPE");
    expect(fastSend(w, waits, 9, C.MSG_DONTWAIT)).toBe(9);
  });

  test("memory that faults sends a SYN without text; from the middle on it counts as less", () => {
    const w = ends();
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    expect(show(w.a.sys.sendto(client, null, 10, C.MSG_FASTOPEN, SERVER))).toBe("EINPROGRESS");
    const other = w.a.tcp(C.SOCK_NONBLOCK);
    const vectors = [{ bytes: new Uint8Array(30) }, { bytes: null, length: 30 }];
    expect(show(w.a.sys.sendmsg(other, { name: SERVER, vectors }, C.MSG_FASTOPEN))).toBe(30);
    w.pass();
    expect(info(w, client).tcpi_state).toBe(1);
  });

  test("EOPNOTSUPP where clients may not, and for AF_UNSPEC; EISCONN on what has been accepted", () => {
    const w = ends();
    const unspecified = new Uint8Array(16);
    const client = w.a.tcp();
    expect(show(w.a.sys.sendto(client, new Uint8Array(1), 1, C.MSG_FASTOPEN, unspecified))).toBe(
      "EOPNOTSUPP",
    );
    w.hosts.a.tcp.context.config.fastOpen = 2;
    expect(fastSend(w, w.a.tcp(), 1)).toBe("EOPNOTSUPP");
    expect(w.a.setOption(w.a.tcp(), C.SOL_TCP, O.TCP_FASTOPEN_CONNECT, 1)).toBe("EOPNOTSUPP");
    w.hosts.a.tcp.context.config.fastOpen = 1;
    fastSend(w, w.a.tcp(C.SOCK_NONBLOCK), 1);
    w.pass();
    expect(w.b.send(accepts(w), 1, C.MSG_FASTOPEN)).toBe("EISCONN");
  });

  test("the same address family rules as connect's", () => {
    const w = ends();
    const short = SERVER.subarray(0, 8);
    const client = w.a.tcp();
    expect(show(w.a.sys.sendto(client, new Uint8Array(1), 1, C.MSG_FASTOPEN, short))).toBe("EINVAL");
    const odd = SERVER.slice();
    odd[0] = 10;
    expect(show(w.a.sys.sendto(client, new Uint8Array(1), 1, C.MSG_FASTOPEN, odd))).toBe("EAFNOSUPPORT");
  });
});

describe("TCP_FASTOPEN_CONNECT, as on Linux 6.18", () => {
  function connecting(w: Ends, flags = C.SOCK_NONBLOCK): number {
    const client = w.a.tcp(flags);
    expect(w.a.setOption(client, C.SOL_TCP, O.TCP_FASTOPEN_CONNECT, 1)).toBe(0);
    return client;
  }

  test("with a cookie connect returns at once, with an address; the first write opens", () => {
    const w = ends();
    const client = connecting(w);
    expect(w.a.connect(client, SERVER)).toBe(0);
    expect(w.a.port(client)).toBeGreaterThan(0);
    expect(show(w.a.sys.getpeername(client, { bytes: new Uint8Array(16), length: 16 }))).toBe("ENOTCONN");
    expect(w.a.mask(client)).toBe("OUT");
    expect(w.a.recv(client)).toBe("EAGAIN");
    w.pass(10);
    expect(w.b.mask(w.listener)).toBe("");
    expect(w.a.connect(client, SERVER)).toBe("EISCONN");
    expect(w.a.send(client, "hello")).toBe(5);
    expect(w.a.mask(client)).toBe("");
    w.pass(0.006);
    expect(w.b.text(accepts(w))).toBe("hello");
    w.pass();
    expect(w.a.connect(client, SERVER)).toBe(0);
  });

  test("write, writev and sendmsg open as well, and an empty write without text", () => {
    for (const write of ["write", "writev", "sendmsg"] as const) {
      const w = ends();
      const client = connecting(w);
      w.a.connect(client, SERVER);
      const bytes = new TextEncoder().encode("hello");
      const vectors = [{ bytes }];
      if (write === "write") expect(show(w.a.sys.write(client, bytes, 5))).toBe(5);
      else if (write === "writev") expect(show(w.a.sys.writev(client, vectors))).toBe(5);
      else expect(show(w.a.sys.sendmsg(client, { vectors }))).toBe(5);
      w.pass(0.006);
      expect(w.b.text(accepts(w))).toBe("hello");
    }
    const w = ends();
    const client = connecting(w);
    w.a.connect(client, SERVER);
    expect(w.a.send(client, "")).toBe("EINPROGRESS");
    w.pass();
    expect(info(w, client).tcpi_state).toBe(1);
  });

  test("without a cookie it is a connect as any other, which asks for one", async () => {
    const w = ends({}, false);
    const client = connecting(w, 0);
    expect(await w.until(w.a.sys.connect(client, SERVER))).toBe(0);
    expect(fastSend(w, client, 1)).toBe("EALREADY");
    expect(w.a.send(client, 1)).toBe(1);
    const next = connecting(w);
    expect(w.a.connect(next, SERVER)).toBe(0);
  });

  test("shutdown, disconnect and close take back what was never sent", () => {
    const w = ends();
    const shut = connecting(w);
    w.a.connect(shut, SERVER);
    expect(show(w.a.sys.shutdown(shut, C.SHUT_WR))).toBe(0);
    expect(w.a.mask(shut)).toBe("OUT ERR HUP");
    expect(w.a.send(shut, 1)).toBe("ECONNRESET");
    const apart = connecting(w);
    w.a.connect(apart, SERVER);
    expect(w.a.setOption(apart, C.SOL_TCP, O.TCP_FASTOPEN_CONNECT, 0)).toBe("EINVAL");
    expect(w.a.disconnect(apart)).toBe(0);
    expect(w.a.connect(apart, SERVER)).toBe(0);
    expect(show(w.a.sys.close(apart))).toBe(0);
    w.pass();
    expect(w.b.mask(w.listener)).toBe("");
  });
});

describe("listeners with Fast Open, as on Linux 6.18", () => {
  test("TCP_FASTOPEN before or after listen, at most somaxconn; 0 is none", () => {
    const w = new PosixWorld({ ...BOTH, acceptBacklogLimit: 100 });
    const listener = w.b.tcp();
    expect(w.b.setOption(listener, C.SOL_TCP, O.TCP_FASTOPEN, 1_000)).toBe(0);
    expect(w.b.option(listener, C.SOL_TCP, O.TCP_FASTOPEN)).toBe(100);
    w.b.sys.listen(listener, 5);
    const limit = (): number | undefined => [...w.hosts.b.tcp.listeners()][0]?.fastOpen?.limit;
    expect(limit()).toBe(100);
    expect(w.b.setOption(listener, C.SOL_TCP, O.TCP_FASTOPEN, 0)).toBe(0);
    expect(limit()).toBe(0);
    expect(w.b.setOption(listener, C.SOL_TCP, O.TCP_FASTOPEN, -1)).toBe("EINVAL");
  });

  test("where every listener has it, the backlog is what getsockopt tells", () => {
    const w = new PosixWorld({ fastOpen: 0x402 });
    const listener = w.b.tcp();
    w.b.sys.listen(listener, 5);
    expect(w.b.option(listener, C.SOL_TCP, O.TCP_FASTOPEN)).toBe(5);
  });

  test("TCP_FASTOPEN_KEY: the socket's own, else the host's", () => {
    const w = new PosixWorld({ ...BOTH, fastOpenKey: new Uint8Array(16).fill(1) });
    const listener = w.b.tcp();
    expect(keyOf(w, listener)).toBe("01".repeat(16));
    w.b.sys.setsockopt(listener, C.SOL_TCP, O.TCP_FASTOPEN_KEY, new Uint8Array(32).fill(2));
    expect(keyOf(w, listener)).toBe("02".repeat(32));
    const other = new PosixWorld();
    expect(keyOf(other, other.b.tcp())).toBe("");
  });

  test("a cookie of one listener's key is none of another's", () => {
    const w = ends();
    w.b.sys.setsockopt(w.listener, C.SOL_TCP, O.TCP_FASTOPEN_KEY, new Uint8Array(16).fill(2));
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    fastSend(w, client, "hello");
    w.pass(0.006);
    expect(w.b.mask(w.listener)).toBe("");
    w.pass();
    expect(w.b.text(accepts(w))).toBe("hello");
    expect(info(w, client).tcpi_fastopen_client_fail).toBe(2);
  });

  test("closing a listener resets requests that nobody accepted", () => {
    const w = ends();
    const client = w.a.tcp(C.SOCK_NONBLOCK);
    fastSend(w, client, "hello");
    w.pass(0.006);
    w.b.sys.close(w.listener);
    w.pass();
    expect(w.a.recv(client)).toBe("ECONNRESET");
  });
});
