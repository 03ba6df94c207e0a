import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { readTcpInfo } from "./tcp-info-struct.ts";

const { a } = new PosixWorld();

/** What 0, 1, 2, −1 and 70,000 become when a fresh socket is given them: what is then told, or the error. */
function outcomes(make: () => number, level: number, name: number): unknown[] {
  return [0, 1, 2, -1, 70_000].map(value => {
    const fd = make();
    const got = a.setOption(fd, level, name, value);
    const kept = got === 0 ? a.option(fd, level, name) : got;
    a.sys.close(fd);
    return kept;
  });
}

const FLAG = [0, 1, 1, 1, 1];
const READ_ONLY = ["ENOPROTOOPT", "ENOPROTOOPT", "ENOPROTOOPT", "ENOPROTOOPT", "ENOPROTOOPT"];
const ZERO_ONE = [0, 1, "EINVAL", "EINVAL", "EINVAL"];
const INVALID = "EINVAL";

describe("integers of TCP sockets, as measured on Linux 6.18: default, and what five values become", () => {
  const table: Array<[string, number, unknown, unknown[]]> = [
    ["SO_DEBUG", C.SOL_SOCKET, 0, FLAG],
    ["SO_REUSEADDR", C.SOL_SOCKET, 0, FLAG],
    ["SO_TYPE", C.SOL_SOCKET, 1, READ_ONLY],
    ["SO_ERROR", C.SOL_SOCKET, 0, READ_ONLY],
    ["SO_BROADCAST", C.SOL_SOCKET, 0, FLAG],
    ["SO_SNDBUF", C.SOL_SOCKET, 16_384, [4_608, 4_608, 4_608, 8 << 20, 140_000]],
    ["SO_RCVBUF", C.SOL_SOCKET, 131_072, [2_304, 2_304, 2_304, 8 << 20, 140_000]],
    ["SO_KEEPALIVE", C.SOL_SOCKET, 0, FLAG],
    ["SO_OOBINLINE", C.SOL_SOCKET, 0, FLAG],
    ["SO_PRIORITY", C.SOL_SOCKET, 0, [0, 1, 2, -1, 70_000]],
    ["SO_BSDCOMPAT", C.SOL_SOCKET, 0, [0, 0, 0, 0, 0]],
    ["SO_REUSEPORT", C.SOL_SOCKET, 0, FLAG],
    ["SO_RCVLOWAT", C.SOL_SOCKET, 1, [1, 1, 2, 0x7fffffff, 70_000]],
    ["SO_SNDLOWAT", C.SOL_SOCKET, 1, READ_ONLY],
    ["SO_TIMESTAMP", C.SOL_SOCKET, 0, FLAG],
    ["SO_ACCEPTCONN", C.SOL_SOCKET, 0, READ_ONLY],
    ["SO_MARK", C.SOL_SOCKET, 0, [0, 1, 2, -1, 70_000]],
    ["SO_TIMESTAMPING", C.SOL_SOCKET, 0, [0, 1, 2, INVALID, INVALID]],
    ["SO_PROTOCOL", C.SOL_SOCKET, 6, READ_ONLY],
    ["SO_DOMAIN", C.SOL_SOCKET, 2, READ_ONLY],
    ["SO_RXQ_OVFL", C.SOL_SOCKET, 0, FLAG],
    ["SO_BUSY_POLL", C.SOL_SOCKET, 0, [0, 1, 2, INVALID, 70_000]],
    ["SO_INCOMING_CPU", C.SOL_SOCKET, -1, [0, 1, 2, -1, 70_000]],
    ["SO_ZEROCOPY", C.SOL_SOCKET, 0, ZERO_ONE],
    ["SO_TXREHASH", C.SOL_SOCKET, 1, [0, 1, INVALID, 1, INVALID]],
    ["TCP_NODELAY", C.SOL_TCP, 0, FLAG],
    ["TCP_MAXSEG", C.SOL_TCP, 536, [536, INVALID, INVALID, INVALID, INVALID]],
    ["TCP_CORK", C.SOL_TCP, 0, FLAG],
    ["TCP_KEEPIDLE", C.SOL_TCP, 7_200, [INVALID, 1, 2, INVALID, INVALID]],
    ["TCP_KEEPINTVL", C.SOL_TCP, 75, [INVALID, 1, 2, INVALID, INVALID]],
    ["TCP_KEEPCNT", C.SOL_TCP, 9, [INVALID, 1, 2, INVALID, INVALID]],
    ["TCP_SYNCNT", C.SOL_TCP, 6, [INVALID, 1, 2, INVALID, INVALID]],
    ["TCP_LINGER2", C.SOL_TCP, 60, [60, 1, 2, -1, 120]],
    ["TCP_DEFER_ACCEPT", C.SOL_TCP, 0, [0, 1, 3, 0, 29_887]],
    ["TCP_WINDOW_CLAMP", C.SOL_TCP, 0, [0, 1_152, 1_152, 1_152, 70_000]],
    ["TCP_QUICKACK", C.SOL_TCP, 1, FLAG],
    ["TCP_THIN_LINEAR_TIMEOUTS", C.SOL_TCP, 0, ZERO_ONE],
    ["TCP_THIN_DUPACK", C.SOL_TCP, 0, [0, 0, INVALID, INVALID, INVALID]],
    ["TCP_USER_TIMEOUT", C.SOL_TCP, 0, [0, 1, 2, INVALID, 70_000]],
    ["TCP_FASTOPEN", C.SOL_TCP, 0, [0, 1, 2, INVALID, 4_096]],
    ["TCP_NOTSENT_LOWAT", C.SOL_TCP, 0, [0, 1, 2, -1, 70_000]],
    ["TCP_SAVE_SYN", C.SOL_TCP, 0, [0, 1, 2, INVALID, INVALID]],
    ["TCP_FASTOPEN_NO_COOKIE", C.SOL_TCP, 0, ZERO_ONE],
    ["TCP_INQ", C.SOL_TCP, 0, ZERO_ONE],
    ["TCP_TX_DELAY", C.SOL_TCP, 0, [0, 1, 2, INVALID, 70_000]],
    ["TCP_IS_MPTCP", C.SOL_TCP, 0, READ_ONLY],
    ["TCP_RTO_MAX_MS", C.SOL_TCP, 120_000, [INVALID, INVALID, INVALID, INVALID, 70_000]],
    ["TCP_RTO_MIN_US", C.SOL_TCP, 200_000, [INVALID, INVALID, INVALID, INVALID, 70_000]],
    ["TCP_DELACK_MAX_US", C.SOL_TCP, 200_000, [INVALID, INVALID, INVALID, INVALID, 70_000]],
    ["IP_TOS", C.SOL_IP, 0, [0, 0, 0, 0xfc, 0x70]],
    ["IP_TTL", C.SOL_IP, 64, [INVALID, 1, 2, 64, INVALID]],
    ["IP_MTU_DISCOVER", C.SOL_IP, 1, [0, 1, 2, INVALID, INVALID]],
    ["IP_RECVERR", C.SOL_IP, 0, FLAG],
    ["IP_RECVTOS", C.SOL_IP, 0, FLAG],
    ["IP_MTU", C.SOL_IP, "ENOTCONN", READ_ONLY],
    ["IP_FREEBIND", C.SOL_IP, 0, FLAG],
    ["IP_MINTTL", C.SOL_IP, 0, [0, 1, 2, INVALID, INVALID]],
    ["IP_MULTICAST_TTL", C.SOL_IP, 1, [INVALID, INVALID, INVALID, INVALID, INVALID]],
    ["IP_MULTICAST_LOOP", C.SOL_IP, 1, FLAG],
    ["IP_BIND_ADDRESS_NO_PORT", C.SOL_IP, 0, FLAG],
  ];
  test.each(table)("%s", (name, level, initial, expected) => {
    const number = O[name as keyof typeof O];
    const fd = a.tcp();
    expect(a.option(fd, level, number)).toBe(initial);
    expect(outcomes(() => a.tcp(), level, number)).toEqual(expected);
  });
});

