/**
 * One filter in tcpdump's language, for packets of several link types: compiled for each when its first
 * packet comes. What has no meaning on a link lets nothing of it pass.
 */
import { type CompiledFilter, compileFilter, type FilterProblem } from "../capture/bpf/compile.ts";

export interface FilteredPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** On the wire. */
  readonly length: number;
  readonly direction?: "in" | "out" | undefined;
  readonly interface?: string | undefined;
}

export class LinkFilters {
  readonly #text: string;
  readonly #byLinkType = new Map<number, CompiledFilter>();

  /** An empty one lets all pass, on any link. */
  constructor(text: string) {
    this.#text = text.trim();
  }

  /** Undefined: it has a meaning on one of these links at least. Else what is wrong with it on the first. */
  problem(linkTypes: readonly number[]): FilterProblem | undefined {
    if (this.#text === "") return undefined;
    let problem: FilterProblem | undefined;
    for (const linkType of linkTypes) {
      const compiled = this.#on(linkType);
      if (compiled.ok) return undefined;
      problem ??= compiled.problem;
    }
    return problem;
  }

  matches({ linkType, bytes, length, direction, interface: interfaceName }: FilteredPacket): boolean {
    if (this.#text === "") return true;
    const compiled = this.#on(linkType);
    const known = { direction, interfaceName };
    return compiled.ok && compiled.filter.matches(bytes, 0, bytes.length, length, known);
  }

  #on(linkType: number): CompiledFilter {
    let compiled = this.#byLinkType.get(linkType);
    if (compiled === undefined) {
      compiled = compileFilter(this.#text, linkType);
      this.#byLinkType.set(linkType, compiled);
    }
    return compiled;
  }
}
