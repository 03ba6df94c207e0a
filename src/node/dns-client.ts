/**
 * A stub resolver over a host of ours: RFC 1035 §7.1, RFC 9210 (TCP after a truncated answer), RFC 5452 (a
 * new random port and identification for each question). Servers are asked in turn, each twice, as the
 * libraries of Unix do.
 */
import { randomInt } from "node:crypto";
import {
  type Answer,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  streamDecode,
  streamEncode,
} from "dns-packet";
import type { Host } from "../host/host.ts";
import { connectTcp, openUdp } from "../socket/socket.ts";
import { type IpAddress, type IpFamily, parseIpAddress } from "../wire/address.ts";

const PORT = 53;
const ATTEMPTS = 2;
const TIMEOUT_MS = 3_000;
/** RFC 6891 §6.2.5: what most paths carry whole. */
const LARGEST_ANSWER = 1_232;
const TYPES = { 4: "A", 6: "AAAA" } as const;

/** No server has answered: the name may be asked for again. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface DnsClientOptions {
  readonly servers: readonly IpAddress[];
  /** 53 if not said. */
  readonly port?: number | undefined;
  /** How long one server has for one answer, in ms. */
  readonly timeout?: number | undefined;
}

export class DnsClient {
  readonly #host: Host;
  readonly #servers: readonly IpAddress[];
  readonly #port: number;
  readonly #timeout: number;

  constructor(host: Host, { servers, port = PORT, timeout = TIMEOUT_MS }: DnsClientOptions) {
    this.#host = host;
    this.#servers = servers;
    this.#port = port;
    this.#timeout = timeout;
  }

  /** All addresses of the name, of one family or of both; none: it does not exist, or has none. */
  async addressesOf(name: string, family?: IpFamily): Promise<IpAddress[]> {
    const families: readonly IpFamily[] = family === undefined ? [4, 6] : [family];
    const found = await Promise.all(families.map(each => this.#ask(name, each)));
    return found.flat();
  }

  async #ask(name: string, family: IpFamily): Promise<IpAddress[]> {
    let problem: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      for (const server of this.#servers) {
        try {
          return addressesIn(await this.#askServer(server, name, family));
        } catch (error) {
          problem = error;
        }
      }
    }
    throw new NoAnswer(`No name server answers for ${name}.`, { cause: problem });
  }

  async #askServer(server: IpAddress, name: string, family: IpFamily): Promise<Packet> {
    const question = questionFor(name, family);
    const answer = await within(this.#timeout, signal => this.#byUdp(server, question, signal));
    const isTruncated = "flag_tc" in answer && answer.flag_tc === true;
    if (!isTruncated) return answer;
    return within(this.#timeout, signal => this.#byTcp(server, question, signal));
  }

  async #byUdp(server: IpAddress, question: Packet, signal: AbortSignal): Promise<Packet> {
    const socket = openUdp(this.#host);
    signal.addEventListener("abort", () => socket.close());
    try {
      socket.connect(server, this.#port);
      socket.send(encode(question));
      for await (const { bytes } of socket) {
        const answer = read(() => decode(Buffer.from(bytes)));
        if (answer !== undefined && answers(answer, question)) return answer;
      }
      throw new NoAnswer(`${server} has not answered in time.`);
    } finally {
      socket.close();
    }
  }

  async #byTcp(server: IpAddress, question: Packet, signal: AbortSignal): Promise<Packet> {
    const stream = connectTcp(this.#host, { remote: server, remotePort: this.#port, signal });
    const writer = stream.writable.getWriter();
    await writer.write(streamEncode(question));
    let bytes = Buffer.alloc(0);
    try {
      for await (const chunk of stream.readable) {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) continue;
        const answer = read(() => streamDecode(bytes));
        if (answer !== undefined && answers(answer, question)) return answer;
        break;
      }
      throw new NoAnswer(`${server} has ended the connection without an answer.`);
    } finally {
      stream.abort();
    }
  }
}

function questionFor(name: string, family: IpFamily): Packet {
  return {
    type: "query",
    id: randomInt(0x1_0000),
    flags: RECURSION_DESIRED,
    questions: [{ type: TYPES[family], class: "IN", name }],
    additionals: [
      {
        type: "OPT",
        name: ".",
        udpPayloadSize: LARGEST_ANSWER,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  };
}

/** RFC 5452 §9.1: an answer to this question, and to no other. */
function answers(answer: Packet, { id, questions = [] }: Packet): boolean {
  const [asked] = questions;
  const [echoed] = answer.questions ?? [];
  const isSame = echoed?.type === asked?.type && echoed?.name.toLowerCase() === asked?.name.toLowerCase();
  return answer.type === "response" && answer.id === id && isSame;
}

/** @throws NoAnswer, when the server itself cannot tell */
function addressesIn(answer: Packet): IpAddress[] {
  const { rcode = "NOERROR" } = answer as Packet & { rcode?: string };
  if (rcode === "NXDOMAIN") return [];
  if (rcode !== "NOERROR") throw new NoAnswer(`The name server answers ${rcode}.`);
  return (answer.answers ?? []).flatMap(addressIn);
}

function addressIn(answer: Answer): IpAddress[] {
  if (answer.type !== "A" && answer.type !== "AAAA") return [];
  const address = parseIpAddress(answer.data);
  return address === undefined ? [] : [address];
}

/** What is no DNS message is no answer. */
function read(decoding: () => Packet): Packet | undefined {
  try {
    return decoding();
  } catch {
    return undefined;
  }
}

async function within<T>(time: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), time);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
