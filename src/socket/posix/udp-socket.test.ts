import { describe, expect, test } from "vitest";
import {
  ADDRESS_A,
  ADDRESS_B,
  C,
  inet,
  inet6,
  O,
  PosixWorld,
  type Process,
  type Shown,
  show,
} from "../../../test/sim/posix-world.ts";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { ADDRESS6_A } from "../../sim/sim-host.ts";
import { UdpHeader } from "../../wire/udp.ts";
import { readEndpoint } from "./addresses.ts";
import { controlBytes, int32, readControl } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";

const NB = C.SOCK_NONBLOCK;
const PEER = inet(ADDRESS_B, 9);

/** A bound socket of `b`, and one of `a`. */
function ends(): PosixWorld & { server: number; client: number } {
  const w = new PosixWorld();
  const server = w.b.udp(NB);
  w.b.sys.bind(server, PEER);
  return Object.assign(w, { server, client: w.a.udp(NB) });
}

function sendTo(
  process: Process,
  fd: number,
  what: string | number,
  to: Uint8Array | null,
  flags = 0,
): Shown {
  const bytes = typeof what === "number" ? new Uint8Array(what) : new TextEncoder().encode(what);
  return show(process.sys.sendto(fd, bytes, bytes.length, flags, to));
}

describe("a socket that was never connected, as on Linux 6.18", () => {
  test("its calls", () => {
    const { a } = new PosixWorld();
    const fd = a.udp(NB);
    expect(a.mask(fd)).toBe("OUT");
    expect(a.recv(fd)).toBe("EAGAIN");
    expect(a.recv(fd, 1, C.MSG_OOB)).toBe("EAGAIN");
    expect(a.send(fd)).toBe("EDESTADDRREQ");
    expect(a.disconnect(fd)).toBe(0);
    expect(show(a.sys.listen(fd, 1))).toBe("EOPNOTSUPP");
    expect(show(a.sys.accept(fd))).toBe("EOPNOTSUPP");
    expect(show(a.sys.getpeername(fd, { bytes: null, length: 0 }))).toBe("ENOTCONN");
    expect(show(a.sys.shutdown(fd, C.SHUT_RDWR))).toBe("ENOTCONN");
    expect(a.mask(fd)).toBe("IN OUT HUP RDHUP");
    expect(sendTo(a, fd, 1, PEER)).toBe("EPIPE");
    expect(a.ioctl(fd, C.SIOCOUTQNSD)).toBe("ENOTTY");
  });

  test("addresses that cannot be sent to", () => {
    const { a } = new PosixWorld();
    const fd = a.udp(NB);
    expect(sendTo(a, fd, 1, inet(ADDRESS_B, 0))).toBe("EINVAL");
    expect(sendTo(a, fd, 1, PEER.subarray(0, 8))).toBe("EINVAL");
    expect(sendTo(a, fd, 1, inet6("fd00::2", 9))).toBe("EAFNOSUPPORT");
    expect(sendTo(a, fd, 1, inet("192.0.2.1", 9))).toBe("ENETUNREACH");
    expect(sendTo(a, fd, 1, inet("10.0.0.255", 9))).toBe("EACCES");
    expect(sendTo(a, fd, 1, PEER, C.MSG_OOB)).toBe("EOPNOTSUPP");
    expect(sendTo(a, fd, 65_508, PEER)).toBe("EMSGSIZE");
    expect(sendTo(a, fd, 70_000, PEER)).toBe("EMSGSIZE");
    expect(show(a.sys.sendto(fd, null, 1, 0, PEER))).toBe("EFAULT");
    expect(show(a.sys.sendto(fd, new Uint8Array(1), 1, 0, PEER, -1))).toBe("EINVAL");
    const unspecified = PEER.slice();
    unspecified[0] = 0;
    expect(sendTo(a, fd, 1, unspecified)).toBe(1);
    expect(sendTo(a, fd, 0, PEER)).toBe(0);
    a.setOption(fd, C.SOL_SOCKET, O.SO_BROADCAST, 1);
    expect(sendTo(a, fd, 1, inet("10.0.0.255", 9))).toBe(1);
  });
});

