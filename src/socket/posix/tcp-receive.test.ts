import { describe, expect, test } from "vitest";
import { C, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { seconds } from "../../base/time.ts";
import { readControl } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";

type Ends = PosixWorld & { client: number; server: number };

/** The client reads, the server writes. */
function ends(): Ends {
  const w = new PosixWorld();
  return Object.assign(w, w.pair());
}

function sent(text: string, flags = 0): Ends {
  const w = ends();
  w.b.send(w.server, text, flags);
  w.pass();
  return w;
}

function blocking(w: Ends): void {
  w.a.sys.fcntl(w.client, C.F_SETFL, 0);
}

describe("recv as on Linux 6.18", () => {
  test("nothing there: EAGAIN, whatever the length or the buffer", () => {
    const w = ends();
    expect(w.a.recv(w.client)).toBe("EAGAIN");
    expect(w.a.recv(w.client, 0)).toBe("EAGAIN");
    expect(show(w.a.sys.recv(w.client, null, 10))).toBe("EAGAIN");
    expect(show(w.a.sys.read(w.client, new Uint8Array(0)))).toBe(0);
    expect(w.a.recv(w.client, 10, C.MSG_ERRQUEUE)).toBe("EAGAIN");
  });

  test("a null buffer faults and takes nothing", () => {
    const w = sent("hello");
    expect(show(w.a.sys.recv(w.client, null, 10))).toBe("EFAULT");
    expect(w.a.recv(w.client, 0)).toBe(0);
    expect(w.a.text(w.client)).toBe("hello");
  });

  test("MSG_PEEK leaves the bytes, MSG_TRUNC throws them away", () => {
    const w = sent("0123456789");
    expect(w.a.text(w.client, 4, C.MSG_PEEK)).toBe("0123");
    expect(show(w.a.sys.recv(w.client, null, 4, C.MSG_TRUNC))).toBe(4);
    expect(w.a.ioctl(w.client, C.SIOCINQ)).toBe(6);
    expect(w.a.text(w.client)).toBe("456789");
  });

  test("readv fills one vector after the other, and stops at a null one", () => {
    const w = sent("abcdefgh");
    const [first, second] = [new Uint8Array(3), new Uint8Array(2)];
    const vectors = [{ bytes: first }, { bytes: second }, { bytes: null, length: 4 }, { bytes: second }];
    expect(show(w.a.sys.readv(w.client, vectors))).toBe(5);
    expect(String.fromCharCode(...first, ...second)).toBe("abcde");
  });

  test("a blocking read waits for the first bytes and gives what there is", async () => {
    const w = ends();
    blocking(w);
    const buffer = new Uint8Array(100);
    const outcome = w.a.sys.read(w.client, buffer);
    w.pass(1);
    w.b.send(w.server, "late");
    expect(await w.until(outcome)).toBe(4);
    expect(w.time).toBeCloseTo(1.105, 3);
  });

  test("MSG_WAITALL waits for all of it, MSG_DONTWAIT for nothing", async () => {
    const w = sent("abc");
    blocking(w);
    const buffer = new Uint8Array(6);
    const outcome = w.a.sys.recv(w.client, buffer, 6, C.MSG_WAITALL);
    w.pass(1);
    w.b.send(w.server, "defg");
    expect(await w.until(outcome)).toBe(6);
    expect(new TextDecoder().decode(buffer)).toBe("abcdef");
    expect(w.a.recv(w.client, 6, C.MSG_DONTWAIT | C.MSG_WAITALL)).toBe(1);
    expect(w.a.recv(w.client, 6, C.MSG_DONTWAIT)).toBe("EAGAIN");
  });

  test("MSG_WAITALL gives what it has when the peer closes, and what it peeked but once", async () => {
    const w = sent("abc");
    blocking(w);
    const peeked = w.a.sys.recv(w.client, new Uint8Array(5), 5, C.MSG_WAITALL | C.MSG_PEEK);
    w.b.send(w.server, "d");
    w.pass();
    w.b.sys.close(w.server);
    expect(await w.until(peeked)).toBe(4);
    expect(show(w.a.sys.recv(w.client, new Uint8Array(9), 9, C.MSG_WAITALL))).toBe(4);
    expect(w.a.recv(w.client)).toBe(0);
  });

  test("SO_RCVLOWAT: a blocking read waits for as much, and only as much wakes it", async () => {
    const w = sent("abc");
    blocking(w);
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_RCVLOWAT, 5);
    expect(show(w.a.sys.read(w.client, new Uint8Array(2)))).toBe(2);
    const outcome = w.a.sys.read(w.client, new Uint8Array(10));
    expect(show(outcome)).toBe("waits");
    // One byte is read already, and four come: Linux does not wake the reader for less than the low-water
    // mark.
    w.b.send(w.server, "defg");
    await w.world.runForAsync(seconds(1));
    w.b.send(w.server, "hijk");
    expect(await w.until(outcome)).toBe(9);
    expect(w.time).toBeGreaterThan(1);
  });

  test("SO_RCVTIMEO: EAGAIN after the time, or what there was", async () => {
    const w = ends();
    blocking(w);
    const time = new Uint8Array(16);
    new DataView(time.buffer).setBigInt64(0, 2n, true);
    w.a.sys.setsockopt(w.client, C.SOL_SOCKET, O.SO_RCVTIMEO, time);
    const start = w.time;
    expect(await w.until(w.a.sys.read(w.client, new Uint8Array(10)))).toBe("EAGAIN");
    expect(w.time - start).toBeCloseTo(2, 3);
    w.b.send(w.server, 3);
    w.pass();
    expect(await w.until(w.a.sys.recv(w.client, new Uint8Array(10), 10, C.MSG_WAITALL))).toBe(3);
  });

  test("after the peer's RST: what waits, the error once, then the end", () => {
    const w = sent("0123456789");
    w.b.linger(w.server, 0);
    w.b.sys.close(w.server);
    w.pass();
    expect([w.a.recv(w.client, 4), w.a.recv(w.client)]).toEqual([4, 6]);
    expect([w.a.recv(w.client), w.a.recv(w.client)]).toEqual(["ECONNRESET", 0]);
    expect(w.a.send(w.client)).toBe("EPIPE");
    expect(w.a.error(w.client)).toBe(0);
  });

  test("after FIN and RST reads give the end; the error, EPIPE, stays for who asks", () => {
    const w = ends();
    w.b.sys.shutdown(w.server, C.SHUT_WR);
    w.pass();
    w.b.linger(w.server, 0);
    w.b.sys.close(w.server);
    w.pass();
    expect([w.a.recv(w.client), w.a.recv(w.client)]).toEqual([0, 0]);
    expect([w.a.error(w.client), w.a.error(w.client)]).toEqual(["EPIPE", 0]);
    expect(w.a.send(w.client)).toBe("EPIPE");
  });

  test("after SHUT_RD reads give the end, but what still comes can be read", () => {
    const w = ends();
    w.a.sys.shutdown(w.client, C.SHUT_RD);
    expect(w.a.recv(w.client)).toBe(0);
    w.b.send(w.server, 10);
    w.pass();
    expect([w.a.recv(w.client), w.a.recv(w.client)]).toEqual([10, 0]);
    expect(w.a.send(w.client)).toBe(10);
  });

  test("a blocked read ends with SHUT_RD, and with EBADF when its descriptor is closed", async () => {
    const w = ends();
    blocking(w);
    const first = w.a.sys.read(w.client, new Uint8Array(1));
    w.a.sys.shutdown(w.client, C.SHUT_RD);
    expect(await w.until(first)).toBe(0);
    const v = ends();
    blocking(v);
    const second = v.a.sys.read(v.client, new Uint8Array(1));
    v.a.sys.close(v.client);
    expect(await v.until(second)).toBe("EBADF");
  });

  test("recvfrom and recvmsg tell no address: the peer is known", () => {
    const w = sent("abc");
    const out = { bytes: new Uint8Array(16), length: 16 };
    expect(show(w.a.sys.recvfrom(w.client, new Uint8Array(1), 1, 0, out))).toBe(1);
    expect(out.length).toBe(0);
    const header: MessageHeader = { name: new Uint8Array(16), vectors: [{ bytes: new Uint8Array(9) }] };
    expect(show(w.a.sys.recvmsg(w.client, header))).toBe(2);
    expect([header.nameLength, header.controlLength, header.flags]).toEqual([0, 0, 0]);
  });
});

