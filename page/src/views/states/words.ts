/** What the state diagram says. */
import type { Dictionary } from "../../text/language.ts";

export interface Words {
  readonly title: string;
  readonly nothing: string;
  readonly noSteps: string;
  readonly path: string;
  readonly time: string;
  readonly step: string;
  readonly cause: string;
  readonly next: string;
  readonly last: string;
  readonly now: string;
  readonly at: (instant: string) => string;
  readonly picture: (end: string, state: string, steps: number) => string;
  readonly goTo: (number: number, from: string, to: string) => string;
}

export const WORDS: Dictionary<Words> = {
  en: {
    title: "State diagram",
    nothing: "Choose a connection to see the states that its ends go through.",
    noSteps: "How it came into this state is not known: it was there before anybody looked.",
    path: "Path taken",
    time: "Time (s)",
    step: "Step",
    cause: "Cause",
    next: "What may come next",
    last: "Nothing comes after this.",
    now: "now",
    at: instant => `at ${instant} s`,
    picture: (end, state, steps) => `State diagram of ${end}: in ${state}, after ${steps} steps.`,
    goTo: (number, from, to) => `Step ${number}, from ${from} to ${to}: set the cursor there`,
  },
  "zh-CN": {
    title: "状态图",
    nothing: "请选择一个连接，查看其两端经历的状态。",
    noSteps: "不知道它如何进入此状态：开始观察之前它就已存在。",
    path: "已走路径",
    time: "时间（秒）",
    step: "步骤",
    cause: "原因",
    next: "接下来可能发生",
    last: "此后不再有状态。",
    now: "现在",
    at: instant => `在 ${instant} 秒`,
    picture: (end, state, steps) => `${end} 的状态图：经过 ${steps} 步，处于 ${state}。`,
    goTo: (number, from, to) => `第 ${number} 步，从 ${from} 到 ${to}：把游标移到此处`,
  },
};