describe("datagrams", () => {
  test("the largest arrives; what does not fit the reader is cut, and MSG_TRUNC tells its length", () => {
    const w = ends();
    sendTo(w.a, w.client, 65_507, PEER);
    sendTo(w.a, w.client, "hello world", PEER);
    sendTo(w.a, w.client, "", PEER);
    w.pass();
    expect(w.b.ioctl(w.server, C.FIONREAD)).toBe(65_507);
    expect(w.b.recv(w.server, 70_000)).toBe(65_507);
    expect(w.b.recv(w.server, 5, C.MSG_PEEK | C.MSG_TRUNC)).toBe(11);
    expect(w.b.text(w.server, 5, C.MSG_PEEK)).toBe("hello");
    const header: MessageHeader = { name: new Uint8Array(28), vectors: [{ bytes: new Uint8Array(5) }] };
    expect(show(w.b.sys.recvmsg(w.server, header))).toBe(5);
    expect([header.flags, header.nameLength]).toEqual([C.MSG_TRUNC, 16]);
    expect(w.b.mask(w.server)).toBe("IN OUT");
    expect(w.b.recv(w.server)).toBe(0);
    expect(w.b.recv(w.server)).toBe("EAGAIN");
  });

  test("recvfrom tells the sender; a reader that faults loses the datagram", () => {
    const w = ends();
    for (let i = 0; i < 2; i++) sendTo(w.a, w.client, "x", PEER);
    w.pass();
    const out = { bytes: new Uint8Array(28), length: 28 };
    expect(show(w.b.sys.recvfrom(w.server, new Uint8Array(9), 9, 0, out))).toBe(1);
    const from = readEndpoint({ family: C.AF_INET, bytes: out.bytes });
    expect([out.length, from.address.toString(), from.port]).toEqual([16, "10.0.0.1", w.a.port(w.client)]);
    expect(show(w.b.sys.recv(w.server, null, 5))).toBe("EFAULT");
    expect(w.b.recv(w.server)).toBe("EAGAIN");
  });

  test("MSG_MORE and UDP_CORK gather one datagram", () => {
    const w = ends();
    expect(sendTo(w.a, w.client, "ab", PEER, C.MSG_MORE)).toBe(2);
    w.pass();
    expect(w.b.recv(w.server)).toBe("EAGAIN");
    expect(sendTo(w.a, w.client, "cd", null)).toBe(2);
    w.a.setOption(w.client, C.SOL_UDP, O.UDP_CORK, 1);
    sendTo(w.a, w.client, "ef", PEER);
    sendTo(w.a, w.client, "gh", null);
    w.a.setOption(w.client, C.SOL_UDP, O.UDP_CORK, 0);
    w.pass();
    expect([w.b.text(w.server), w.b.text(w.server)]).toEqual(["abcd", "efgh"]);
  });

  describe("UDP_SEGMENT: many datagrams in one call, as measured on Linux 6.18", () => {
    type Ends = ReturnType<typeof ends>;
    const segment = (size: number) =>
      controlBytes([{ level: C.SOL_UDP, type: O.UDP_SEGMENT, data: uint16(size) }]);
    const uint16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8);
    const send = ({ a, client }: Ends, length: number, control: Uint8Array, flags = 0): Shown =>
      show(
        a.sys.sendmsg(client, { name: PEER, vectors: [{ bytes: new Uint8Array(length) }], control }, flags),
      );
    const lengths = (w: Ends): Shown[] => {
      w.pass();
      const all: Shown[] = [];
      for (let next = w.b.recv(w.server, 9_999); next !== "EAGAIN"; next = w.b.recv(w.server, 9_999)) {
        all.push(next);
      }
      return all;
    };

    test("as an option, and as a control message, which counts more", () => {
      const w = ends();
      w.a.setOption(w.client, C.SOL_UDP, O.UDP_SEGMENT, 100);
      expect([sendTo(w.a, w.client, 250, PEER), lengths(w)]).toEqual([250, [100, 100, 50]]);
      expect([send(w, 120, segment(50)), lengths(w)]).toEqual([120, [50, 50, 20]]);
      expect([send(w, 300, segment(0)), lengths(w)]).toEqual([300, [300]]);
      expect([sendTo(w.a, w.client, 0, PEER), lengths(w)]).toEqual([0, [0]]);
    });

    test("the first part of a corked one says how it is cut", () => {
      const w = ends();
      w.a.setOption(w.client, C.SOL_UDP, O.UDP_SEGMENT, 100);
      sendTo(w.a, w.client, 70, PEER, C.MSG_MORE);
      w.a.setOption(w.client, C.SOL_UDP, O.UDP_SEGMENT, 20);
      expect([send(w, 70, segment(30)), lengths(w)]).toEqual([70, [100, 40]]);
      send(w, 70, segment(30), C.MSG_MORE);
      expect([sendTo(w.a, w.client, 70, null), lengths(w)]).toEqual([70, [30, 30, 30, 30, 20]]);
    });

    test("too many, too large, and malformed", () => {
      const w = ends();
      expect([send(w, 129, segment(1)), send(w, 3_000, segment(1_473))]).toEqual(["EINVAL", "EMSGSIZE"]);
      const wrong = (type: number, data: Uint8Array) =>
        send(w, 9, controlBytes([{ level: C.SOL_UDP, type, data }]));
      expect(wrong(O.UDP_SEGMENT, int32(4))).toBe("EINVAL");
      expect(wrong(O.UDP_SEGMENT, new Uint8Array(1))).toBe("EINVAL");
      expect(wrong(O.UDP_GRO, uint16(4))).toBe("EINVAL");
      expect([send(w, 128, segment(1)), lengths(w)]).toEqual([128, new Array(128).fill(1)]);
    });

    test("UDP_GRO: what came joined is received so, with its size", () => {
      const w = ends();
      w.b.setOption(w.server, C.SOL_UDP, O.UDP_GRO, 1);
      const { udp } = w.b.host;
      const bytes = new Uint8Array(8 + 250);
      new UdpHeader().write(bytes, 0);
      bytes.set([0, 5, 0, 9, 1, 2], 0);
      const packet = Object.assign(PacketBuffer.from(bytes), { checksum: "partial", segmentSize: 100 });
      packet.transport = packet.start;
      const [source, destination] = [ADDRESS_A, ADDRESS_B];
      const delivery = {
        source,
        destination,
        hopLimit: 9,
        trafficClass: 0,
        interfaceIndex: 1,
      };
      expect(udp.receive(packet, { ...delivery, isGroup: false })).toBeUndefined();
      const header: MessageHeader = {
        vectors: [{ bytes: new Uint8Array(999) }],
        control: new Uint8Array(100),
      };
      expect(show(w.b.sys.recvmsg(w.server, header))).toBe(250);
      const messages = readControl((header.control ?? bytes).subarray(0, header.controlLength));
      expect(messages).toEqual([{ level: C.SOL_UDP, type: O.UDP_GRO, data: int32(100) }]);
    });
  });

  test("a blocking receive waits; SO_RCVTIMEO bounds it, SHUT_RD ends it", async () => {
    const w = ends();
    w.b.sys.fcntl(w.server, C.F_SETFL, 0);
    const first = w.b.sys.read(w.server, new Uint8Array(9));
    w.pass(1);
    sendTo(w.a, w.client, "abc", PEER);
    expect(await w.until(first)).toBe(3);
    const time = new Uint8Array(16);
    new DataView(time.buffer).setBigInt64(8, 500_000n, true);
    w.b.sys.setsockopt(w.server, C.SOL_SOCKET, O.SO_RCVTIMEO, time);
    const start = w.time;
    expect(await w.until(w.b.sys.read(w.server, new Uint8Array(9)))).toBe("EAGAIN");
    expect(w.time - start).toBeCloseTo(0.5, 3);
    const last = w.b.sys.read(w.server, new Uint8Array(9));
    w.b.sys.shutdown(w.server, C.SHUT_RD);
    expect(await w.until(last)).toBe(0);
  });

  test("SO_REUSEADDR and SO_REUSEPORT share a port, if both say so", () => {
    const { a } = new PosixWorld();
    const bind = (option: number | undefined): Shown => {
      const fd = a.udp();
      if (option !== undefined) a.setOption(fd, C.SOL_SOCKET, option, 1);
      return show(a.sys.bind(fd, inet("0.0.0.0", 7)));
    };
    expect([bind(O.SO_REUSEADDR), bind(undefined), bind(O.SO_REUSEADDR), bind(O.SO_REUSEPORT)]).toEqual([
      0,
      "EADDRINUSE",
      0,
      "EADDRINUSE",
    ]);
  });

  test("bind: twice is EINVAL, a strange address EADDRNOTAVAIL and leaves the socket unbound", () => {
    const { a } = new PosixWorld();
    const fd = a.udp();
    expect(show(a.sys.bind(fd, inet("192.0.2.1", 7)))).toBe("EADDRNOTAVAIL");
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 7)))).toBe(0);
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 8)))).toBe("EINVAL");
    expect(a.port(fd)).toBe(7);
  });
});

