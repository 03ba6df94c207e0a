/**
 * Where in a capture a segment was seen. One file may have been taken at several interfaces, at both ends of
 * a connection or along its way: each segment is then there more than once, and is counted at one place.
 */
import { readUint32 } from "../base/bytes.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { LINK_TYPE, LINUX_COOKED2_LENGTH } from "../capture/link-type.ts";
import type { Side } from "./lifetime.ts";

/** Numbers for the interfaces of a capture, by their names; Linux cooked v2 has theirs in each packet. */
export class Places {
  readonly #numbers = new Map<string, number>();

  of({ interface: via, bytes }: CapturedPacket): number {
    const key = `${via.linkType} ${via.name ?? ""}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(key, number);
    }
    const hasIndex = via.linkType === LINK_TYPE.linuxCooked2 && bytes.length >= LINUX_COOKED2_LENGTH;
    return hasIndex ? number + 2 ** 32 * (1 + readUint32(bytes, 4)) : number;
  }
}

/** So many of one direction elsewhere, and none here: it goes another way. */
const OTHER_WAY = 3;

/** The place whose segments count: that of the first, unless one direction never comes by there. */
export class HomePlace {
  readonly #home: number;
  readonly #hasSeen: [boolean, boolean] = [false, false];
  readonly #elsewhere: [number, number] = [0, 0];

  constructor(home: number) {
    this.#home = home;
  }

  counts(place: number, side: Side): boolean {
    if (place === this.#home) {
      this.#hasSeen[side] = true;
      return true;
    }
    return !this.#hasSeen[side] && ++this.#elsewhere[side] > OTHER_WAY;
  }
}
