import { describe, expect, test } from "vitest";
import { C, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { type Duration, milliseconds } from "../../base/time.ts";

const NONE = 0 as Duration;

describe("select as on Linux 6.18", () => {
  test("leaves in each set what is ready: a fresh TCP socket is readable (HUP) and writable", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    const sets = { read: new Set([fd]), write: new Set([fd]), except: new Set([fd]) };
    expect(show(a.sys.select(fd + 1, sets, NONE))).toBe(2);
    expect([[...sets.read], [...sets.write], [...sets.except]]).toEqual([[fd], [fd], []]);
  });

  test("descriptors from the count on are not looked at, and leave the set", () => {
    const { a } = new PosixWorld();
    const write = new Set([a.tcp()]);
    expect(show(a.sys.select(1, { write }, NONE))).toBe(0);
    expect(write.size).toBe(0);
  });

  test("errors: a closed descriptor, a negative count, a negative time", () => {
    const { a } = new PosixWorld();
    const read = new Set([17]);
    expect(show(a.sys.select(18, { read }, NONE))).toBe("EBADF");
    expect([...read]).toEqual([17]);
    expect(show(a.sys.select(-1, {}, NONE))).toBe("EINVAL");
    expect(show(a.sys.select(0, {}, -1 as Duration))).toBe("EINVAL");
  });

  test("waits for text, urgent bytes and room; without a time for ever", async () => {
    const w = new PosixWorld();
    const { client, server } = w.pair();
    const sets = { read: new Set([client]), except: new Set([client]) };
    const outcome = w.a.sys.select(client + 1, sets);
    w.pass(3);
    w.b.send(server, "X", C.MSG_OOB);
    expect(await w.until(outcome)).toBe(1);
    expect([[...sets.read], [...sets.except]]).toEqual([[], [client]]);
    w.a.recv(client, 1, C.MSG_OOB);
    const read = new Set([client]);
    const start = w.time;
    expect(await w.until(w.a.sys.select(client + 1, { read }, milliseconds(70)))).toBe(0);
    expect(read.size).toBe(0);
    expect(w.time - start).toBeCloseTo(0.07, 3);
  });

  test("a reset socket is readable and writable, not exceptional", () => {
    const w = new PosixWorld();
    const { client, server } = w.pair();
    w.b.linger(server, 0);
    w.b.sys.close(server);
    w.pass();
    const sets = { read: new Set([client]), write: new Set([client]), except: new Set([client]) };
    expect(show(w.a.sys.select(client + 1, sets, NONE))).toBe(2);
  });
});
