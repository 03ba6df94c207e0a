/**
 * Blind attacks on a live connection: the attacker knows its four-tuple and nothing else, or sees old frames
 * and can repeat them. RFC 5961, RFC 5927, RFC 7323 §5. The attacked connection itself must come to its end
 * with every byte.
 */
import { describe, expect, test } from "vitest";
import { below, chance } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_B } from "../../src/sim/sim-host.ts";
import { ip } from "../../src/wire/address.ts";
import { FLAG, icmpv4, icmpv6, join, tcp, u32, udp } from "../support/frames.ts";
import { Flow } from "./hostile-flow.ts";
import {
  ICMP_KIND_NAMES,
  icmpAbout,
  randomBytes,
  randomOptions,
  randomWord,
  spoofed,
} from "./hostile-segments.ts";
import { A, B, type End, ends, forSeeds, HostileWorld } from "./hostile-world.ts";

const ENDS: readonly End[] = ["a", "b"];

describe.each([4, 6] as const)("a blind attacker of a connection over IPv%d", family => {
  test("random flags, numbers, options, windows and urgent pointers change nothing", () => {
    forSeeds(4, seed => {
      const w = new HostileWorld({ seed });
      const flow = new Flow(w, { port: 80, family, lasting: seconds(1) });
      flow.opens();
      w.attack(400, milliseconds(2), i => {
        const { random } = w;
        const to = ENDS[i & 1] as End;
        w.inject(
          to,
          spoofed(flow.at(to), {
            sequence: randomWord(random),
            acknowledgment: randomWord(random),
            flags: below(random, 256),
            window: below(random, 0x1_0000),
            urgent: below(random, 0x1_0000),
            options: randomOptions(random),
            payload: randomBytes(random, chance(random, 0.5) ? 0 : 600),
          }),
        );
      });
      flow.finishes();
    });
  });

  test("RST, SYN, FIN and text in the window, but not to the number, change nothing (RFC 5961)", () => {
    forSeeds(4, seed => {
      const w = new HostileWorld({ seed });
      const flow = new Flow(w, { port: 80, family });
      flow.opens();
      w.attack(300, milliseconds(2), i => {
        const to = ENDS[i & 1] as End;
        const { random } = w;
        const { tcb } = flow.at(to);
        const flags = [
          FLAG.rst,
          FLAG.rst | FLAG.ack,
          FLAG.syn,
          FLAG.syn | FLAG.ack,
          FLAG.ack | FLAG.fin,
          FLAG.ack,
          0,
        ];
        const flag = flags[below(random, flags.length)] ?? 0;
        // Beyond what the connection will ever come to; the acknowledgment is wrong by more than a window.
        const sequence = tcb.rcv.nxt + 61_000 + below(random, tcb.receiveWindow - 61_000);
        const acknowledgment = tcb.snd.nxt + 0x100_0000 + below(random, 0x7000_0000);
        w.inject(
          to,
          spoofed(flow.at(to), { sequence, acknowledgment, flags: flag, payload: randomBytes(random, 40) }),
        );
      });
      flow.finishes();
    });
  });

  test("a timestamp from the future beside a wrong ACK does not lock the peer out (RFC 7323)", () => {
    const w = new HostileWorld({ seed: 1 });
    const flow = new Flow(w, { port: 80, family });
    flow.opens();
    const future = {
      a: flow.client.timestamps.recent + 0x4000_0000,
      b: flow.at("b").timestamps.recent + 0x4000_0000,
    };
    w.attack(40, milliseconds(10), i => {
      const to = ENDS[i & 1] as End;
      const { tcb } = flow.at(to);
      const options = [1, 1, 8, 10, ...u32(future[to]), ...u32(0)];
      const wrong = { acknowledgment: tcb.snd.nxt + 0x2000_0000, options };
      // A segment that spans the window needs no luck with its number.
      w.inject(to, spoofed(flow.at(to), { sequence: tcb.rcv.nxt, ...wrong }));
      w.inject(
        to,
        spoofed(flow.at(to), { sequence: tcb.rcv.nxt - 10, ...wrong, payload: new Uint8Array(40) }),
      );
    });
    flow.finishes(seconds(60));
  });

  test("an ICMP error does not end it, whether it quotes the right number or not (RFC 5927 §4)", () => {
    forSeeds(3, seed => {
      const w = new HostileWorld({ seed });
      const flow = new Flow(w, { port: 80, family });
      flow.opens();
      w.attack(300, milliseconds(2), i => {
        const { random } = w;
        const to = ENDS[i & 1] as End;
        const { snd } = flow.at(to).tcb;
        const kind = ICMP_KIND_NAMES[below(random, ICMP_KIND_NAMES.length)] ?? "packet too big";
        const sequence = chance(random, 0.5) ? snd.una : randomWord(random);
        const mtu = [0, 1, 68, 100, 552, 1_279, 1_280, 65_535][below(random, 8)] ?? 0;
        w.inject(to, icmpAbout(flow.at(to), sequence, kind, mtu));
      });
      const least = family === 4 ? 552 : 1_280;
      expect(flow.client.path.mtu).toBeGreaterThanOrEqual(least);
      flow.finishes(seconds(60));
    });
  });

  test("an ICMP error with a wrong number lowers no path MTU", () => {
    const w = new HostileWorld({ seed: 1 });
    const flow = new Flow(w, { port: 80, family });
    flow.opens();
    w.attack(100, milliseconds(2), () => {
      const { una } = flow.client.tcb.snd;
      w.inject("a", icmpAbout(flow.client, una - 1 - below(w.random, 0x4000_0000), "packet too big", 1_300));
    });
    expect(w.hosts.a.net.pathMtu.size).toBe(0);
    flow.finishes();
  });

  test("one that quotes a datagram of an open port to its peer makes no segment smaller", () => {
    const w = new HostileWorld({ seed: 1 });
    const flow = new Flow(w, { port: 80, family });
    flow.opens();
    const server = w.hosts.b.udp.open({ family });
    server.bind(undefined, 53);
    const c = flow.at("b");
    const ends = { source: c.local.toString(), destination: c.remote.toString() };
    const quote = udp({ ...ends, sourcePort: 53, destinationPort: 5_000, payload: [1, 2, 3, 4] });
    const back = { source: ends.destination, destination: ends.source };
    const rest = join(u32(1_300), quote);
    w.inject("b", family === 4 ? icmpv4(back, 3, 4, rest) : icmpv6(back, 2, 0, rest));
    w.run(milliseconds(5));
    expect(w.hosts.b.net.pathMtu.get(c.remote, w.hosts.b.now)).toBe(1_300);
    expect(c.info().pathMtu).toBe(1_500);
    flow.finishes();
  });

  test("replays of every old frame, to either end, change nothing", () => {
    forSeeds(4, seed => {
      const w = new HostileWorld({ seed, medium: seed % 2 === 0 ? "ethernet" : "ip" });
      const flow = new Flow(w, { port: 80, family, lasting: seconds(1) });
      flow.opens();
      w.attack(1_000, milliseconds(1), i => {
        const to = ENDS[i & 1] as End;
        const old = w.oldFrame(to);
        if (old !== undefined) w.injectFrame(to, old);
      });
      flow.finishes();
    });
  });
});

