import { describe, expect, test } from "vitest";
import { C, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";

function piped(flags = C.O_NONBLOCK) {
  const w = new PosixWorld();
  const fds: number[] = [];
  w.a.sys.pipe2(fds, flags);
  const [reader, writer] = fds as [number, number];
  const read = (count: number): Shown => show(w.a.sys.read(reader, new Uint8Array(count)));
  const write = (count: number): Shown => show(w.a.sys.write(writer, new Uint8Array(count)));
  return Object.assign(w, { reader, writer, read, write });
}

describe("pipes as on Linux 6.18", () => {
  test("masks, flags and what the wrong end cannot do", () => {
    const w = piped();
    expect([w.a.mask(w.reader), w.a.mask(w.writer)]).toEqual(["", "OUT"]);
    expect(w.read(10)).toBe("EAGAIN");
    expect(w.write(5)).toBe(5);
    expect(w.a.mask(w.reader)).toBe("IN");
    expect(show(w.a.sys.read(w.writer, new Uint8Array(1)))).toBe("EBADF");
    expect(show(w.a.sys.write(w.reader, new Uint8Array(1)))).toBe("EBADF");
    expect([w.a.ioctl(w.reader, C.FIONREAD), w.a.ioctl(w.writer, C.FIONREAD)]).toEqual([5, 5]);
    expect(w.a.sys.fcntl(w.reader, C.F_GETFL).value).toBe(C.O_NONBLOCK);
    expect(w.a.sys.fcntl(w.writer, C.F_GETFL).value).toBe(C.O_NONBLOCK | C.O_WRONLY);
    expect(w.a.recv(w.reader)).toBe("ENOTSOCK");
    expect(show(w.a.sys.read(w.reader, null, 3))).toBe("EFAULT");
    expect(show(w.a.sys.write(w.writer, null, 3))).toBe("EFAULT");
    expect([w.read(0), w.read(9)]).toEqual([0, 5]);
    expect(show(w.a.sys.pipe2([], 1))).toBe("EINVAL");
  });

  test("when the writer is gone: what there is, then the end; when the reader is gone: EPIPE", () => {
    const w = piped();
    w.write(5);
    w.a.sys.close(w.writer);
    expect(w.a.mask(w.reader)).toBe("IN HUP");
    expect([w.read(10), w.read(10)]).toEqual([5, 0]);
    expect(w.a.mask(w.reader)).toBe("HUP");
    const v = piped();
    v.a.sys.close(v.reader);
    expect(v.a.mask(v.writer)).toBe("OUT ERR");
    expect([v.write(1), v.write(0)]).toEqual(["EPIPE", 0]);
  });

  test("single bytes fill all of it; there is room again when a whole page has been read", () => {
    const w = piped();
    let count = 0;
    while (w.write(1) === 1) count++;
    expect(count).toBe(65_536);
    expect(w.a.mask(w.writer)).toBe("");
    w.read(512);
    expect([w.a.mask(w.writer), w.write(1)]).toEqual(["", "EAGAIN"]);
    w.read(3_584);
    expect(w.a.mask(w.writer)).toBe("OUT");
    expect(w.write(5_000)).toBe(4_096);
  });

  test("a page is written as a whole or not at all, more in parts", () => {
    const w = piped();
    expect(w.write(100_000)).toBe(65_536);
    expect(w.write(1)).toBe("EAGAIN");
    const v = piped();
    v.write(62_000);
    expect(v.write(4_096)).toBe("EAGAIN");
    expect(v.write(5_000)).toBe(904);
  });

  test("F_SETPIPE_SZ takes the next power of two pages, up to 1 MB", () => {
    const w = piped();
    const size = (command: number, argument = 0): Shown => show(w.a.sys.fcntl(w.reader, command, argument));
    expect(size(C.F_GETPIPE_SZ)).toBe(65_536);
    expect([size(C.F_SETPIPE_SZ, 5_000), size(C.F_SETPIPE_SZ, 1 << 30)]).toEqual([8_192, "EPERM"]);
    expect(w.write(10_000)).toBe(8_192);
    expect(size(C.F_SETPIPE_SZ, 4_096)).toBe("EBUSY");
  });

  test("blocking: reads wait for text, writes for room, and both for the other end's close", async () => {
    const w = piped(0);
    const first = w.a.sys.read(w.reader, new Uint8Array(10));
    expect(show(first)).toBe("waits");
    w.write(3);
    expect(await w.until(first)).toBe(3);
    const big = w.a.sys.write(w.writer, new Uint8Array(150_000));
    expect(show(big)).toBe("waits");
    let total = 0;
    while (total < 150_000) total += Number(w.read(20_000));
    expect(await w.until(big)).toBe(150_000);
    const last = w.a.sys.read(w.reader, new Uint8Array(10));
    w.a.sys.close(w.writer);
    expect(await w.until(last)).toBe(0);
    const v = piped(0);
    const cut = v.a.sys.write(v.writer, new Uint8Array(100_000));
    v.a.sys.close(v.reader);
    expect(await v.until(cut)).toBe(65_536);
  });

  test("what goes in comes out in order", () => {
    const w = piped();
    const sent: number[] = [];
    const got: number[] = [];
    for (let i = 0; i < 500; i++) {
      const piece = Uint8Array.from({ length: (i * 37) % 900 }, (_, k) => (i + k) & 0xff);
      const taken = show(w.a.sys.write(w.writer, piece));
      if (typeof taken === "number") sent.push(...piece.subarray(0, taken));
      const buffer = new Uint8Array((i * 53) % 1_000);
      const count = show(w.a.sys.read(w.reader, buffer));
      if (typeof count === "number") got.push(...buffer.subarray(0, count));
    }
    const rest = new Uint8Array(70_000);
    const count = Number(show(w.a.sys.read(w.reader, rest)));
    expect([...got, ...rest.subarray(0, count)]).toEqual(sent);
  });
});
