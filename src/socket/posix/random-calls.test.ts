/** Random sequences of calls on two hosts: whatever they are, nothing throws and nothing is left behind. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ADDRESS_A, ADDRESS_B, C, inet, O, PosixWorld, type Process } from "../../../test/sim/posix-world.ts";
import { int32 } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";
import { isPending, type SysOutcome } from "./sys-result.ts";

/** Draws the arguments of a call from a row of numbers. */
class Choice {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  of<T>(...values: readonly T[]): T {
    return values[(this.#numbers[this.#at++ % this.#numbers.length] as number) % values.length] as T;
  }

  fd(): number {
    return this.of(3, 4, 5, 6, 7, 8, 9, 10, -1, 99);
  }

  memory(): Uint8Array | null {
    const size = this.of(0, 1, 100, 5_000, 70_000, -1);
    return size < 0 ? null : new Uint8Array(size);
  }

  address(): Uint8Array | null {
    const port = this.of(0, 80, 81, 40_000);
    return this.of(
      inet(ADDRESS_A, port),
      inet(ADDRESS_B, port),
      inet("0.0.0.0", port),
      inet("224.0.0.1", port),
      new Uint8Array(16),
      new Uint8Array(3),
      null,
    );
  }

  flags(): number {
    const { MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB, MSG_MORE, MSG_ERRQUEUE, MSG_FASTOPEN } = C;
    return this.of(0, 0, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB, MSG_MORE, MSG_ERRQUEUE, MSG_FASTOPEN);
  }
}

type Call = (sys: Process["sys"], choose: Choice) => SysOutcome;

const OPTIONS = Object.entries(O).filter(([name]) => /^(SO|TCP|IP|IPV6|UDP)_/.test(name));
const LEVELS = [C.SOL_SOCKET, C.SOL_TCP, C.SOL_IP, C.SOL_IPV6, C.SOL_UDP] as const;
const NB = C.SOCK_NONBLOCK;

const CALLS: readonly Call[] = [
  (sys, c) => sys.socket(c.of(C.AF_INET, C.AF_INET6), c.of(1, 2) | c.of(0, NB, NB), 0),
  (sys, c) => sys.socketpair(C.AF_UNIX, c.of(1, 2, 5) | c.of(0, NB), 0, []),
  (sys, c) => sys.pipe2([], c.of(0, NB)),
  (sys, c) => sys.epollCreate1(c.of(0, 1)),
  (sys, c) => sys.openFile(new Uint8Array(c.of(0, 10, 9_000)), c.of(0, 2)),
  (sys, c) => sys.bind(c.fd(), c.address()),
  (sys, c) => sys.listen(c.fd(), c.of(-1, 0, 5)),
  (sys, c) => sys.accept4(c.fd(), null, c.of(0, NB, NB)),
  (sys, c) => sys.connect(c.fd(), c.address()),
  (sys, c) => sys.connect(c.fd(), c.address()),
  (sys, c) => sys.read(c.fd(), c.memory(), c.of(undefined, 10)),
  (sys, c) => sys.write(c.fd(), c.memory(), c.of(undefined, 10)),
  (sys, c) => sys.recv(c.fd(), c.memory(), undefined, c.flags()),
  (sys, c) => sys.send(c.fd(), c.memory(), undefined, c.flags()),
  (sys, c) => sys.sendto(c.fd(), c.memory(), undefined, c.flags(), c.address()),
  (sys, c) => sys.recvmsg(c.fd(), header(c), c.flags()),
  (sys, c) => sys.sendmsg(c.fd(), header(c), c.flags()),
  (sys, c) => sys.shutdown(c.fd(), c.of(0, 1, 2, 3)),
  (sys, c) => sys.close(c.fd()),
  (sys, c) => sys.dup(c.fd()),
  (sys, c) => sys.dup2(c.fd(), c.of(3, 5, 12, -1)),
  (sys, c) => sys.fcntl(c.fd(), c.of(0, 1, 2, 3, 4, 1030, 1031, 1032), c.of(0, C.O_NONBLOCK, 20, 8_192)),
  (sys, c) =>
    sys.ioctl(c.fd(), c.of(C.FIONREAD, C.TIOCOUTQ, C.SIOCOUTQNSD, C.SIOCATMARK, C.FIONBIO), { value: 1 }),
  (sys, c) => {
    const [, name] = c.of(...OPTIONS);
    const value = c.of(int32(1), int32(-1), int32(70_000), new Uint8Array(1), new Uint8Array(250), null);
    return sys.setsockopt(c.fd(), c.of(...LEVELS), name as number, value, value?.length ?? 4);
  },
  (sys, c) => {
    const [, name] = c.of(...OPTIONS);
    return sys.getsockopt(c.fd(), c.of(...LEVELS), name as number, new Uint8Array(300), {
      value: c.of(300, 4, 1, 0, -1),
    });
  },
  (sys, c) => sys.getsockname(c.fd(), { bytes: new Uint8Array(28), length: c.of(28, 5, 0) }),
  (sys, c) => sys.getpeername(c.fd(), { bytes: new Uint8Array(28), length: c.of(28, 5, 0) }),
  (sys, c) =>
    sys.poll(
      [c.fd(), c.fd()].map(fd => ({ fd, events: 0xffff, revents: 0 })),
      c.of(0, 5, 50, 5_000),
    ),
  (sys, c) => sys.select(20, { read: new Set([c.fd()]), write: new Set([c.fd()]) }, c.of(0, 9_000) as never),
  (sys, c) => {
    const events = c.of(1, 4, 0x2007, 0x80002007, 0x40000005, 0x10000005);
    return sys.epollCtl(c.fd(), c.of(1, 1, 2, 3), c.fd(), { events, data: 0n });
  },
  (sys, c) => sys.epollWait(c.fd(), [], c.of(1, 10), c.of(0, 5, -1)),
  (sys, c) => sys.splice(c.fd(), null, c.fd(), null, c.of(1, 500, 100_000), c.of(0, 2)),
  (sys, c) => sys.sendfile(c.fd(), c.fd(), c.of(null, { value: 3 }), c.of(5, 50_000)),
];

function header(choose: Choice): MessageHeader {
  return {
    name: choose.of(null, new Uint8Array(28), inet(ADDRESS_B, 80)),
    vectors: [{ bytes: choose.memory() }, { bytes: choose.memory() }],
    control: choose.of(null, new Uint8Array(64), new Uint8Array(5)),
  };
}

const step = fc.tuple(
  fc.boolean(),
  fc.nat(CALLS.length - 1),
  fc.array(fc.nat(999), { minLength: 8, maxLength: 8 }),
  fc.constantFrom(0, 0, 0.001, 0.02, 1),
);

test("no call throws, whatever came before; when all is closed, nothing is left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async steps => {
      const w = new PosixWorld({ fastOpen: 0x607 });
      let pending = 0;
      // Something for the random descriptors to be.
      for (const { sys } of [w.a, w.b]) {
        for (const type of [1, 2, 1 | NB, 1 | NB, 2 | NB]) sys.socket(C.AF_INET, type, 0);
        sys.bind(5, inet("0.0.0.0", 80));
        sys.listen(5, 5);
      }
      for (const [isA, call, numbers, time] of steps) {
        const outcome = (CALLS[call] as Call)((isA ? w.a : w.b).sys, new Choice(numbers));
        if (isPending(outcome)) {
          pending++;
          outcome.then(() => pending--);
        } else {
          expect(outcome.value < 0).toBe(outcome.errno !== undefined);
        }
        if (time > 0) w.pass(time);
      }
      for (const { sys } of [w.a, w.b]) {
        sys.closeAll();
        expect(sys.descriptors()).toEqual([]);
      }
      // Long enough for every retransmission, probe and TIME-WAIT.
      w.pass(4_000);
      for (const { host } of [w.a, w.b]) {
        expect([...host.tcp.connections(), ...host.tcp.halfOpen(), ...host.tcp.timeWaits()]).toEqual([]);
        expect([...host.tcp.listeners()]).toEqual([]);
        expect([...host.udp.endpoints()]).toEqual([]);
      }
      await w.world.quiet();
      expect(pending).toBe(0);
    }),
    { numRuns: 60 },
  );
});