describe("integers of UDP and IPv6 sockets, as measured on Linux 6.18", () => {
  test.each([
    ["SO_TYPE", C.SOL_SOCKET, 2, READ_ONLY],
    ["SO_SNDBUF", C.SOL_SOCKET, 212_992, [4_608, 4_608, 4_608, 8 << 20, 140_000]],
    ["IP_TOS", C.SOL_IP, 0, [0, 1, 2, 0xff, 0x70]],
    ["IP_MULTICAST_TTL", C.SOL_IP, 1, [0, 1, 2, 1, INVALID]],
    ["IP_RECVFRAGSIZE", C.SOL_IP, 0, FLAG],
    ["UDP_SEGMENT", C.SOL_UDP, 0, [0, 1, 2, INVALID, INVALID]],
    ["UDP_GRO", C.SOL_UDP, 0, FLAG],
  ] as Array<[string, number, unknown, unknown[]]>)("UDP: %s", (name, level, initial, expected) => {
    const number = O[name as keyof typeof O];
    expect(a.option(a.udp(), level, number)).toBe(initial);
    expect(outcomes(() => a.udp(), level, number)).toEqual(expected);
  });

  test.each([
    ["IPV6_UNICAST_HOPS", 64, [0, 1, 2, 64, INVALID]],
    ["IPV6_MULTICAST_HOPS", 1, READ_ONLY],
    ["IPV6_MULTICAST_LOOP", 1, ZERO_ONE],
    ["IPV6_MTU_DISCOVER", 1, [0, 1, 2, INVALID, INVALID]],
    ["IPV6_V6ONLY", 0, FLAG],
    ["IPV6_TCLASS", 0, [0, 0, 0, 0, INVALID]],
    ["IPV6_MINHOPCOUNT", 0, [0, 1, 2, INVALID, INVALID]],
    ["IPV6_DONTFRAG", 0, FLAG],
    ["IPV6_AUTOFLOWLABEL", 1, FLAG],
  ] as Array<[string, unknown, unknown[]]>)("IPv6 TCP: %s", (name, initial, expected) => {
    const number = O[name as keyof typeof O];
    const make = (): number => a.tcp(0, C.AF_INET6);
    expect(a.option(make(), C.SOL_IPV6, number)).toBe(initial);
    expect(outcomes(make, C.SOL_IPV6, number)).toEqual(expected);
  });
});

