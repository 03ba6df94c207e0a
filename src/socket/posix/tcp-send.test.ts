import { describe, expect, test } from "vitest";
import { C, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { readControl } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";

type Ends = PosixWorld & { client: number; server: number };

function ends(tcp: Partial<TcpConfig> = {}): Ends {
  const w = new PosixWorld(tcp);
  return Object.assign(w, w.pair());
}

describe("send as on Linux 6.18", () => {
  test("a null buffer faults, unless its length is 0", () => {
    const w = ends();
    expect(show(w.a.sys.send(w.client, null, 100))).toBe("EFAULT");
    expect(show(w.a.sys.send(w.client, null, 0))).toBe(0);
    expect(show(w.a.sys.write(w.client, null, 100))).toBe("EFAULT");
  });

  test("writev sends the vectors as one, up to a null one", () => {
    const w = ends();
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(show(w.a.sys.writev(w.client, [{ bytes: bytes("ab") }, { bytes: bytes("cd"), length: 1 }]))).toBe(
      3,
    );
    expect(show(w.a.sys.writev(w.client, [{ bytes: bytes("x") }, { bytes: null, length: 9 }]))).toBe(1);
    w.pass();
    expect(w.b.text(w.server)).toBe("abcx");
    const many = Array.from({ length: 1025 }, () => ({ bytes: new Uint8Array(0) }));
    expect(show(w.a.sys.writev(w.client, many))).toBe("EINVAL");
    expect(show(w.a.sys.sendmsg(w.client, { vectors: many }))).toBe("EMSGSIZE");
  });

  test("an address is of no account", () => {
    const w = ends();
    const header: MessageHeader = { name: new Uint8Array(16), vectors: [{ bytes: new Uint8Array(4) }] };
    expect(show(w.a.sys.sendmsg(w.client, header))).toBe(4);
    expect(show(w.a.sys.sendto(w.client, new Uint8Array(3), 3, 0, new Uint8Array(16)))).toBe(3);
  });

  test("after SHUT_WR: EPIPE; the other direction goes on", () => {
    const w = ends();
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    expect(w.a.send(w.client)).toBe("EPIPE");
    w.pass();
    expect(w.b.recv(w.server)).toBe(0);
    expect(w.b.send(w.server, 7)).toBe(7);
    w.pass();
    expect(w.a.recv(w.client)).toBe(7);
    expect(show(w.a.sys.shutdown(w.client, C.SHUT_WR))).toBe(0);
  });

  test("MSG_FASTOPEN without an address: EINVAL, and EISCONN on a connection", () => {
    const w = ends();
    expect(w.a.send(w.a.tcp(), 10, C.MSG_FASTOPEN)).toBe("EINVAL");
    expect(w.a.send(w.client, 10, C.MSG_FASTOPEN)).toBe("EISCONN");
  });

  test("SIOCOUTQ counts what is not acknowledged, SIOCOUTQNSD what is not sent, FIN included", () => {
    const w = ends();
    w.a.send(w.client, 30_000);
    expect([w.a.ioctl(w.client, C.SIOCOUTQ), w.a.ioctl(w.client, C.SIOCOUTQNSD)]).toEqual([30_000, 30_000]);
    w.pass(0.001);
    expect(w.a.ioctl(w.client, C.SIOCOUTQ)).toBe(30_000);
    const unsent = w.a.ioctl(w.client, C.SIOCOUTQNSD);
    expect(unsent).toBeGreaterThan(10_000);
    expect(unsent).toBeLessThan(20_000);
    w.pass();
    expect([w.a.ioctl(w.client, C.SIOCOUTQ), w.a.ioctl(w.client, C.SIOCOUTQNSD)]).toEqual([0, 0]);
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    expect([w.a.ioctl(w.client, C.SIOCOUTQ), w.a.ioctl(w.client, C.SIOCOUTQNSD)]).toEqual([1, 1]);
    w.pass(0.001);
    expect(w.a.ioctl(w.client, C.SIOCOUTQ)).toBe(1);
    w.pass();
    expect(w.a.ioctl(w.client, C.SIOCOUTQ)).toBe(0);
  });
});

describe("a send buffer takes whole units", () => {
  test("a write may take more than SO_SNDBUF, but begins no unit beyond it", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_SNDBUF, 50_000);
    const taken = Number(w.a.send(w.client, 1_000_000));
    expect(taken).toBeGreaterThan(100_000);
    expect(taken).toBeLessThan(100_000 + 65_536);
    expect(w.a.send(w.client, 1)).toBe("EAGAIN");
  });

  test("a blocking write is done when all of it is taken", async () => {
    const w = ends();
    w.a.sys.fcntl(w.client, C.F_SETFL, 0);
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_SNDBUF, 20_000);
    const outcome = w.a.sys.write(w.client, new Uint8Array(300_000));
    expect(show(outcome)).toBe("waits");
    let received = 0;
    const reader = (async () => {
      while (received < 300_000) {
        const got = w.b.recv(w.server, 65_536);
        if (typeof got === "number") received += got;
        await w.world.runForAsync(10_000 as never);
      }
    })();
    await reader;
    expect(await w.until(outcome)).toBe(300_000);
    expect(received).toBe(300_000);
  });

  test("SO_SNDTIMEO: what was taken, or EAGAIN", async () => {
    const w = ends();
    w.a.sys.fcntl(w.client, C.F_SETFL, 0);
    w.b.setOption(w.server, C.SOL_SOCKET, O.SO_RCVBUF, 10_000);
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_SNDBUF, 10_000);
    const time = new Uint8Array(16);
    new DataView(time.buffer).setBigInt64(0, 1n, true);
    w.a.sys.setsockopt(w.client, C.SOL_SOCKET, O.SO_SNDTIMEO, time);
    const first = (await w.until(w.a.sys.write(w.client, new Uint8Array(4_000_000)))) as number;
    expect(first).toBeGreaterThan(10_000);
    expect(first).toBeLessThan(4_000_000);
    // What was begun may still be filled up; then nothing is taken.
    let start = w.time;
    let taken: unknown = 0;
    for (let i = 0; taken !== "EAGAIN" && i < 10; i++) {
      start = w.time;
      taken = await w.until(w.a.sys.write(w.client, new Uint8Array(100_000)));
    }
    expect(taken).toBe("EAGAIN");
    expect(w.time - start).toBeCloseTo(1, 3);
  });

  test("a blocked write ends with the connection's error, or with what it had written", async () => {
    const w = ends();
    w.a.sys.fcntl(w.client, C.F_SETFL, 0);
    w.b.setOption(w.server, C.SOL_SOCKET, O.SO_RCVBUF, 10_000);
    const outcome = w.a.sys.write(w.client, new Uint8Array(9_000_000));
    w.pass();
    w.b.sys.close(w.server);
    const written = (await w.until(outcome)) as number;
    expect(written).toBeGreaterThan(0);
    expect(await w.until(w.a.sys.write(w.client, new Uint8Array(1)))).toBe("ECONNRESET");
    expect(await w.until(w.a.sys.write(w.client, new Uint8Array(1)))).toBe("EPIPE");
  });

  test("TCP_NOTSENT_LOWAT: with more unsent no unit begins, and the socket is not writable", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_TCP, O.TCP_NOTSENT_LOWAT, 4_000);
    const taken = Number(w.a.send(w.client, 1_000_000));
    expect(taken).toBeLessThan(130_000);
    expect(w.a.mask(w.client)).toBe("");
    expect(w.a.send(w.client, 1)).toBe("EAGAIN");
    w.pass(1);
    expect(w.a.mask(w.client)).toBe("OUT");
    w.a.setOption(w.client, C.SOL_TCP, O.TCP_NOTSENT_LOWAT, 0);
    expect(Number(w.a.send(w.client, 1_000_000))).toBeGreaterThan(130_000);
  });
});

