/**
 * A captured conversation, written down: `a` calls `b`; numbers are relative to each end's initial sequence
 * number, times in ms. Answers the packets as a capture would have them, of raw IP.
 */
import type { CapturedPacket } from "../../src/capture/captured-packet.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { FLAG, ipv4, ipv6, join, tcpSegment, u32, zeros } from "./frames.ts";

export interface Said {
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly length?: number;
  readonly window?: number;
  /** IPv4's; without it each packet has the next one. */
  readonly id?: number;
  readonly ttl?: number;
  readonly timestamps?: readonly [number, number];
  readonly sack?: ReadonlyArray<readonly [number, number]>;
  readonly options?: readonly number[];
  readonly badChecksum?: boolean;
}

export interface ConversationOptions {
  readonly family?: 4 | 6;
  readonly initial?: readonly [number, number];
  readonly ports?: readonly [number, number];
  readonly epoch?: number;
}

const ADDRESSES = { 4: ["10.0.0.1", "10.0.0.2"], 6: ["2001:db8::1", "2001:db8::2"] } as const;
const MSS_AND_SACK = [2, 4, 5, 180, 4, 2, 3, 3, 7];

export class Conversation {
  readonly packets: CapturedPacket[] = [];
  readonly #options: Required<ConversationOptions>;
  readonly #ids: [number, number] = [100, 5000];

  constructor(options: ConversationOptions = {}) {
    this.#options = { family: 4, initial: [1000, 70_000], ports: [40_000, 80], epoch: 0, ...options };
  }

  a(time: number, said: Said = {}): this {
    return this.#say(0, time, said);
  }

  b(time: number, said: Said = {}): this {
    return this.#say(1, time, said);
  }

  /** The three segments, with SACK and window scale 7; the round trip is 10 ms, seen at `a`. */
  opened(time = 0): this {
    const options = MSS_AND_SACK;
    this.a(time, { flags: FLAG.syn, seq: 0, options });
    this.b(time + 10, { flags: FLAG.syn | FLAG.ack, seq: 0, ack: 1, options });
    return this.a(time + 10.1, { seq: 1, ack: 1, window: 512 });
  }

  #say(side: 0 | 1, time: number, said: Said): this {
    const { family, initial, ports, epoch } = this.#options;
    const other = side === 0 ? 1 : 0;
    const ends = { source: ADDRESSES[family][side], destination: ADDRESSES[family][other] };
    const flags = said.flags ?? FLAG.ack | (said.length === undefined ? 0 : FLAG.psh);
    const segment = tcpSegment({
      ...ends,
      sourcePort: ports[side],
      destinationPort: ports[other],
      sequence: (initial[side] + (said.seq ?? 0)) >>> 0,
      acknowledgment: (flags & FLAG.ack) === 0 ? 0 : (initial[other] + (said.ack ?? 0)) >>> 0,
      flags,
      window: said.window ?? 512,
      options: optionsOf(said, initial[other]),
      payload: zeros(said.length ?? 0),
    });
    if (said.badChecksum === true) segment[16] = (segment[16] as number) ^ 0x55;
    const id = said.id ?? ++this.#ids[side];
    const ttl = said.ttl ?? 64;
    const bytes =
      family === 4
        ? ipv4({ ...ends, protocol: 6, id, ttl }, segment)
        : ipv6({ ...ends, nextHeader: 6, hopLimit: ttl }, segment);
    this.packets.push({
      interface: { linkType: LINK_TYPE.raw, snapLength: 0, name: undefined },
      time: epoch + Math.round(1000 * time),
      nanoseconds: 0,
      bytes,
      originalLength: bytes.length,
      direction: undefined,
      comment: undefined,
    });
    return this;
  }
}

function optionsOf({ timestamps, sack, options }: Said, initial: number): Uint8Array {
  return join(
    options ?? [],
    timestamps === undefined ? [] : join(1, 1, 8, 10, u32(timestamps[0]), u32(timestamps[1])),
    sack === undefined
      ? []
      : join(1, 1, 5, 2 + 8 * sack.length, ...sack.flatMap(range => range.map(edge => u32(edge + initial)))),
  );
}

export { FLAG };
