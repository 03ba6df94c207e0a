/** A filter in tcpdump's language, for any link type: compiled for each when its first packet comes. */
import { compileFilter, type PacketFilter } from "../capture/bpf/compile.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { Failure } from "./failure.ts";

/** As words of a command line, which may also be one word. */
export class PacketChoice {
  readonly #text: string;
  readonly #filters = new Map<number, PacketFilter>();

  /** @throws Failure: it is no filter. Ethernet's filters know the most words. */
  constructor(words: readonly string[]) {
    this.#text = words.join(" ").trim();
    this.prepare(LINK_TYPE.ethernet);
  }

  /** @throws Failure: not on this link. */
  prepare(linkType: number): void {
    if (this.#text !== "") this.#compile(linkType);
  }

  includes(linkType: number, bytes: Uint8Array, length: number): boolean {
    if (this.#text === "") return true;
    const filter = this.#filters.get(linkType) ?? this.#compile(linkType);
    return filter.matches(bytes, 0, bytes.length, length);
  }

  #compile(linkType: number): PacketFilter {
    const compiled = compileFilter(this.#text, linkType);
    if (!compiled.ok) {
      const { message, at } = compiled.problem;
      throw new Failure(`The filter "${this.#text}" is not understood at character ${at + 1}: ${message}.`);
    }
    this.#filters.set(linkType, compiled.filter);
    return compiled.filter;
  }
}
