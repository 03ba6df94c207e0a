/** What the scenes view says itself; the scenes have their own texts. */
import type { Dictionary } from "../../text/language.ts";

export interface ScenesWords {
  readonly intro: string;
  readonly list: string;
  readonly all: string;
  readonly previous: string;
  readonly next: string;
  readonly replay: string;
  readonly otherSeed: string;
  readonly seed: (seed: string) => string;
  readonly remarks: string;
  readonly waiting: string;
  readonly told: (told: number, of: number) => string;
  readonly over: string;
  readonly show: (view: string) => string;
}

export const SCENES_WORDS: Dictionary<ScenesWords> = {
  en: {
    intro:
      "Small simulated networks, each about one thing that TCP does. Start one, and read along while it happens.",
    list: "Guided scenes",
    all: "All scenes",
    previous: "Previous scene",
    next: "Next scene",
    replay: "Replay",
    otherSeed: "With another seed",
    seed: seed => `Seed ${seed}`,
    remarks: "What happens",
    waiting: "It begins…",
    told: (told, of) => `${told} of ${of} remarks`,
    over: "This was the scene. You can go on in the controls, change the wires, or replay it.",
    show: view => `Show: ${view}`,
  },
  "zh-CN": {
    intro: "一些小型模拟网络，每个讲解 TCP 的一件事。选一个开始，边看边读。",
    list: "引导场景",
    all: "全部场景",
    previous: "上一个场景",
    next: "下一个场景",
    replay: "重放",
    otherSeed: "换一个种子",
    seed: seed => `种子 ${seed}`,
    remarks: "正在发生",
    waiting: "即将开始……",
    told: (told, of) => `解说 ${told} / ${of}`,
    over: "场景到此结束。可以在控制栏里继续、改变线路，或者重放。",
    show: view => `查看：${view}`,
  },
};