test("SO_PEEK_OFF: peeking goes on where it left off, reading moves it back", () => {
  const w = sent("abcdefghij");
  expect(w.a.option(w.client, C.SOL_SOCKET, O.SO_PEEK_OFF)).toBe(-1);
  expect(w.a.setOption(w.client, C.SOL_SOCKET, O.SO_PEEK_OFF, 2)).toBe(0);
  expect(w.a.text(w.client, 3, C.MSG_PEEK)).toBe("cde");
  expect(w.a.option(w.client, C.SOL_SOCKET, O.SO_PEEK_OFF)).toBe(5);
  expect(w.a.text(w.client, 3, C.MSG_PEEK)).toBe("fgh");
  expect(w.a.text(w.client, 4)).toBe("abcd");
  expect(w.a.option(w.client, C.SOL_SOCKET, O.SO_PEEK_OFF)).toBe(4);
  expect(w.a.text(w.client, 9, C.MSG_PEEK)).toBe("ij");
  expect(w.a.recv(w.client, 9, C.MSG_PEEK)).toBe("EAGAIN");
  expect(w.a.text(w.client, 9)).toBe("efghij");
  expect(w.a.setOption(w.client, C.SOL_SOCKET, O.SO_PEEK_OFF, -1)).toBe(0);
});

