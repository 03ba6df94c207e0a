/** Why segments were sent again: their colours and their words, the same in all pictures. */
import type { LossCause } from "../../../src/trace/event.ts";
import type { Dictionary } from "../text/language.ts";
import type { Token } from "./colours.ts";

export const CAUSES: readonly LossCause[] = ["timeout", "fast", "rack", "tlp", "spurious", "syn", "size"];

export const CAUSE_TOKENS: Readonly<Record<LossCause, Token>> = {
  timeout: "cause-timeout",
  fast: "cause-fast",
  rack: "cause-rack",
  tlp: "cause-tlp",
  spurious: "cause-spurious",
  syn: "cause-syn",
  size: "cause-size",
};

export interface CauseWords {
  /** As it stands beside a line. */
  readonly short: Readonly<Record<LossCause, string>>;
  readonly long: Readonly<Record<LossCause, string>>;
}

export const CAUSE_WORDS: Dictionary<CauseWords> = {
  en: {
    short: {
      timeout: "RTO",
      fast: "fast",
      rack: "RACK",
      tlp: "TLP",
      spurious: "spurious",
      syn: "SYN",
      size: "size",
    },
    long: {
      timeout: "retransmission timeout",
      fast: "fast retransmit",
      rack: "RACK: overtaken by later segments",
      tlp: "tail loss probe",
      spurious: "spurious: it had not been lost",
      syn: "SYN sent again",
      size: "too large for the path",
    },
  },
  "zh-CN": {
    short: {
      timeout: "RTO",
      fast: "快速",
      rack: "RACK",
      tlp: "TLP",
      spurious: "虚假",
      syn: "SYN",
      size: "过大",
    },
    long: {
      timeout: "重传超时",
      fast: "快速重传",
      rack: "RACK：被后发的报文段超过",
      tlp: "尾部丢失探测",
      spurious: "虚假重传：原报文段并未丢失",
      syn: "重发 SYN",
      size: "超过路径 MTU",
    },
  },
};
