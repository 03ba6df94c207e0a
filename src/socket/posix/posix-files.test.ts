import { describe, expect, test } from "vitest";
import { C, inet, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";

describe("descriptors as on Linux 6.18", () => {
  test("the lowest free one is given", () => {
    const { a } = new PosixWorld();
    expect([a.tcp(), a.udp(), a.tcp()]).toEqual([3, 4, 5]);
    a.sys.close(4);
    expect(a.tcp()).toBe(4);
    expect(a.sys.descriptors()).toEqual([3, 4, 5]);
  });

  test("what is not open is EBADF, what is no socket ENOTSOCK", () => {
    const { a } = new PosixWorld();
    const { sys } = a;
    const file = sys.openFile(new Uint8Array(5)).value;
    const address = inet("10.0.0.2", 80);
    const calls: Array<(fd: number) => Shown> = [
      fd => show(sys.bind(fd, address)),
      fd => show(sys.connect(fd, address)),
      fd => show(sys.listen(fd, 1)),
      fd => show(sys.accept(fd)),
      fd => show(sys.send(fd, new Uint8Array(1))),
      fd => show(sys.recv(fd, new Uint8Array(1))),
      fd => show(sys.sendmsg(fd, { vectors: [] })),
      fd => show(sys.recvmsg(fd, { vectors: [] })),
      fd => show(sys.shutdown(fd, 0)),
      fd => show(sys.getsockname(fd, { bytes: null, length: 0 })),
      fd => show(sys.getpeername(fd, { bytes: null, length: 0 })),
      fd => a.option(fd, C.SOL_SOCKET, 1),
    ];
    expect(calls.map(call => call(99))).toEqual(calls.map(() => "EBADF"));
    expect(calls.map(call => call(-1))).toEqual(calls.map(() => "EBADF"));
    expect(calls.map(call => call(file))).toEqual(calls.map(() => "ENOTSOCK"));
    const others = [
      show(sys.read(99, null)),
      show(sys.write(99, null)),
      show(sys.close(99)),
      show(sys.dup(99)),
      show(sys.fcntl(99, C.F_GETFL)),
      a.ioctl(99, C.FIONREAD),
    ];
    expect(others).toEqual(others.map(() => "EBADF"));
    expect(show(sys.write(file, new Uint8Array(1)))).toBe("EBADF");
    const fd = a.tcp();
    expect([show(sys.sendmsg(fd, null)), show(sys.recvmsg(fd, null))]).toEqual(["EFAULT", "EFAULT"]);
  });

  test("dup shares the file and its flags, not close-on-exec", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp(C.SOCK_CLOEXEC);
    const copy = a.sys.dup(fd).value;
    a.sys.fcntl(copy, C.F_SETFL, C.O_NONBLOCK);
    expect(a.sys.fcntl(fd, C.F_GETFL).value).toBe(C.O_RDWR | C.O_NONBLOCK);
    expect([a.sys.fcntl(fd, C.F_GETFD).value, a.sys.fcntl(copy, C.F_GETFD).value]).toEqual([1, 0]);
    a.sys.close(fd);
    expect(a.mask(copy)).toBe("OUT HUP");
  });

  test("dup2 and dup3", () => {
    const { a } = new PosixWorld();
    const [fd, other] = [a.tcp(), a.udp()];
    expect([show(a.sys.dup2(fd, fd)), show(a.sys.dup3(fd, fd, 0)), show(a.sys.dup3(fd, 30, 1))]).toEqual([
      fd,
      "EINVAL",
      "EINVAL",
    ]);
    expect([show(a.sys.dup2(fd, -1)), show(a.sys.dup2(99, 5)), show(a.sys.dup2(fd, 5_000))]).toEqual([
      "EBADF",
      "EBADF",
      "EBADF",
    ]);
    expect(show(a.sys.dup2(fd, other))).toBe(other);
    expect(a.option(other, C.SOL_SOCKET, 3)).toBe(C.SOCK_STREAM);
    expect(show(a.sys.dup3(fd, 300, C.O_CLOEXEC))).toBe(300);
    expect(a.sys.fcntl(300, C.F_GETFD).value).toBe(1);
  });

  test("fcntl", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    const fcntl = (command: number, argument = 0): Shown => show(a.sys.fcntl(fd, command, argument));
    expect([fcntl(C.F_GETFL), fcntl(C.F_SETFL, C.O_NONBLOCK), fcntl(C.F_GETFL)]).toEqual([2, 0, 0o4002]);
    expect([fcntl(C.F_SETFL, 0), fcntl(C.F_GETFL), fcntl(C.F_SETFL, 0xfffffff)]).toEqual([0, 2, "EINVAL"]);
    expect([fcntl(C.F_SETFD, 1), fcntl(C.F_GETFD), fcntl(C.F_SETFD, 6), fcntl(C.F_GETFD)]).toEqual([
      0, 1, 0, 0,
    ]);
    expect([fcntl(C.F_DUPFD, 100), fcntl(C.F_DUPFD, -1), fcntl(C.F_DUPFD_CLOEXEC, 100)]).toEqual([
      100,
      "EINVAL",
      101,
    ]);
    expect([fcntl(7_777), fcntl(C.F_GETPIPE_SZ)]).toEqual(["EINVAL", "EBADF"]);
  });

  test("ioctl", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    expect(a.ioctl(fd, 0x1234)).toBe("ENOTTY");
    expect([show(a.sys.ioctl(fd, C.FIONBIO)), show(a.sys.ioctl(fd, C.FIONREAD))]).toEqual([
      "EFAULT",
      "EFAULT",
    ]);
    a.sys.ioctl(fd, C.FIONBIO, { value: 1 });
    expect(a.sys.fcntl(fd, C.F_GETFL).value).toBe(C.O_RDWR | C.O_NONBLOCK);
    a.sys.ioctl(fd, C.FIONBIO, { value: 0 });
    expect(a.sys.fcntl(fd, C.F_GETFL).value).toBe(C.O_RDWR);
    for (const request of [C.SIOCINQ, C.SIOCOUTQ, C.SIOCOUTQNSD]) expect(a.ioctl(fd, request)).toBe(0);
  });

  test("a table that is full: EMFILE, and a connection stays in the queue", () => {
    const w = new PosixWorld();
    const listener = w.b.listener();
    w.a.connect(w.a.tcp(C.SOCK_NONBLOCK), inet("10.0.0.2", 80));
    w.pass();
    const fds: number[] = [];
    for (let fd = w.b.udp(); fd >= 0; fd = w.b.udp()) fds.push(fd);
    expect(show(w.b.sys.socket(2, 1, 0))).toBe("EMFILE");
    expect(show(w.b.sys.accept(listener))).toBe("EMFILE");
    expect([show(w.b.sys.dup(listener)), show(w.b.sys.pipe([])), show(w.b.sys.epollCreate1(0))]).toEqual([
      "EMFILE",
      "EMFILE",
      "EMFILE",
    ]);
    expect(show(w.b.sys.socketpair(C.AF_UNIX, 1, 0, []))).toBe("EMFILE");
    w.b.sys.close(fds[0] as number);
    expect(show(w.b.sys.accept(listener))).toBe(fds[0]);
    w.b.sys.closeAll();
    expect(w.b.sys.descriptors()).toEqual([]);
  });
});

test("a file in memory is read and written at its position", () => {
  const { a } = new PosixWorld();
  const fd = a.sys.openFile(Uint8Array.of(1, 2, 3), C.O_RDWR | C.O_CLOEXEC).value;
  const buffer = new Uint8Array(2);
  expect([show(a.sys.read(fd, buffer)), ...buffer]).toEqual([2, 1, 2]);
  expect(a.ioctl(fd, C.FIONREAD)).toBe(1);
  expect(show(a.sys.write(fd, Uint8Array.of(7, 8, 9)))).toBe(3);
  expect(show(a.sys.read(fd, buffer))).toBe(0);
  expect(a.sys.fcntl(fd, C.F_GETFD).value).toBe(1);
  expect(show(a.sys.read(a.sys.openFile(Uint8Array.of(1)).value, null, 1))).toBe("EFAULT");
});