describe("when text came, as a control message", () => {
  const stampOf = (w: Ends, length: number): readonly unknown[] => {
    const header: MessageHeader = {
      vectors: [{ bytes: new Uint8Array(length) }],
      control: new Uint8Array(99),
    };
    w.a.sys.recvmsg(w.client, header);
    const [message] = readControl(header.control?.subarray(0, header.controlLength) as Uint8Array) ?? [];
    if (message === undefined) return [];
    const view = new DataView(Uint8Array.from(message.data).buffer);
    return [message.type, Number(view.getBigInt64(0, true)) * 1_000_000 + Number(view.getBigInt64(8, true))];
  };

  test("SO_TIMESTAMP: of the last byte that was read", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_TIMESTAMP, 1);
    const came: number[] = [];
    for (const text of ["abc", "def"]) {
      w.b.send(w.server, text);
      w.pass(0.25);
      came.push(w.time);
    }
    const [type, first] = stampOf(w, 2) as [number, number];
    const [, second] = stampOf(w, 2) as [number, number];
    expect(type).toBe(O.SCM_TIMESTAMP);
    expect(second - first).toBe(250_000);
    expect(second / 1_000_000).toBeLessThan(came[1] as number);
  });

  test("nobody asked: nothing is told, and nothing kept", () => {
    const w = sent("abc");
    expect(stampOf(w, 3)).toEqual([]);
    expect(w.a.sys.connectionOf(w.client)?.arrivals).toBeUndefined();
  });
});

test("TCP_INQ: recvmsg tells how much is left, and 1 after the FIN, so that the reader comes back", () => {
  const w = sent("0123456789");
  w.a.setOption(w.client, C.SOL_TCP, O.TCP_INQ, 1);
  const hint = (count: number): readonly [unknown, number] => {
    const header: MessageHeader = {
      vectors: [{ bytes: new Uint8Array(count) }],
      control: new Uint8Array(64),
    };
    const got = show(w.a.sys.recvmsg(w.client, header));
    const [message] = readControl(header.control?.subarray(0, header.controlLength) as Uint8Array) ?? [];
    expect([message?.level, message?.type]).toEqual([C.SOL_TCP, O.TCP_CM_INQ]);
    return [got, new DataView(new Uint8Array(message?.data ?? []).buffer).getInt32(0, true)];
  };
  expect(hint(4)).toEqual([4, 6]);
  w.b.sys.close(w.server);
  w.pass();
  expect(hint(6)).toEqual([6, 1]);
});