describe("a connection that is being opened", () => {
  function connecting() {
    const w = new HostileWorld({ seed: 1 });
    // Nobody is there.
    const client = w.hosts.a.tcp.connect({ remote: ip("10.0.0.77"), remotePort: 80 });
    w.run(milliseconds(10));
    const ports = { sourcePort: 80, destinationPort: client.localPort };
    return { w, client, tuple: { source: "10.0.0.77", destination: A, ...ports } };
  }

  test("is not ended by anything whose ACK is wrong; each is answered by one RST at most", () => {
    const { w, client, tuple } = connecting();
    const sent = w.sent.a;
    w.attack(400, milliseconds(1), () => {
      const flags = FLAG.ack | (below(w.random, 32) & ~FLAG.ack);
      const acknowledgment = client.tcb.snd.nxt + 1 + below(w.random, 0x7fff_0000);
      w.inject("a", tcp({ ...tuple, flags, sequence: randomWord(w.random), acknowledgment, payload: [1] }));
    });
    expect(client.state).toBe("SYN-SENT");
    expect(w.sent.a - sent).toBeLessThanOrEqual(400);
  });

  test("is not ended by an ICMP error with a wrong number, but by one with the right one", () => {
    const { w, client } = connecting();
    const about = (sequence: number): Uint8Array => {
      const quoted = {
        source: A,
        destination: "10.0.0.77",
        sourcePort: client.localPort,
        destinationPort: 80,
      };
      return icmpv4({ source: B, destination: A }, 3, 1, join(u32(0), tcp({ ...quoted, sequence })));
    };
    w.attack(100, milliseconds(1), () =>
      w.inject("a", about(client.tcb.iss + 1 + below(w.random, 0x7fff_0000))),
    );
    expect(client.state).toBe("SYN-SENT");
    w.inject("a", about(client.tcb.iss));
    w.run(milliseconds(10));
    expect(client.error).toBe("EHOSTUNREACH");
  });
});