describe("lengths and pointers, as on Linux 6.18", () => {
  const set = (level: number, name: number, bytes: Uint8Array | null, length?: number): unknown =>
    show(a.sys.setsockopt(a.tcp(0, C.AF_INET6), level, name, bytes, length));
  const get = (level: number, name: number, room: number): readonly unknown[] => {
    const value = new Uint8Array(16).fill(0xee);
    const length = { value: room };
    const got = show(a.sys.getsockopt(a.tcp(), level, name, value, length));
    return got === 0 ? [length.value, ...value.subarray(0, length.value)] : [got];
  };

  test("SOL_SOCKET and SOL_TCP take four bytes: fewer are EINVAL, a null pointer EFAULT", () => {
    for (const [level, name] of [
      [C.SOL_SOCKET, O.SO_KEEPALIVE],
      [C.SOL_TCP, O.TCP_NODELAY],
    ] as const) {
      expect(set(level, name, Uint8Array.of(1))).toBe("EINVAL");
      expect(set(level, name, Uint8Array.of(1, 0, 0))).toBe("EINVAL");
      expect(set(level, name, null, 4)).toBe("EFAULT");
      expect(set(level, name, Uint8Array.of(1, 0, 0, 0), -1)).toBe("EINVAL");
    }
  });

  test("SOL_IP takes a byte for an int, and an empty value for 0 unless 0 makes no sense", () => {
    expect(set(C.SOL_IP, O.IP_TOS, Uint8Array.of(8))).toBe(0);
    expect(set(C.SOL_IP, O.IP_TOS, new Uint8Array(0))).toBe(0);
    expect(set(C.SOL_IP, O.IP_TTL, Uint8Array.of(8))).toBe(0);
    expect(set(C.SOL_IP, O.IP_TTL, new Uint8Array(0))).toBe("EINVAL");
    expect(set(C.SOL_IP, O.IP_TOS, null, 4)).toBe("EFAULT");
  });

  test("SOL_IPV6 takes a null pointer for 0, and fewer than four bytes never", () => {
    expect(set(C.SOL_IPV6, O.IPV6_V6ONLY, null, 4)).toBe(0);
    expect(set(C.SOL_IPV6, O.IPV6_V6ONLY, Uint8Array.of(1))).toBe("EINVAL");
    expect(set(C.SOL_IPV6, O.IPV6_DONTFRAG, Uint8Array.of(1))).toBe(0);
  });

  test("getsockopt gives as much as there is room for; SOL_IP a whole value in one byte", () => {
    expect(get(C.SOL_SOCKET, O.SO_TYPE, 16)).toEqual([4, 1, 0, 0, 0]);
    expect(get(C.SOL_SOCKET, O.SO_TYPE, 2)).toEqual([2, 1, 0]);
    expect(get(C.SOL_SOCKET, O.SO_TYPE, 0)).toEqual([0]);
    expect(get(C.SOL_SOCKET, O.SO_TYPE, -1)).toEqual(["EINVAL"]);
    expect(get(C.SOL_IP, O.IP_TTL, 2)).toEqual([1, 64]);
    expect(get(C.SOL_IP, O.IP_TTL, 4)).toEqual([4, 64, 0, 0, 0]);
    expect(get(C.SOL_SOCKET, O.SO_LINGER, 16)).toEqual([8, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(get(C.SOL_SOCKET, O.SO_LINGER, 2)).toEqual([2, 0, 0]);
    expect(get(C.SOL_SOCKET, O.SO_COOKIE, 4)).toEqual(["EINVAL"]);
    expect(get(C.SOL_TCP, O.TCP_CC_INFO, 16)).toEqual([0]);
    expect(show(a.sys.getsockopt(a.tcp(), C.SOL_SOCKET, O.SO_TYPE, null, { value: 4 }))).toBe("EFAULT");
    expect(show(a.sys.getsockopt(a.tcp(), C.SOL_SOCKET, O.SO_TYPE, new Uint8Array(4), null))).toBe("EFAULT");
  });

  test("what is not there: ENOPROTOOPT, and for levels that the socket has not EOPNOTSUPP to get", () => {
    expect(get(C.SOL_SOCKET, 99, 4)).toEqual(["ENOPROTOOPT"]);
    expect(get(C.SOL_TCP, 15, 4)).toEqual(["ENOPROTOOPT"]);
    expect(get(C.SOL_IPV6, O.IPV6_TCLASS, 4)).toEqual(["EOPNOTSUPP"]);
    expect(get(4711, 1, 4)).toEqual(["EOPNOTSUPP"]);
    expect(a.setOption(a.tcp(), C.SOL_IPV6, O.IPV6_TCLASS, 1)).toBe("ENOPROTOOPT");
    expect(a.setOption(a.udp(), C.SOL_TCP, O.TCP_NODELAY, 1)).toBe("ENOPROTOOPT");
    expect(a.setOption(a.tcp(), C.SOL_TCP, 15, 1)).toBe("ENOPROTOOPT");
    expect(a.setOption(999, C.SOL_TCP, 1, 1)).toBe("EBADF");
  });
});

describe("structs and strings", () => {
  const bytesOf = (fd: number, level: number, name: number, room: number): Uint8Array => {
    const value = new Uint8Array(room);
    const length = { value: room };
    expect(show(a.sys.getsockopt(fd, level, name, value, length))).toBe(0);
    return value.subarray(0, length.value);
  };

  test("SO_LINGER", () => {
    const fd = a.tcp();
    a.linger(fd, 7);
    expect([...bytesOf(fd, C.SOL_SOCKET, O.SO_LINGER, 8)]).toEqual([1, 0, 0, 0, 7, 0, 0, 0]);
    expect(a.setOption(fd, C.SOL_SOCKET, O.SO_LINGER, 1)).toBe("EINVAL");
  });

  test("SO_RCVTIMEO and SO_SNDTIMEO: struct timeval; microseconds beyond a second are EDOM", () => {
    const fd = a.tcp();
    const time = new Uint8Array(16);
    const view = new DataView(time.buffer);
    view.setBigInt64(0, 5n, true);
    view.setBigInt64(8, 250_000n, true);
    for (const name of [O.SO_RCVTIMEO, O.SO_SNDTIMEO]) {
      expect(show(a.sys.setsockopt(fd, C.SOL_SOCKET, name, time))).toBe(0);
      expect([...bytesOf(fd, C.SOL_SOCKET, name, 16)]).toEqual([...time]);
    }
    view.setBigInt64(8, 1_000_000n, true);
    expect(show(a.sys.setsockopt(fd, C.SOL_SOCKET, O.SO_RCVTIMEO, time))).toBe("EDOM");
    expect(show(a.sys.setsockopt(fd, C.SOL_SOCKET, O.SO_RCVTIMEO, time, 8))).toBe("EINVAL");
  });

  test("SO_MAX_PACING_RATE has four or eight bytes", () => {
    const fd = a.tcp();
    expect([...bytesOf(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 8)]).toEqual(Array(8).fill(0xff));
    expect([...bytesOf(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 4)]).toEqual(Array(4).fill(0xff));
    a.setOption(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 70_000);
    expect([...bytesOf(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 8)]).toEqual([0x70, 0x11, 1, 0, 0, 0, 0, 0]);
    a.setOption(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, -1);
    expect([...bytesOf(fd, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 8)]).toEqual(Array(8).fill(0xff));
  });

  test("TCP_CONGESTION: sixteen bytes; an unknown name is ENOENT", () => {
    const fd = a.tcp();
    const name = new TextDecoder().decode(bytesOf(fd, C.SOL_TCP, O.TCP_CONGESTION, 99));
    expect(name.length).toBe(16);
    const own = name.replaceAll("\0", "");
    const set = (text: string): unknown =>
      show(a.sys.setsockopt(fd, C.SOL_TCP, O.TCP_CONGESTION, new TextEncoder().encode(text)));
    expect(set(own)).toBe(0);
    expect(set(`${own}\0`)).toBe(0);
    expect(set("vegas-of-nowhere")).toBe("ENOENT");
    expect(set("")).toBe("EINVAL");
  });

  test("SO_MAX_PACING_RATE slows a connection down, and is told in TCP_INFO", () => {
    const w = new PosixWorld();
    const { client, server } = w.pair();
    w.a.setOption(client, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, 10_000);
    w.pass();
    w.a.send(client, 60_000);
    w.pass(2);
    const got = w.b.ioctl(server, C.SIOCINQ) as number;
    // Ten segments at once, then 10,000 bytes a second.
    expect(got).toBeGreaterThan(30_000);
    expect(got).toBeLessThan(40_000);
    const value = new Uint8Array(280);
    w.a.sys.getsockopt(client, C.SOL_TCP, O.TCP_INFO, value, { value: 280 });
    const info = readTcpInfo(value);
    expect([info.tcpi_pacing_rate, info.tcpi_max_pacing_rate]).toEqual([10_000, 10_000]);
    w.a.setOption(client, C.SOL_SOCKET, O.SO_MAX_PACING_RATE, -1);
    w.pass();
    expect(w.b.ioctl(server, C.SIOCINQ)).toBe(60_000);
  });

  test("TCP_CC_INFO is struct tcp_bbr_info for BBR, and nothing for others", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    const info = (): Uint8Array => {
      const value = new Uint8Array(64);
      const length = { value: 64 };
      w.a.sys.getsockopt(client, C.SOL_TCP, O.TCP_CC_INFO, value, length);
      return value.subarray(0, length.value);
    };
    expect(info()).toHaveLength(0);
    w.a.sys.setsockopt(client, C.SOL_TCP, O.TCP_CONGESTION, new TextEncoder().encode("bbr"));
    w.a.send(client, 14_480);
    w.pass();
    const bytes = info();
    const view = new DataView(bytes.buffer);
    expect(bytes).toHaveLength(20);
    // Ten segments in the round trip of 10 ms; the gains of Startup, in 256ths.
    expect(Number(view.getBigUint64(0, true)) / 1_448_000).toBeCloseTo(1, 1);
    expect([8, 12, 16].map(at => view.getUint32(at, true))).toEqual([10_000, 709, 512]);
  });

  test("TCP_CONGESTION in the middle of a connection keeps its window; before, it is what the SYN begins with", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    const of = (fd: number): string => {
      const value = new Uint8Array(16);
      w.a.sys.getsockopt(fd, C.SOL_TCP, O.TCP_CONGESTION, value, { value: 16 });
      return new TextDecoder().decode(value).replaceAll("\0", "");
    };
    const connection = w.a.sys.connectionOf(client);
    w.a.send(client, 200_000);
    w.pass();
    const before = connection?.congestion.cwnd;
    expect(of(client)).toBe("cubic");
    const reno = new TextEncoder().encode("reno\0");
    expect(show(w.a.sys.setsockopt(client, C.SOL_TCP, O.TCP_CONGESTION, reno))).toBe(0);
    expect([of(client), connection?.congestion.name]).toEqual(["reno", "reno"]);
    expect(connection?.congestion.cwnd).toBe(before);
  });

  test("SO_TIMESTAMPING's OPT_ID needs a connection of TCP; 70,000 is no flag", () => {
    const w = new PosixWorld();
    const flags = C.SOF_TIMESTAMPING_OPT_ID | C.SOF_TIMESTAMPING_TX_ACK;
    expect(w.a.setOption(w.a.tcp(), C.SOL_SOCKET, O.SO_TIMESTAMPING, flags)).toBe("EINVAL");
    expect(w.a.setOption(w.a.udp(), C.SOL_SOCKET, O.SO_TIMESTAMPING, flags)).toBe(0);
    const { client } = w.pair();
    expect(w.a.setOption(client, C.SOL_SOCKET, O.SO_TIMESTAMPING, flags)).toBe(0);
  });

  test("SO_COOKIE differs from socket to socket; SO_MEMINFO has nine numbers", () => {
    const cookies = [a.tcp(), a.udp()].map(fd => bytesOf(fd, C.SOL_SOCKET, O.SO_COOKIE, 8).join());
    expect(cookies[0]).not.toBe(cookies[1]);
    expect(bytesOf(a.udp(), C.SOL_SOCKET, O.SO_MEMINFO, 99).length).toBe(36);
  });

  test("TCP_FASTOPEN_KEY: one key or two, else EINVAL", () => {
    const fd = a.tcp();
    const set = (length: number): unknown =>
      show(a.sys.setsockopt(fd, C.SOL_TCP, O.TCP_FASTOPEN_KEY, new Uint8Array(length).fill(7)));
    expect([set(0), set(3), set(15), set(17), set(16), set(32)]).toEqual([
      "EINVAL",
      "EINVAL",
      "EINVAL",
      "EINVAL",
      0,
      0,
    ]);
    expect(bytesOf(fd, C.SOL_TCP, O.TCP_FASTOPEN_KEY, 99).length).toBe(32);
  });
});

