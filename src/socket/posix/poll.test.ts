import { describe, expect, test } from "vitest";
import { C, PosixWorld, show } from "../../../test/sim/posix-world.ts";

describe("poll as on Linux 6.18", () => {
  test("tells what was asked for, and ERR, HUP and NVAL unasked", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    const file = a.sys.openFile(new Uint8Array(3)).value;
    const descriptors = [
      [fd, 0],
      [fd, C.POLLOUT],
      [999, C.POLLIN],
      [-1, C.POLLIN],
      [file, 0xffff],
    ].map(([number, events]) => ({ fd: number as number, events: events as number, revents: 0x7777 }));
    expect(show(a.sys.poll(descriptors, 0))).toBe(4);
    const expected = [C.POLLHUP, C.POLLHUP | C.POLLOUT, C.POLLNVAL, 0, 0x145];
    expect(descriptors.map(descriptor => descriptor.revents)).toEqual(expected);
  });

  test("nobody to look at: waits for its time; too many: EINVAL", async () => {
    const w = new PosixWorld();
    expect(await w.until(w.a.sys.poll([], 250))).toBe(0);
    expect(w.time).toBeCloseTo(0.25, 3);
    const many = Array.from({ length: 1_025 }, () => ({ fd: -1, events: 0, revents: 0 }));
    expect(show(w.a.sys.poll(many, 0))).toBe("EINVAL");
  });

  test("waits for the first of several, and gives up when its time is over", async () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    const { client: other, server } = w.pair(81);
    const descriptors = [client, other].map(fd => ({ fd, events: C.POLLIN, revents: 7 }));
    const start = w.time;
    expect(await w.until(w.a.sys.poll(descriptors, 1_000))).toBe(0);
    expect(w.time - start).toBeCloseTo(1, 3);
    expect(descriptors.map(({ revents }) => revents)).toEqual([0, 0]);
    const outcome = w.a.sys.poll(descriptors, -1);
    w.pass(5);
    w.b.send(server, 10);
    expect(await w.until(outcome)).toBe(1);
    expect(descriptors.map(({ revents }) => revents)).toEqual([0, C.POLLIN]);
    expect(w.time - start).toBeCloseTo(6.005, 3);
  });

  test("a descriptor that is closed meanwhile is told as NVAL", async () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    const descriptor = { fd: client, events: C.POLLIN, revents: 0 };
    const outcome = w.a.sys.poll([descriptor], -1);
    w.a.sys.close(client);
    expect(await w.until(outcome)).toBe(1);
    expect(descriptor.revents).toBe(C.POLLNVAL);
  });
});
