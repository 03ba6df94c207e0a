/** A filter in tcpdump's language, for any link type: compiled for each when its first packet comes. */
import type { Circumstances } from "../capture/bpf/circumstances.ts";
import { compileFilter, type PacketFilter } from "../capture/bpf/compile.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { Failure } from "./failure.ts";
import { countText } from "./quantity-text.ts";

/** As words of a command line, which may also be one word. */
export class PacketChoice {
  readonly #text: string;
  readonly #filters = new Map<number, PacketFilter>();
  /** Of the link's network; 0: not known. */
  #netmask = 0;
  /** Packets of which the capture does not say what the filter asks for. */
  #unsaid = 0;

  /** @throws Failure: it is none. Ethernet knows nearly all words, Linux cooked links know the others. */
  constructor(words: readonly string[]) {
    this.#text = words.join(" ").trim();
    if (!compileFilter(this.#text, LINK_TYPE.linuxCooked2).ok) this.prepare(LINK_TYPE.ethernet);
  }

  /** What `ip broadcast` asks for, from here on. */
  inNetwork(prefixLength: number): void {
    this.#netmask = prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0;
    this.#filters.clear();
  }

  /** @throws Failure: not on this link. */
  prepare(linkType: number): void {
    if (this.#text !== "") this.#compile(linkType);
  }

  includes(linkType: number, bytes: Uint8Array, length: number, known: Circumstances): boolean {
    if (this.#text === "") return true;
    const filter = this.#filters.get(linkType) ?? this.#compile(linkType);
    const isIncluded = filter.matches(bytes, 0, bytes.length, length, known);
    if (!isIncluded && filter.asksBeyond(known)) this.#unsaid++;
    return isIncluded;
  }

  /** What the user should know of the filter at the end. */
  get note(): string | undefined {
    if (this.#unsaid === 0) return undefined;
    const packets = this.#unsaid === 1 ? "1 packet was" : `${countText(this.#unsaid)} packets were`;
    return `${packets} left out whose direction or interface the capture does not say.`;
  }

  #compile(linkType: number): PacketFilter {
    const compiled = compileFilter(this.#text, linkType, { netmask: this.#netmask });
    if (!compiled.ok) {
      const { message, at } = compiled.problem;
      throw new Failure(`The filter "${this.#text}" is not understood at character ${at + 1}: ${message}.`);
    }
    this.#filters.set(linkType, compiled.filter);
    return compiled.filter;
  }
}
