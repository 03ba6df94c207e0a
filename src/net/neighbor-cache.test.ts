import { describe, expect, test } from "vitest";
import type { DropReason } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import { type Duration, type Instant, milliseconds, NEVER, seconds } from "../base/time.ts";
import { IpAddress, ip } from "../wire/address.ts";
import type { MacAddress } from "../wire/mac-address.ts";
import { NeighborCache } from "./neighbor-cache.ts";

const PEER = ip("10.0.0.2");
const MAC = 0x0200_0000_0002 as MacAddress;
const OTHER_MAC = 0x0200_0000_0003 as MacAddress;
const REPLY = { solicited: true, override: true, isRouter: false };
const NEWS = { solicited: false, override: true, isRouter: false };

class Link {
  now = 0 as Instant;
  readonly random = new SeededRandom(1);
  readonly drops: DropReason[] = [];
  /** "who? 10.0.0.2", "you? 10.0.0.2", "1 to 200…2", "1 undeliverable": in order. */
  events: string[] = [];
  readonly cache = new NeighborCache(this, {
    solicit: (neighbor, unicast) => {
      this.events.push(`${unicast === undefined ? "who" : "you"}? ${neighbor.address}`);
    },
    transmit: (packet, to) => {
      this.events.push(`${packet.bytes[packet.start]} to ${to - 0x0200_0000_0000}`);
      return true;
    },
    unreachable: packet => {
      this.events.push(`${packet.bytes[packet.start]} undeliverable`);
    },
  });

  dropped(reason: DropReason): void {
    this.drops.push(reason);
  }

  wakes = 0;

  wake(): void {
    this.wakes++;
  }

  send(mark: number, address = PEER, length = 1): void {
    const packet = PacketBuffer.from(new Uint8Array(length).fill(mark));
    this.cache.send(this.cache.entry(address), packet);
    packet.bytes.fill(0);
  }

  advance(duration: Duration): void {
    const end = (this.now + duration) as Instant;
    while (this.cache.deadline <= end) {
      this.now = Math.max(this.now, this.cache.deadline) as Instant;
      this.cache.expire();
    }
    this.now = end;
  }

  take(): string[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  get state(): string | undefined {
    return this.cache.find(PEER)?.state;
  }
}

function reachable(): Link {
  const link = new Link();
  link.send(1);
  link.cache.advertised(PEER, MAC, REPLY);
  link.take();
  return link;
}

/** REACHABLE lasts at most 45 s. */
function stale(): Link {
  const link = reachable();
  link.advance(seconds(46));
  return link;
}

describe("address resolution (RFC 4861 §7.2)", () => {
  test("the first packet waits while the address is asked for, and leaves when the answer comes", () => {
    const link = new Link();
    link.send(1);
    expect(link.take()).toEqual(["who? 10.0.0.2"]);
    expect(link.state).toBe("incomplete");
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.take()).toEqual(["1 to 2"]);
    expect(link.state).toBe("reachable");
  });

  test("a whole datagram in fragments waits; when there is more, the oldest go (§7.2.2)", () => {
    const link = new Link();
    for (let mark = 1; mark <= 50; mark++) link.send(mark, PEER, 1_500);
    expect(link.take()).toEqual(["who? 10.0.0.2"]);
    expect(link.drops).toEqual(Array.from({ length: 4 }, () => "neighbor-queue-full"));
    link.cache.advertised(PEER, MAC, REPLY);
    const sent = link.take();
    expect([sent.length, sent[0], sent.at(-1)]).toEqual([46, "5 to 2", "50 to 2"]);
  });

  test("what waits for all neighbors together is bounded too: a megabyte", () => {
    const link = new Link();
    const neighbors = Array.from({ length: 100 }, (_, i) => ip(`10.0.1.${i + 1}`));
    for (const neighbor of neighbors) for (let i = 0; i < 20; i++) link.send(1, neighbor, 1_500);
    const held = neighbors.flatMap(neighbor => link.cache.find(neighbor)?.queue ?? []);
    expect(held.length).toBe(Math.floor((1 << 20) / 1_500));
    expect(link.drops.length).toBe(2_000 - held.length);
  });

  test("some addresses that nobody has do not take the room of all who come", () => {
    const link = new Link();
    for (let i = 0; i < 20 * 60; i++) link.send(1, ip(`10.0.1.${1 + (i % 20)}`), 1_500);
    link.take();
    link.send(7, PEER, 1_500);
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.take()).toEqual(["who? 10.0.0.2", "7 to 2"]);
  });