describe("how much a host answers", () => {
  /** Segments that a host sends for `count` hostile ones, on an idle connection. */
  function answers(seed: number, make: (w: HostileWorld, flow: Flow) => Uint8Array, count = 400): number {
    const w = new HostileWorld({ seed });
    const flow = new Flow(w, { port: 80, bytes: 100, lasting: seconds(1_000) });
    flow.opens();
    w.run(seconds(30));
    const before = w.sent.a + w.sent.b;
    for (let i = 0; i < count; i++) {
      w.inject("a", make(w, flow));
      w.world.runFor(microseconds(500));
    }
    w.run(seconds(1));
    return w.sent.a + w.sent.b - before;
  }

  const HONEST = 10;

  test("bare segments out of the window, SYNs and wrong RSTs: at most four a second (RFC 5961 §7)", () => {
    const kinds = [FLAG.ack, FLAG.syn, FLAG.syn | FLAG.ack, FLAG.rst];
    for (const flags of kinds) {
      const sent = answers(1, (w, flow) =>
        spoofed(flow.client, { sequence: randomWord(w.random), acknowledgment: randomWord(w.random), flags }),
      );
      expect(sent, `flags ${flags}`).toBeLessThanOrEqual(HONEST + 2 * 4);
    }
  });

  test.each([
    ["text", { payload: [1] }],
    ["FIN", { flags: FLAG.fin | FLAG.ack }],
  ])("%s out of the window: one ACK a segment at most, and the peer does not answer that", (_name, what) => {
    const sent = answers(1, (w, flow) =>
      spoofed(flow.client, { sequence: randomWord(w.random), acknowledgment: randomWord(w.random), ...what }),
    );
    expect(sent).toBeLessThanOrEqual(400 + HONEST);
  });

  test("segments to no connection: one RST each", () => {
    const sent = answers(1, w =>
      tcp({ ...ends("a", 4), sourcePort: 9, destinationPort: 9, flags: below(w.random, 256) }),
    );
    expect(sent).toBeLessThanOrEqual(400 + HONEST);
  });

  test("two half-open ends that a stranger has introduced to each other do not talk for ever", () => {
    const w = new HostileWorld({ seed: 1 });
    w.hosts.a.tcp.listen({ port: 7 });
    w.hosts.b.tcp.listen({ port: 7 });
    w.inject(
      "a",
      tcp({ source: B, destination: A, sourcePort: 7, destinationPort: 7, sequence: 1, flags: FLAG.syn }),
    );
    w.inject(
      "b",
      tcp({ source: A, destination: B, sourcePort: 7, destinationPort: 7, sequence: 1, flags: FLAG.syn }),
    );
    w.run(seconds(60));
    // Six SYN-ACKs each, and what they are answered with at two a second.
    expect(w.sent.a + w.sent.b).toBeLessThanOrEqual(50);
    w.run(seconds(120));
    w.expectNoRecords();
  });

  test("a connection that text was injected into does not talk for ever, and ends", () => {
    const w = new HostileWorld({ seed: 1 });
    const listener = w.hosts.b.tcp.listen({ port: 80 });
    const client = w.hosts.a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    w.run(seconds(1));
    const server = listener.accept() ?? fail();
    const tuple = { sourcePort: 80, destinationPort: client.localPort };
    const { rcv, snd } = client.tcb;
    w.inject(
      "a",
      tcp({
        ...ends("a", 4),
        ...tuple,
        sequence: rcv.nxt,
        acknowledgment: snd.nxt,
        payload: join("x".charCodeAt(0)),
      }),
    );
    client.send(new Uint8Array(100));
    server.send(new Uint8Array(100));
    const before = w.sent.a + w.sent.b;
    w.run(seconds(10));
    expect(w.sent.a + w.sent.b - before).toBeLessThanOrEqual(100);
    client.release();
    server.release();
    w.run(seconds(2_000));
    w.expectNoRecords();
  });
});

function fail(): never {
  throw new Error("it is not there");
}
