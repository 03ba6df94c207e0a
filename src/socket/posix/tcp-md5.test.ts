import { describe, expect, test } from "vitest";
import {
  ADDRESS_A,
  ADDRESS_B,
  C,
  inet,
  O,
  PosixWorld,
  type Process,
  show,
} from "../../../test/sim/posix-world.ts";

/** struct tcp_md5sig. */
function signature(address: Uint8Array, key: string, prefix?: number): Uint8Array {
  const bytes = new Uint8Array(216);
  bytes.set(address);
  if (prefix !== undefined) bytes.set([1, prefix], 128);
  bytes[130] = key.length;
  bytes.set(new TextEncoder().encode(key), 136);
  return bytes;
}

function sign(process: Process, fd: number, address: Uint8Array, key: string, prefix?: number) {
  const option = prefix === undefined ? O.TCP_MD5SIG : O.TCP_MD5SIG_EXT;
  return show(process.sys.setsockopt(fd, C.SOL_TCP, option, signature(address, key, prefix)));
}

/** A listener and a client with these keys; undefined: without one. */
function attempt(serverKey: string | undefined, clientKey: string | undefined, prefix?: number) {
  const w = new PosixWorld();
  const listener = w.b.listener();
  if (serverKey !== undefined) {
    expect(
      sign(w.b, listener, inet(prefix === undefined ? ADDRESS_A : "10.0.0.0", 0), serverKey, prefix),
    ).toBe(0);
  }
  const client = w.a.tcp(C.SOCK_NONBLOCK);
  if (clientKey !== undefined) expect(sign(w.a, client, inet(ADDRESS_B, 0), clientKey)).toBe(0);
  w.a.connect(client, inet(ADDRESS_B, 80));
  w.pass(0.5);
  const server = (w.b.sys.accept(listener) as { value: number }).value;
  return { w, listener, client, server, counters: w.hosts.b.tcpCounters };
}

describe("TCP_MD5SIG: RFC 2385", () => {
  test.each([undefined, 8])(
    "both have the key, prefix %j: the connection opens, carries text and closes",
    prefix => {
      const { w, client, server, counters } = attempt("secret", "secret", prefix);
      expect(server).toBeGreaterThan(0);
      expect(w.a.send(client, 10_000)).toBe(10_000);
      w.pass(0.5);
      expect(w.b.recv(server, 20_000)).toBe(10_000);
      expect(w.b.send(server, "answer")).toBe(6);
      w.pass(0.1);
      expect(w.a.text(client)).toBe("answer");
      const info = w.a.sys.connectionOf(client)?.info();
      // 20 bytes of each segment are the signature's; there is no room for timestamps.
      expect(info).toMatchObject({ sendMss: 1_440, timestamps: false, sack: true });
      w.a.sys.close(client);
      w.b.sys.close(server);
      w.pass(1);
      expect([...w.hosts.a.tcp.timeWaits()]).toHaveLength(1);
      expect(counters).toMatchObject({ md5Missing: 0, md5Unexpected: 0, md5Wrong: 0 });
    },
  );

  test.each([
    ["secret", undefined, "md5Missing"],
    [undefined, "secret", "md5Unexpected"],
    ["secret", "Secret", "md5Wrong"],
  ] as const)(
    "server %j, client %j: the SYN is dropped in silence and counted",
    (serverKey, clientKey, counter) => {
      const { w, client, server, counters } = attempt(serverKey, clientKey);
      expect(server).toBe(-1);
      expect(counters[counter]).toBe(1);
      expect(w.a.sys.connectionOf(client)?.state).toBe("SYN-SENT");
      expect(w.hosts.b.tcpCounters.resetsOut).toBe(0);
    },
  );

  test("a key that is taken away is gone; one that was not there is ENOENT", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp();
    expect(sign(w.a, fd, inet(ADDRESS_B, 0), "")).toBe("ENOENT");
    expect(sign(w.a, fd, inet(ADDRESS_B, 0), "k")).toBe(0);
    expect(sign(w.a, fd, inet(ADDRESS_B, 0), "")).toBe(0);
    expect(sign(w.a, fd, inet(ADDRESS_B, 0), "")).toBe("ENOENT");
  });

  test("what is no key is EINVAL: too long, of another family, a prefix beyond the address", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp();
    expect(sign(w.a, fd, inet(ADDRESS_B, 0), "k", 33)).toBe("EINVAL");
    const tooLong = signature(inet(ADDRESS_B, 0), "k");
    tooLong[130] = 81;
    expect(show(w.a.sys.setsockopt(fd, C.SOL_TCP, O.TCP_MD5SIG, tooLong))).toBe("EINVAL");
    expect(show(w.a.sys.setsockopt(fd, C.SOL_TCP, O.TCP_MD5SIG, new Uint8Array(216)))).toBe("EINVAL");
  });
});