  test("the question is asked three times, a second apart; then all that waited is undeliverable", () => {
    const link = new Link();
    link.send(1);
    link.send(2);
    link.advance(milliseconds(2_999));
    expect(link.take()).toEqual(["who? 10.0.0.2", "who? 10.0.0.2", "who? 10.0.0.2"]);
    link.advance(milliseconds(1));
    expect(link.take()).toEqual(["1 undeliverable", "2 undeliverable"]);
    expect(link.drops).toEqual(["neighbor-failed", "neighbor-failed"]);
    expect(link.state).toBe("failed");
  });

  test("a packet to a failed neighbor begins anew; a failed entry goes after a minute", () => {
    const link = new Link();
    link.send(1);
    link.advance(seconds(10));
    link.take();
    link.send(2);
    expect(link.take()).toEqual(["who? 10.0.0.2"]);
    link.advance(seconds(3));
    expect(link.take()).toEqual(["who? 10.0.0.2", "who? 10.0.0.2", "2 undeliverable"]);
    link.advance(milliseconds(59_999));
    expect(link.state).toBe("failed");
    link.advance(milliseconds(1));
    expect(link.state).toBe(undefined);
    expect(link.cache.deadline).toBe(NEVER);
  });

  test("an answer that comes after all has failed is no answer to anything", () => {
    const link = new Link();
    link.send(1);
    link.advance(seconds(3));
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.state).toBe("failed");
  });

  test("who waits for the deadline is woken when there is one", () => {
    const link = new Link();
    link.send(1);
    expect(link.wakes).toBeGreaterThan(0);
  });

  test("a packet sent from within the report of a failure begins anew", () => {
    const link = new Link();
    let again = true;
    const cache = new NeighborCache(link, {
      solicit: () => {},
      transmit: () => true,
      unreachable: packet => {
        if (again) cache.send(cache.entry(PEER), packet);
        again = false;
      },
    });
    cache.send(cache.entry(PEER), PacketBuffer.from(Uint8Array.of(1)));
    for (let i = 0; i < 3; i++) {
      link.now = cache.deadline;
      cache.expire();
    }
    expect(cache.find(PEER)?.state).toBe("incomplete");
    expect(cache.find(PEER)?.queue.length).toBe(1);
  });

  test("an unsolicited answer resolves to STALE, one without an address to nothing (§7.2.5)", () => {
    const link = new Link();
    link.send(1);
    link.cache.advertised(PEER, undefined, REPLY);
    expect(link.state).toBe("incomplete");
    link.cache.advertised(PEER, MAC, NEWS);
    // The packet that had waited is sent at once, and so begins the delay.
    expect(link.take()).toEqual(["who? 10.0.0.2", "1 to 2"]);
    expect(link.state).toBe("delay");
  });

  test("an answer about somebody that nobody asked for makes no entry (§7.2.5)", () => {
    const link = new Link();
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.state).toBe(undefined);
  });

  test("what has left makes room for what waits for others", () => {
    const link = new Link();
    const others = Array.from({ length: 100 }, (_, i) => ip(`10.0.1.${i + 1}`));
    for (const other of others) for (let i = 0; i < 20; i++) link.send(1, other, 1_500);
    link.send(2, PEER, 1_500);
    expect(link.cache.find(PEER)?.queue.length).toBe(0);
    link.cache.advertised(others[0] as IpAddress, MAC, REPLY);
    for (let i = 0; i < 30; i++) link.send(2, PEER, 1_500);
    // Half of it: a queue leaves to others as much as it takes.
    expect(link.cache.find(PEER)?.queue.length).toBe(10);
  });

  test("who asks us while we ask for him has answered: what waited leaves (§7.2.3)", () => {
    const link = new Link();
    link.send(1);
    link.cache.heard(PEER, MAC);
    expect(link.take()).toEqual(["who? 10.0.0.2", "1 to 2"]);
  });

  test("who asks us becomes STALE and is sent to without a question (§7.2.3)", () => {
    const link = new Link();
    link.cache.heard(PEER, MAC);
    expect(link.state).toBe("stale");
    link.send(1);
    expect(link.take()).toEqual(["1 to 2"]);
  });
});