describe("MSG_ZEROCOPY", () => {
  const completion = (w: Ends, fd: number): readonly unknown[] => {
    const header: MessageHeader = { vectors: [{ bytes: null, length: 0 }], control: new Uint8Array(100) };
    const got = show(w.a.sys.recvmsg(fd, header, C.MSG_ERRQUEUE));
    if (typeof got === "string") return [got];
    const [message] = readControl(header.control?.subarray(0, header.controlLength) as Uint8Array) ?? [];
    const data = new DataView(new Uint8Array(message?.data ?? []).buffer);
    return [
      got,
      header.flags,
      message?.level,
      message?.type,
      data.getUint32(0, true),
      data.getUint8(4),
      data.getUint8(6),
      data.getUint32(8, true),
      data.getUint32(12, true),
    ];
  };

  test("calls are told as completed, in ranges; POLLERR says that there is something to read", () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_ZEROCOPY, 1);
    expect(w.a.send(w.client, 100, C.MSG_ZEROCOPY)).toBe(100);
    expect(w.a.mask(w.client)).toBe("OUT ERR");
    expect(w.a.error(w.client)).toBe(0);
    const about = [0, C.MSG_ERRQUEUE, C.SOL_IP, O.IP_RECVERR, 0, C.SO_EE_ORIGIN_ZEROCOPY, 1];
    expect(completion(w, w.client)).toEqual([...about, 0, 0]);
    expect(w.a.mask(w.client)).toBe("OUT");
    for (let i = 0; i < 3; i++) w.a.send(w.client, 100, C.MSG_ZEROCOPY);
    w.a.send(w.client, 0, C.MSG_ZEROCOPY);
    expect(completion(w, w.client)).toEqual([...about, 1, 3]);
    expect(completion(w, w.client)).toEqual(["EAGAIN"]);
  });

  test("without SO_ZEROCOPY, or when nothing was sent, nothing is told", () => {
    const w = ends();
    w.a.send(w.client, 100, C.MSG_ZEROCOPY);
    expect(completion(w, w.client)).toEqual(["EAGAIN"]);
    const fd = w.a.tcp();
    w.a.setOption(fd, C.SOL_SOCKET, O.SO_ZEROCOPY, 1);
    expect(w.a.send(fd, 100, C.MSG_ZEROCOPY)).toBe("EPIPE");
    expect(completion(w, fd)).toEqual(["EAGAIN"]);
  });
});
