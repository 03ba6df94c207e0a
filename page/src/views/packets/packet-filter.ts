/** Whether a filter in tcpdump's language is one: what the inspector will be asked for. */
import { compileFilter, type FilterProblem } from "../../../../src/capture/bpf/compile.ts";
import { LINK_TYPE } from "../../../../src/capture/link-type.ts";

/** Undefined: it is right. What fits one link at least is right: others have no packet that matches. */
export function filterProblem(text: string): FilterProblem | undefined {
  const onEthernet = compileFilter(text, LINK_TYPE.ethernet);
  if (onEthernet.ok || compileFilter(text, LINK_TYPE.raw).ok) return undefined;
  return onEthernet.problem;
}