describe("connected sockets, as on Linux 6.18", () => {
  test("an unreachable port is told once, by whichever call comes first", () => {
    const w = new PosixWorld();
    const fd = w.a.udp(NB);
    expect(w.a.connect(fd, PEER)).toBe(0);
    const provoke = (): void => {
      expect(w.a.send(fd)).toBe(10);
      w.pass();
      expect(w.a.mask(fd)).toBe("OUT ERR");
    };
    provoke();
    expect(w.a.send(fd)).toBe("ECONNREFUSED");
    expect(w.a.error(fd)).toBe(0);
    w.pass();
    provoke();
    expect(w.a.recv(fd)).toBe("ECONNREFUSED");
    expect(w.a.recv(fd)).toBe("EAGAIN");
    provoke();
    expect(w.a.error(fd)).toBe("ECONNREFUSED");
    expect(w.a.mask(fd)).toBe("OUT");
  });

  test("connect may be called again, and AF_UNSPEC dissolves it: what was not bound is free again", () => {
    const w = ends();
    expect(w.a.connect(w.client, PEER)).toBe(0);
    const port = w.a.port(w.client);
    expect(port).not.toBe(0);
    expect(w.a.connect(w.client, inet(ADDRESS_B, 10))).toBe(0);
    expect(show(w.a.sys.bind(w.client, inet("0.0.0.0", 0)))).toBe("EINVAL");
    expect(w.a.send(w.client, "x")).toBe(1);
    expect(w.a.disconnect(w.client)).toBe(0);
    expect(w.a.port(w.client)).toBe(0);
    expect(w.a.send(w.client, "x")).toBe("EDESTADDRREQ");
  });

  test("every send draws a port, even one that fails; AF_UNSPEC gives it up, connected or not", () => {
    const { a } = new PosixWorld();
    const fd = a.udp(NB);
    expect(a.send(fd)).toBe("EDESTADDRREQ");
    expect(a.port(fd)).not.toBe(0);
    expect(show(a.sys.bind(fd, inet("0.0.0.0", 7)))).toBe("EINVAL");
    a.disconnect(fd);
    expect(a.port(fd)).toBe(0);
    expect(show(a.sys.bind(fd, inet("10.0.0.1", 7)))).toBe(0);
    a.disconnect(fd);
    expect(a.port(fd)).toBe(7);
  });

  test("what was received stays when the port is given up", () => {
    const w = new PosixWorld();
    const fd = w.b.udp(NB);
    w.b.sys.bind(fd, inet(ADDRESS_B, 0));
    const client = w.a.udp(NB);
    for (const text of ["one", "two"]) sendTo(w.a, client, text, inet(ADDRESS_B, w.b.port(fd)));
    w.pass();
    w.b.recv(fd, 1, C.MSG_PEEK);
    w.b.disconnect(fd);
    expect([w.b.port(fd), w.b.mask(fd), w.b.text(fd), w.b.text(fd), w.b.recv(fd)]).toEqual([
      0,
      "IN OUT",
      "one",
      "two",
      "EAGAIN",
    ]);
  });

  test("only the peer is heard", () => {
    const w = ends();
    w.b.connect(w.server, inet(ADDRESS_A, 1_000));
    sendTo(w.a, w.client, "stranger", PEER);
    const friend = w.a.udp();
    w.a.sys.bind(friend, inet(ADDRESS_A, 1_000));
    sendTo(w.a, friend, "friend", PEER);
    w.pass();
    expect(w.b.text(w.server)).toBe("friend");
    expect(w.b.recv(w.server)).toBe("EAGAIN");
  });
});

