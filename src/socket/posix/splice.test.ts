import { describe, expect, test } from "vitest";
import { C, O, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";

function ends() {
  const w = new PosixWorld();
  const fds: number[] = [];
  w.a.sys.pipe2(fds, C.O_NONBLOCK);
  const [reader, writer] = fds as [number, number];
  const splice = (from: number, to: number, length: number, flags = 0): Shown =>
    show(w.a.sys.splice(from, null, to, null, length, flags));
  return Object.assign(w, w.pair(), { reader, writer, splice });
}

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i & 0xff);

describe("splice as on Linux 6.18", () => {
  test("out of a socket into a pipe, and out of it into a socket", () => {
    const w = ends();
    w.b.sys.write(w.server, bytes(100));
    w.pass();
    expect(w.splice(w.client, w.writer, 50)).toBe(50);
    expect(w.splice(w.client, w.writer, 0)).toBe(0);
    expect(w.splice(w.reader, w.client, 20)).toBe(20);
    expect(w.splice(w.reader, w.client, 100)).toBe(30);
    expect(w.splice(w.reader, w.client, 10)).toBe("EAGAIN");
    w.pass();
    const got = new Uint8Array(100);
    expect(show(w.b.sys.read(w.server, got))).toBe(50);
    expect([...got.subarray(0, 50)]).toEqual([...bytes(50)]);
    expect(w.a.recv(w.client, 500)).toBe(50);
    expect(w.splice(w.client, w.writer, 10)).toBe("EAGAIN");
  });

  test("its errors", () => {
    const w = ends();
    const { sys } = w.a;
    const zero = { value: 0 };
    expect(w.splice(w.client, w.client, 10)).toBe("EINVAL");
    expect(w.splice(w.client, w.writer, 10, 0x100)).toBe("EINVAL");
    expect([w.splice(w.writer, w.client, 1), w.splice(w.client, w.reader, 1)]).toEqual(["EBADF", "EBADF"]);
    expect([w.splice(999, w.writer, 1), w.splice(w.reader, w.writer, 1)]).toEqual(["EBADF", "EINVAL"]);
    expect(show(sys.splice(w.client, null, w.writer, zero, 10, 0))).toBe("ESPIPE");
    expect(show(sys.splice(w.client, zero, w.writer, null, 10, 0))).toBe("EINVAL");
    w.a.sys.close(w.reader);
    w.b.send(w.server, 10);
    w.pass();
    expect(w.splice(w.client, w.writer, 10)).toBe("EPIPE");
    expect(w.a.recv(w.client)).toBe(10);
  });

  test("it stops in front of the urgent byte, and finds nothing there", () => {
    const w = ends();
    w.b.send(w.server, "x".repeat(100), C.MSG_OOB);
    w.pass();
    expect(w.splice(w.client, w.writer, 99)).toBe(99);
    expect(w.splice(w.client, w.writer, 1)).toBe(0);
  });

  test("the end of a stream is the end; errors are the socket's", () => {
    const w = ends();
    w.b.sys.close(w.server);
    w.pass();
    expect(w.splice(w.client, w.writer, 10)).toBe(0);
    expect(w.splice(w.a.tcp(), w.writer, 10)).toBe("ENOTCONN");
  });

  test("a full pipe takes no more than it can; a blocking splice waits for the first bytes", async () => {
    const w = ends();
    w.a.setOption(w.client, C.SOL_SOCKET, O.SO_RCVBUF, 200_000);
    w.b.sys.write(w.server, bytes(100_000));
    w.pass(1);
    expect(w.splice(w.client, w.writer, 100_000)).toBe(65_536);
    expect(w.splice(w.client, w.writer, 100_000)).toBe("EAGAIN");
    w.a.sys.read(w.reader, new Uint8Array(65_536));
    w.a.recv(w.client, 100_000);
    for (const fd of [w.client, w.reader, w.writer]) w.a.sys.fcntl(fd, C.F_SETFL, 0);
    const outcome = w.a.sys.splice(w.client, null, w.writer, null, 1_000, 0);
    expect(show(outcome)).toBe("waits");
    expect(w.splice(w.client, w.writer, 10, C.SPLICE_F_NONBLOCK)).toBe("EAGAIN");
    w.b.send(w.server, 7);
    expect(await w.until(outcome)).toBe(7);
  });

  test("between pipes and files, with offsets of one's own", () => {
    const w = ends();
    const file = w.a.sys.openFile(bytes(20), C.O_RDWR).value;
    const offset = { value: 5 };
    expect(show(w.a.sys.splice(file, offset, w.writer, null, 10))).toBe(10);
    expect(offset.value).toBe(15);
    expect(w.splice(file, w.writer, 3)).toBe(3);
    const got = new Uint8Array(20);
    expect(show(w.a.sys.read(w.reader, got))).toBe(13);
    expect([...got.subarray(0, 13)]).toEqual([...bytes(20).subarray(5, 15), 0, 1, 2]);
    w.a.sys.write(w.writer, Uint8Array.of(9, 9));
    expect(show(w.a.sys.splice(w.reader, null, file, { value: 18 }, 5))).toBe(2);
    expect(show(w.a.sys.splice(file, { value: -1 }, w.writer, null, 5))).toBe("EINVAL");
  });
});

describe("sendfile as on Linux 6.18", () => {
  test("a file goes to a socket or a pipe, from its position or from an offset", () => {
    const w = ends();
    const file = w.a.sys.openFile(bytes(100)).value;
    const send = (count: number, offset: { value: number } | null = null): Shown =>
      show(w.a.sys.sendfile(w.client, file, offset, count));
    const offset = { value: 5 };
    expect([send(10), send(10, offset), offset.value]).toEqual([10, 10, 15]);
    expect([send(10, { value: 1_000_000 }), send(10, { value: -1 }), send(0)]).toEqual([0, "EINVAL", 0]);
    expect(send(1_000)).toBe(90);
    expect(send(1_000)).toBe(0);
    w.pass();
    expect(w.b.recv(w.server, 999)).toBe(110);
    expect(show(w.a.sys.sendfile(w.writer, file, { value: 0 }, 10))).toBe(10);
  });

  test("its errors: only files can be sent, and only to who can be written to", () => {
    const w = ends();
    const file = w.a.sys.openFile(bytes(10)).value;
    expect(show(w.a.sys.sendfile(w.client, w.client, null, 1))).toBe("EINVAL");
    expect(show(w.a.sys.sendfile(w.client, w.reader, null, 1))).toBe("EINVAL");
    expect(show(w.a.sys.sendfile(file, file, null, 1))).toBe("EBADF");
    expect(show(w.a.sys.sendfile(999, file, null, 1))).toBe("EBADF");
    expect(show(w.a.sys.sendfile(w.a.tcp(), file, null, 1))).toBe("EPIPE");
  });

  test("non-blocking: as much as there is room for; blocking: all of it", async () => {
    const w = ends();
    const file = w.a.sys.openFile(new Uint8Array(5_000_000)).value;
    const first = Number(show(w.a.sys.sendfile(w.client, file, null, 5_000_000)));
    expect(first).toBeLessThan(5_000_000);
    w.a.sys.fcntl(w.client, C.F_SETFL, 0);
    const outcome = w.a.sys.sendfile(w.client, file, null, 5_000_000);
    expect(show(outcome)).toBe("waits");
    let total = 0;
    while (total < 5_000_000) {
      total += Number(w.b.recv(w.server, 1_000_000)) || 0;
      await w.world.runForAsync(20_000 as never);
    }
    expect(await w.until(outcome)).toBe(5_000_000 - first);
  });
});