describe("unreachability detection (RFC 4861 §7.3)", () => {
  test("REACHABLE ends after half to one and a half times 30 s", () => {
    const link = reachable();
    link.advance(milliseconds(14_999));
    link.send(2);
    expect(link.state).toBe("reachable");
    link.advance(seconds(31));
    link.send(3);
    expect(link.state).toBe("delay");
  });

  test("the first packet to a STALE neighbor leaves at once; after 5 s he is probed himself, three times", () => {
    const link = stale();
    link.send(2);
    expect(link.take()).toEqual(["2 to 2"]);
    link.advance(milliseconds(4_999));
    expect(link.take()).toEqual([]);
    link.advance(milliseconds(1));
    expect(link.take()).toEqual(["you? 10.0.0.2"]);
    expect(link.state).toBe("probe");
    link.send(3);
    link.advance(seconds(2));
    expect(link.take()).toEqual(["3 to 2", "you? 10.0.0.2", "you? 10.0.0.2"]);
    link.advance(seconds(1));
    expect(link.state).toBe("failed");
    link.send(4);
    expect(link.take()).toEqual(["who? 10.0.0.2"]);
  });

  test("an answer in PROBE makes him REACHABLE, and no more is asked", () => {
    const link = stale();
    link.send(2);
    link.advance(seconds(5));
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.state).toBe("reachable");
    link.take();
    link.advance(seconds(60));
    expect(link.take()).toEqual([]);
  });

  test("an answer is awaited in INCOMPLETE and PROBE alone: any other proves nothing", () => {
    const link = new Link();
    expect(link.cache.isAsked(PEER)).toBe(false);
    link.send(1);
    expect(link.cache.isAsked(PEER)).toBe(true);
    link.cache.advertised(PEER, MAC, REPLY);
    expect(link.cache.isAsked(PEER)).toBe(false);
    link.advance(seconds(46));
    link.send(2);
    expect([link.state, link.cache.isAsked(PEER)]).toEqual(["delay", false]);
    link.advance(seconds(5));
    expect([link.state, link.cache.isAsked(PEER)]).toEqual(["probe", true]);
  });

  test("forward progress of an upper layer makes him REACHABLE (§7.3.1)", () => {
    const link = stale();
    link.send(2);
    link.cache.confirm(link.cache.entry(PEER));
    expect(link.state).toBe("reachable");
  });

  test("forward progress cannot make up an address that is not known", () => {
    const link = new Link();
    link.send(1);
    link.cache.confirm(link.cache.entry(PEER));
    expect(link.state).toBe("incomplete");
  });
});

describe("an advertisement of the link-layer address that is known, or of none (RFC 4861 §7.2.5)", () => {
  test.each([
    ["the same", MAC],
    ["none", undefined],
  ])("%s: a solicited one proves reachability, with the override flag or without", (_, mac) => {
    for (const override of [true, false]) {
      const link = stale();
      link.cache.advertised(PEER, mac, { solicited: true, override, isRouter: false });
      expect(link.state).toBe("reachable");
      link.send(2);
      expect(link.take()).toEqual(["2 to 2"]);
    }
  });

  test.each([
    ["the same", MAC],
    ["none", undefined],
  ])("%s: news leaves a REACHABLE neighbor as he is", (_, mac) => {
    const link = reachable();
    link.cache.advertised(PEER, mac, NEWS);
    expect(link.state).toBe("reachable");
    link.send(2);
    expect(link.take()).toEqual(["2 to 2"]);
  });

  test("a question of his leaves a REACHABLE neighbor as he is (§7.2.3)", () => {
    const link = reachable();
    link.cache.heard(PEER, MAC);
    expect(link.state).toBe("reachable");
  });

  test("whether he is a router is what he said last", () => {
    const link = new Link();
    const said: Array<boolean | undefined> = [];
    link.send(1);
    for (const isRouter of [true, false, true]) {
      link.cache.advertised(PEER, MAC, { ...REPLY, isRouter });
      said.push(link.cache.find(PEER)?.isRouter);
    }
    // One that may not override, and so is not believed.
    link.cache.advertised(PEER, OTHER_MAC, { solicited: false, override: false, isRouter: false });
    expect([...said, link.cache.find(PEER)?.isRouter]).toEqual([true, false, true, true]);
  });
});

