/** What the list of findings says. */
import type { Severity } from "../../../../src/analysis/findings.ts";
import type { Dictionary } from "../../text/language.ts";

export interface FindingsWords {
  readonly label: string;
  readonly none: string;
  readonly onlySelected: string;
  readonly severities: Readonly<Record<Severity, string>>;
  readonly whole: string;
  readonly at: (seconds: string) => string;
  readonly more: (count: string) => string;
}

export const FINDINGS_WORDS: Dictionary<FindingsWords> = {
  en: {
    label: "Findings",
    none: "Nothing found that is worth a look. Captures are searched; traces are not.",
    onlySelected: "Of the selected connection only",
    severities: { error: "Error", warning: "Warning", note: "Note" },
    whole: "The capture",
    at: seconds => `at ${seconds} s`,
    more: count => `${count} more: choose a connection to see its own.`,
  },
  "zh-CN": {
    label: "发现",
    none: "没有发现值得注意的情况。只分析抓包，不分析跟踪记录。",
    onlySelected: "只看所选连接",
    severities: { error: "错误", warning: "警告", note: "提示" },
    whole: "整个抓包",
    at: seconds => `在 ${seconds} 秒处`,
    more: count => `还有 ${count} 条：选择一个连接可只看它的发现。`,
  },
};