describe("options take effect on the connection", () => {
  test("before connect and after", () => {
    const w = new PosixWorld();
    w.b.listener();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    const set = (level: number, name: number, value: number): void => {
      expect(w.a.setOption(fd, level, name, value)).toBe(0);
    };
    set(C.SOL_TCP, O.TCP_NODELAY, 1);
    set(C.SOL_TCP, O.TCP_SYNCNT, 2);
    set(C.SOL_TCP, O.TCP_KEEPIDLE, 10);
    set(C.SOL_TCP, O.TCP_KEEPINTVL, 3);
    set(C.SOL_TCP, O.TCP_KEEPCNT, 4);
    set(C.SOL_SOCKET, O.SO_KEEPALIVE, 1);
    set(C.SOL_SOCKET, O.SO_SNDBUF, 30_000);
    set(C.SOL_SOCKET, O.SO_RCVBUF, 40_000);
    set(C.SOL_IP, O.IP_TTL, 9);
    set(C.SOL_IP, O.IP_TOS, 0x20);
    w.a.connect(fd, inet(ADDRESS_B, 80));
    w.pass();
    const c = w.a.sys.connectionOf(fd);
    expect(c?.nagle.disabled).toBe(true);
    expect(c?.config.synRetries).toBe(2);
    expect(c?.keepalive).toMatchObject({ enabled: true, idle: 10e6, interval: 3e6, limit: 4 });
    expect(c?.sendSpace.limit).toBe(60_000);
    expect(c?.receiveBuffer.limit).toBe(40_000);
    expect(c?.path).toMatchObject({ hopLimit: 9, trafficClass: 0x20 });
    set(C.SOL_TCP, O.TCP_NODELAY, 0);
    set(C.SOL_SOCKET, O.SO_RCVBUF, 50_000);
    set(C.SOL_TCP, O.TCP_KEEPIDLE, 20);
    set(C.SOL_SOCKET, O.SO_KEEPALIVE, 0);
    expect(c?.nagle.disabled).toBe(false);
    expect(c?.receiveBuffer.limit).toBe(50_000);
    expect(c?.keepalive).toMatchObject({ enabled: false, idle: 20e6 });
    expect(w.a.option(fd, C.SOL_IP, O.IP_MTU)).toBe(1_500);
    expect(w.a.option(fd, C.SOL_TCP, O.TCP_MAXSEG)).toBe(1_448);
  });

  test("TCP_SYNCNT bounds the attempts, beside the linear ones: ETIMEDOUT", () => {
    const w = new PosixWorld({ synLinearTimeouts: 0 });
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.setOption(fd, C.SOL_TCP, O.TCP_SYNCNT, 1);
    w.a.connect(fd, inet("10.0.0.77", 80));
    w.pass(1.5);
    expect(w.a.mask(fd)).toBe("");
    w.pass(1.6);
    expect(w.a.error(fd)).toBe("ETIMEDOUT");
  });

  test("keepalive finds out that the peer is gone: ETIMEDOUT", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    for (const [name, value] of [
      [O.TCP_KEEPIDLE, 5],
      [O.TCP_KEEPINTVL, 1],
      [O.TCP_KEEPCNT, 3],
    ] as const)
      w.a.setOption(client, C.SOL_TCP, name, value);
    w.a.setOption(client, C.SOL_SOCKET, O.SO_KEEPALIVE, 1);
    w.world.remove(w.hosts.b);
    w.pass(7.5);
    expect(w.a.mask(client)).toBe("OUT");
    w.pass(1);
    expect(w.a.recv(client)).toBe("ETIMEDOUT");
  });
});
