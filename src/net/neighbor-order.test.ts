import { expect, test } from "vitest";
import type { Instant } from "../base/time.ts";
import { IpAddress } from "../wire/address.ts";
import { Neighbor, type NeighborState } from "./neighbor-cache.ts";
import { NeighborOrder } from "./neighbor-order.ts";

const at = (time: number): Instant => time as Instant;

class Crowd {
  readonly order = new NeighborOrder();
  #time = 0;
  #next = 0;

  get now(): Instant {
    return at(this.#time);
  }

  joins(state: NeighborState, isUsed = true): Neighbor {
    const neighbor = new Neighbor(IpAddress.v4(0x0a00_0000 + ++this.#next), at(++this.#time));
    neighbor.isUsed = isUsed;
    this.becomes(neighbor, state);
    return neighbor;
  }

  becomes(neighbor: Neighbor, state: NeighborState): void {
    neighbor.state = state;
    this.order.place(neighbor, this.now);
  }

  uses(neighbor: Neighbor): void {
    neighbor.usedAt = at(++this.#time);
  }

  /** Takes all out, the least worth first. */
  empties(): Neighbor[] {
    const gone: Neighbor[] = [];
    for (;;) {
      const least = this.order.leastWorth(at(++this.#time));
      if (least === undefined) return gone;
      this.order.remove(least);
      gone.push(least);
    }
  }
}

test("failed ones give way first, then who only told his address, the asked, and those that answered last", () => {
  const crowd = new Crowd();
  const reachable = crowd.joins("reachable");
  const probed = crowd.joins("probe");
  const stale = crowd.joins("stale");
  const asked = crowd.joins("incomplete");
  const heard = crowd.joins("stale", false);
  const failed = crowd.joins("failed");
  expect(crowd.empties()).toEqual([failed, heard, asked, stale, probed, reachable]);
});

test("among equals who was used is kept longer; one whose state changes has a new place", () => {
  const crowd = new Crowd();
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => crowd.joins("stale")) as [
    Neighbor,
    Neighbor,
    Neighbor,
    Neighbor,
  ];
  crowd.uses(first);
  crowd.becomes(second, "delay");
  crowd.becomes(third, "stale");
  expect(crowd.empties()).toEqual([third, fourth, first, second]);
});

test("a flood of strangers does not have the neighbors searched, however many there are", () => {
  const crowd = new Crowd();
  let looks = 0;
  for (let i = 0; i < 1_000; i++) {
    const neighbor = crowd.joins("reachable");
    const used = crowd.now;
    Object.defineProperty(neighbor, "usedAt", {
      get: () => {
        looks++;
        return used;
      },
    });
  }
  for (let i = 0; i < 1_000; i++) {
    const stranger = crowd.joins("stale", false);
    expect(crowd.order.leastWorth(crowd.now)).toBe(stranger);
    crowd.order.remove(stranger);
  }
  expect(looks).toBe(0);
});