describe("urgent data as on Linux 6.18", () => {
  test("out of line: reading stops in front of the byte (MUST-33), MSG_OOB has it once", () => {
    const w = sent("abcde");
    w.b.send(w.server, "fgX", C.MSG_OOB);
    w.b.send(w.server, "hi");
    w.pass();
    expect(w.a.ioctl(w.client, C.SIOCINQ)).toBe(7);
    expect(w.a.ioctl(w.client, C.SIOCATMARK)).toBe(0);
    expect(w.a.text(w.client, 1, C.MSG_OOB | C.MSG_PEEK)).toBe("X");
    expect(w.a.text(w.client, 1, C.MSG_OOB)).toBe("X");
    expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EINVAL");
    expect(w.a.mask(w.client)).toBe("IN OUT");
    expect(w.a.text(w.client)).toBe("abcdefg");
    expect(w.a.ioctl(w.client, C.SIOCATMARK)).toBe(1);
    expect(w.a.text(w.client)).toBe("hi");
    expect(w.a.ioctl(w.client, C.SIOCATMARK)).toBe(0);
  });

  test("who reads past the byte has lost it", () => {
    const w = sent("abX", C.MSG_OOB);
    expect(w.a.text(w.client)).toBe("ab");
    expect(w.a.mask(w.client)).toBe("PRI OUT");
    expect(w.a.recv(w.client)).toBe("EAGAIN");
    expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EINVAL");
    expect(w.a.mask(w.client)).toBe("OUT");
  });

  test("peeking sees the text behind it without the byte, and does not lose it", () => {
    const w = sent("X", C.MSG_OOB);
    w.b.send(w.server, "ab");
    w.pass();
    expect(w.a.text(w.client, 9, C.MSG_PEEK)).toBe("ab");
    expect(w.a.text(w.client, 1, C.MSG_OOB)).toBe("X");
    expect(w.a.text(w.client, 9)).toBe("ab");
  });

  test("SO_OOBINLINE: the byte is part of the stream, in front of which one read stops", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_OOBINLINE, 1);
    w.b.send(w.server, "abcdX", C.MSG_OOB);
    w.b.send(w.server, "efghi");
    w.pass();
    expect(w.a.ioctl(w.client, C.SIOCINQ)).toBe(10);
    expect(w.a.text(w.client)).toBe("abcd");
    expect(w.a.ioctl(w.client, C.SIOCATMARK)).toBe(1);
    expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EINVAL");
    expect(w.a.text(w.client)).toBe("Xefghi");
    expect(w.a.mask(w.client)).toBe("OUT");
  });

  test("a new urgent byte takes the place of one that nobody read", () => {
    const w = sent("X", C.MSG_OOB);
    w.b.send(w.server, "abcdY", C.MSG_OOB);
    w.pass();
    expect(w.a.ioctl(w.client, C.SIOCINQ)).toBe(4);
    expect(w.a.text(w.client, 2)).toBe("ab");
    w.b.send(w.server, "Z", C.MSG_OOB);
    w.pass();
    expect(w.a.text(w.client)).toBe("cdY");
    expect(w.a.text(w.client, 1, C.MSG_OOB)).toBe("Z");
  });

  test("without any: EINVAL, also after the end", () => {
    const w = sent("abc");
    expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EINVAL");
    w.b.sys.close(w.server);
    w.pass();
    expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EINVAL");
  });
});

test("a byte that was announced but has not come yet: MSG_OOB is EAGAIN", () => {
  const w = ends();
  w.b.send(w.server, 29_999);
  w.b.send(w.server, "X", C.MSG_OOB);
  w.pass(0.006);
  expect(w.a.recv(w.client, 1, C.MSG_OOB)).toBe("EAGAIN");
  expect(w.a.mask(w.client)).toBe("IN OUT");
  w.pass();
  expect(w.a.mask(w.client)).toBe("IN PRI OUT");
  expect(w.a.text(w.client, 1, C.MSG_OOB)).toBe("X");
  expect(w.a.recv(w.client, 50_000)).toBe(29_999);
});