describe("control messages", () => {
  const receive = (w: ReturnType<typeof ends>, fd = w.server): Array<readonly [number, number, number[]]> => {
    const header: MessageHeader = { vectors: [{ bytes: new Uint8Array(9) }], control: new Uint8Array(300) };
    expect(typeof show(w.b.sys.recvmsg(fd, header))).toBe("number");
    const control = header.control?.subarray(0, header.controlLength) as Uint8Array;
    return (readControl(control) ?? []).map(({ level, type, data }) => [level, type, [...data]] as const);
  };

  test("IP_PKTINFO, IP_RECVTTL and IP_RECVTOS", () => {
    const w = ends();
    for (const option of [O.IP_PKTINFO, O.IP_RECVTTL, O.IP_RECVTOS])
      w.b.setOption(w.server, C.SOL_IP, option, 1);
    w.a.setOption(w.client, C.SOL_IP, O.IP_TTL, 33);
    w.a.setOption(w.client, C.SOL_IP, O.IP_TOS, 0x10);
    sendTo(w.a, w.client, "x", PEER);
    w.pass();
    const index = w.hosts.b.net.interfaces().find(iface => !iface.isLoopback)?.index as number;
    expect(receive(w)).toEqual([
      [C.SOL_IP, O.IP_PKTINFO, [index, 0, 0, 0, 10, 0, 0, 2, 10, 0, 0, 2]],
      [C.SOL_IP, O.IP_TTL, [33, 0, 0, 0]],
      [C.SOL_IP, O.IP_TOS, [0x10]],
    ]);
  });

  test("TTL and TOS for one datagram; what is unknown is EINVAL", () => {
    const w = ends();
    w.b.setOption(w.server, C.SOL_IP, O.IP_RECVTTL, 1);
    const send = (type: number, value: number): Shown => {
      const control = controlBytes([{ level: C.SOL_IP, type, data: int32(value) }]);
      return show(
        w.a.sys.sendmsg(w.client, { name: PEER, vectors: [{ bytes: new Uint8Array(1) }], control }),
      );
    };
    expect([send(O.IP_TTL, 5), send(O.IP_TTL, 256), send(4_711, 1)]).toEqual([1, "EINVAL", "EINVAL"]);
    sendTo(w.a, w.client, "x", PEER);
    w.pass();
    expect([receive(w), receive(w)]).toEqual([
      [[C.SOL_IP, O.IP_TTL, [5, 0, 0, 0]]],
      [[C.SOL_IP, O.IP_TTL, [64, 0, 0, 0]]],
    ]);
    const torn = Uint8Array.of(15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(show(w.a.sys.sendmsg(w.client, { name: PEER, vectors: [], control: torn }))).toBe("EINVAL");
  });

  test("IPv6: IPV6_RECVPKTINFO, HOPLIMIT and TCLASS; IPv4 that comes by a mapped address has its own", () => {
    const w = ends();
    const six = w.b.udp(NB, C.AF_INET6);
    w.b.sys.bind(six, inet6("::", 99));
    for (const option of [O.IPV6_RECVPKTINFO, O.IPV6_RECVHOPLIMIT, O.IPV6_RECVTCLASS])
      w.b.setOption(six, C.SOL_IPV6, option, 1);
    w.b.setOption(six, C.SOL_IP, O.IP_RECVTTL, 1);
    const client = w.a.udp(NB, C.AF_INET6);
    w.a.setOption(client, C.SOL_IPV6, O.IPV6_UNICAST_HOPS, 12);
    w.a.setOption(client, C.SOL_IPV6, O.IPV6_TCLASS, 0x20);
    sendTo(w.a, client, "x", inet6("fd00::2", 99));
    w.pass();
    const messages = receive(w, six);
    expect(messages.map(([level, type]) => [level, type])).toEqual([
      [C.SOL_IPV6, O.IPV6_PKTINFO],
      [C.SOL_IPV6, O.IPV6_HOPLIMIT],
      [C.SOL_IPV6, O.IPV6_TCLASS],
    ]);
    expect(messages[0]?.[2].slice(0, 16)).toEqual([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect([messages[1]?.[2][0], messages[2]?.[2][0]]).toEqual([12, 0x20]);
    sendTo(w.a, w.client, "x", inet(ADDRESS_B, 99));
    w.pass();
    expect(receive(w, six).map(([level, type]) => [level, type])).toEqual([
      [C.SOL_IPV6, O.IPV6_PKTINFO],
      [C.SOL_IP, O.IP_TTL],
    ]);
  });

  test("SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING; too little room is MSG_CTRUNC", () => {
    const w = ends();
    w.pass(3 - w.time);
    const stamp = (option: number, value: number): readonly [number, number[]] => {
      w.b.setOption(w.server, C.SOL_SOCKET, option, value);
      sendTo(w.a, w.client, "x", PEER);
      const at = w.time;
      w.pass(0.123456);
      const [message] = receive(w);
      w.b.setOption(w.server, C.SOL_SOCKET, option, 0);
      const view = new DataView(Uint8Array.from(message?.[2] ?? []).buffer);
      const fields = Array.from({ length: view.byteLength / 8 }, (_, i) =>
        Number(view.getBigInt64(8 * i, true)),
      );
      fields[0] = (fields[0] as number) - Math.floor(at);
      return [message?.[1] as number, fields];
    };
    const micros = Math.round(((w.time % 1) + 0.005) * 1_000_000);
    const [type, [seconds, fraction]] = stamp(O.SO_TIMESTAMP, 1) as [number, [number, number]];
    expect([type, seconds]).toEqual([O.SCM_TIMESTAMP, 0]);
    expect(Math.abs(fraction - micros)).toBeLessThan(100);
    expect(stamp(O.SO_TIMESTAMPNS, 1)[1][1]).toBeGreaterThan(1_000_000);
    const flags = C.SOF_TIMESTAMPING_RX_SOFTWARE | C.SOF_TIMESTAMPING_SOFTWARE;
    expect(stamp(O.SO_TIMESTAMPING, flags)[1].slice(2)).toEqual([0, 0, 0, 0]);
    w.b.setOption(w.server, C.SOL_SOCKET, O.SO_TIMESTAMP, 1);
    sendTo(w.a, w.client, "x", PEER);
    w.pass();
    const header: MessageHeader = { vectors: [{ bytes: new Uint8Array(9) }], control: new Uint8Array(20) };
    w.b.sys.recvmsg(w.server, header);
    expect([header.flags, header.controlLength]).toEqual([C.MSG_CTRUNC, 20]);
  });
});

describe("IP_RECVERR", () => {
  const errorFrom = (w: PosixWorld, fd: number): readonly unknown[] => {
    const header: MessageHeader = {
      name: new Uint8Array(28),
      vectors: [{ bytes: new Uint8Array(9) }],
      control: new Uint8Array(100),
    };
    const got = show(w.a.sys.recvmsg(fd, header, C.MSG_ERRQUEUE));
    if (typeof got === "string") return [got];
    const [message] = readControl(header.control?.subarray(0, header.controlLength) as Uint8Array) ?? [];
    const bytes = Uint8Array.from(message?.data ?? []);
    const { address, port } = readEndpoint({ family: bytes[16] as number, bytes: bytes.subarray(16) });
    const to = readEndpoint({ family: C.AF_INET, bytes: header.name as Uint8Array });
    return [
      header.flags,
      message?.level,
      message?.type,
      ...bytes.subarray(0, 8),
      `${address}`,
      port,
      to.port,
    ];
  };

  test("errors are told to a socket that is not connected too, and queued with who reported them", () => {
    const w = new PosixWorld();
    const fd = w.a.udp(NB);
    w.a.setOption(fd, C.SOL_IP, O.IP_RECVERR, 1);
    sendTo(w.a, fd, "x", PEER);
    w.pass();
    expect(w.a.mask(fd)).toBe("OUT ERR");
    expect(errorFrom(w, fd)).toEqual([
      C.MSG_ERRQUEUE,
      C.SOL_IP,
      O.IP_RECVERR,
      111,
      0,
      0,
      0,
      C.SO_EE_ORIGIN_ICMP,
      3,
      3,
      0,
      "10.0.0.2",
      0,
      9,
    ]);
    expect(w.a.error(fd)).toBe(0);
    expect(w.a.mask(fd)).toBe("OUT");
    expect(errorFrom(w, fd)).toEqual(["EAGAIN"]);
  });

  test("without it nothing is queued", () => {
    const w = new PosixWorld();
    const fd = w.a.udp(NB);
    sendTo(w.a, fd, "x", PEER);
    w.pass();
    expect(w.a.mask(fd)).toBe("OUT");
    expect(errorFrom(w, fd)).toEqual(["EAGAIN"]);
  });
});

describe("IPv6 sockets", () => {
  test("speak IPv4 by mapped addresses and by IPv4's own, unless they are IPV6_V6ONLY", () => {
    const w = ends();
    const six = w.a.udp(NB, C.AF_INET6);
    expect(sendTo(w.a, six, "mapped", inet6(ADDRESS_B, 9))).toBe(6);
    expect(sendTo(w.a, six, "own", PEER)).toBe(3);
    w.pass();
    expect([w.b.text(w.server), w.b.text(w.server)]).toEqual(["mapped", "own"]);
    const only = w.a.udp(NB, C.AF_INET6);
    w.a.setOption(only, C.SOL_IPV6, O.IPV6_V6ONLY, 1);
    expect(sendTo(w.a, only, "x", inet6(ADDRESS_B, 9))).toBe("ENETUNREACH");
    expect(show(w.a.sys.bind(only, inet6(ADDRESS_A, 9)))).toBe("EINVAL");
    expect(sendTo(w.a, only, "x", inet6(ADDRESS6_A, 9))).toBe(1);
  });

  test("IPv4 senders are named by mapped addresses", () => {
    const w = ends();
    const six = w.b.udp(NB, C.AF_INET6);
    w.b.sys.bind(six, inet6("::", 99));
    sendTo(w.a, w.client, "x", inet(ADDRESS_B, 99));
    w.pass();
    const out = { bytes: new Uint8Array(28), length: 28 };
    w.b.sys.recvfrom(six, new Uint8Array(9), 9, 0, out);
    expect(out.length).toBe(28);
    expect([...out.bytes.subarray(8, 24)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]);
  });
});

test("IP_ADD_MEMBERSHIP: a group is joined, its datagrams are received, and left", () => {
  const w = ends();
  const request = Uint8Array.of(239, 1, 2, 3, 10, 0, 0, 2);
  expect(show(w.b.sys.setsockopt(w.server, C.SOL_IP, O.IP_ADD_MEMBERSHIP, request))).toBe(0);
  expect(show(w.b.sys.setsockopt(w.server, C.SOL_IP, O.IP_ADD_MEMBERSHIP, request, 4))).toBe("EINVAL");
  const group = w.b.udp(NB);
  w.b.sys.bind(group, inet("0.0.0.0", 77));
  expect(show(w.b.sys.setsockopt(group, C.SOL_IP, O.IP_ADD_MEMBERSHIP, request))).toBe(0);
  const index = w.hosts.a.net.interfaces().find(iface => !iface.isLoopback)?.index as number;
  w.hosts.a.addDefaultRoute(undefined, index);
  expect(sendTo(w.a, w.client, "all", inet("239.1.2.3", 77))).toBe(3);
  w.pass();
  expect(w.b.text(group)).toBe("all");
  expect(show(w.b.sys.setsockopt(group, C.SOL_IP, O.IP_DROP_MEMBERSHIP, request))).toBe(0);
  expect(show(w.b.sys.setsockopt(group, C.SOL_IP, O.IP_DROP_MEMBERSHIP, request))).toBe("EADDRNOTAVAIL");
});
