/** Whether a filter in tcpdump's language is one: what the inspector will be asked for. */
import type { FilterProblem } from "../../../../src/capture/bpf/compile.ts";
import { LINK_TYPE } from "../../../../src/capture/link-type.ts";
import { LinkFilters } from "../../../../src/inspect/link-filters.ts";

/** Undefined: it is right, on one of these links at least. */
export function filterProblem(text: string): FilterProblem | undefined {
  return new LinkFilters(text).problem([LINK_TYPE.ethernet, LINK_TYPE.raw]);
}