describe("an advertisement of another link-layer address (RFC 4861 §7.2.5)", () => {
  test.each([
    [{ solicited: true, override: true, isRouter: false }, 3, "reachable"],
    [{ solicited: false, override: true, isRouter: false }, 3, "stale"],
    [{ solicited: true, override: false, isRouter: false }, 2, "stale"],
    [{ solicited: false, override: false, isRouter: false }, 2, "stale"],
  ])("%j in REACHABLE", (said, mac, state) => {
    const link = reachable();
    link.cache.advertised(PEER, OTHER_MAC, said);
    expect(link.state).toBe(state);
    link.send(9);
    expect(link.take()).toEqual([`9 to ${mac}`]);
  });

  test("without the override flag it leaves a STALE entry as it is", () => {
    const link = stale();
    link.send(2);
    link.take();
    link.cache.advertised(PEER, OTHER_MAC, { solicited: true, override: false, isRouter: false });
    expect(link.state).toBe("delay");
    link.send(3);
    expect(link.take()).toEqual(["3 to 2"]);
  });

  test("a question from another address makes it STALE with that (§7.2.3)", () => {
    const link = reachable();
    link.cache.heard(PEER, OTHER_MAC);
    expect(link.state).toBe("stale");
    link.send(2);
    expect(link.take()).toEqual(["2 to 3"]);
  });
});

describe("the bound on entries (RFC 6583)", () => {
  test("a sweep through a subnet pushes out its own unanswered questions, not a neighbor in use", () => {
    const link = reachable();
    for (let host = 0; host < 3_000; host++) link.send(1, IpAddress.v4(0x0a01_0000 + host));
    expect(link.cache.entries().length).toBe(1_024);
    expect(link.state).toBe("reachable");
  });

  test("a flood of strangers who tell their addresses pushes out neither a question nor a neighbor in use", () => {
    const link = reachable();
    const asked = ip("10.0.0.9");
    for (let host = 0; host < 2_000; host++) {
      if (host === 1_500) link.send(7, asked);
      link.cache.heard(IpAddress.v4(0x0a01_0000 + host), OTHER_MAC);
    }
    expect(link.cache.entries().length).toBe(1_024);
    expect(link.state).toBe("reachable");
    link.take();
    link.cache.advertised(asked, MAC, REPLY);
    expect(link.take()).toEqual(["7 to 2"]);
  });

  test("strangers who are answered as well push out nobody who is known to receive", () => {
    const link = reachable();
    for (let host = 0; host < 2_000; host++) {
      const stranger = IpAddress.v4(0x0a01_0000 + host);
      link.now = (link.now + 1) as Instant;
      link.cache.heard(stranger, OTHER_MAC);
      link.send(1, stranger);
    }
    expect(link.cache.entries().length).toBe(1_024);
    expect(link.state).toBe("reachable");
  });

  test("among neighbors in use the one unused for longest goes", () => {
    const link = new Link();
    const all = Array.from({ length: 1_024 }, (_, i) => IpAddress.v4(0x0a01_0000 + i));
    for (const address of all) {
      link.send(1, address);
      link.cache.advertised(address, MAC, REPLY);
      link.now = (link.now + 1) as Instant;
    }
    link.send(2, all[0]);
    link.send(2);
    const known = [0, 1, 2].map(i => link.cache.find(all[i] as IpAddress) !== undefined);
    expect(known).toEqual([true, false, true]);
  });

  test("what waited for an evicted entry is dropped", () => {
    const link = new Link();
    link.send(1);
    link.cache.remove(PEER);
    expect(link.drops).toEqual(["neighbor-queue-full"]);
  });

  test("an evicted entry says so, and its timer is gone", () => {
    const link = new Link();
    link.send(1);
    const first = link.cache.entry(PEER);
    link.cache.remove(PEER);
    expect(first.evicted).toBe(true);
    expect(link.cache.deadline).toBe(NEVER);
    expect(link.cache.entry(PEER)).not.toBe(first);
  });
});
