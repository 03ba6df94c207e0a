/** What the controls say. */
import type { Clock } from "../../../../src/inspect/protocol.ts";
import type { Dictionary } from "../../text/language.ts";
import type { Quantity } from "./quantities.ts";

export interface Words {
  readonly title: string;
  readonly readOnly: string;
  readonly time: string;
  readonly pause: string;
  readonly resume: string;
  readonly step: string;
  readonly stepTitle: string;
  readonly speed: string;
  readonly times: (speed: string) => string;
  readonly clock: string;
  readonly states: Readonly<Record<Clock["state"], string>>;
  readonly next: (left: string) => string;
  readonly nothingNext: string;
  readonly events: (count: string) => string;
  readonly seed: string;
  readonly replay: string;
  readonly replayTitle: string;
  readonly sameSeed: string;
  readonly nextSeed: string;
  readonly badSeed: string;
  readonly links: string;
  readonly noLinks: string;
  readonly direction: string;
  readonly way: (from: string, to: string) => string;
  readonly quantities: Readonly<Record<Quantity, string>>;
  readonly units: Readonly<Record<Quantity, string>>;
  readonly unbounded: string;
  readonly cut: string;
  readonly nextSegment: string;
  readonly drop: string;
  readonly delayBy: string;
  readonly of: (what: string, way: string) => string;
  readonly bad: (quantity: string, most: string) => string;
  readonly waits: string;
}

export const WORDS: Dictionary<Words> = {
  en: {
    title: "Controls",
    readOnly: "This is watched only: its time and its wires are real.",
    time: "Time",
    pause: "Pause",
    resume: "Go on",
    step: "Step",
    stepTitle: "One event, then pause",
    speed: "Speed",
    times: speed => `${speed}×`,
    clock: "Clock",
    states: { running: "running", paused: "paused", ended: "ended" },
    next: left => `next event in ${left}`,
    nothingNext: "nothing is left to happen",
    events: count => `${count} events`,
    seed: "Seed",
    replay: "Replay",
    replayTitle: "Begin anew, from the seed in the field",
    sameSeed: "Same seed",
    nextSeed: "Next seed",
    badSeed: "A seed is a whole number from 0 to 4294967295.",
    links: "Wires",
    noLinks: "There is no wire that could be changed.",
    direction: "Direction",
    way: (from, to) => `${from} → ${to}`,
    quantities: { loss: "Loss", delay: "Delay", jitter: "Jitter", rateBytesPerSecond: "Rate" },
    units: { loss: "%", delay: "ms", jitter: "ms", rateBytesPerSecond: "Mbit/s" },
    unbounded: "0: no bound",
    cut: "Cut",
    nextSegment: "Next segment",
    drop: "Drop",
    delayBy: "Delay by",
    of: (what, way) => `${what}, ${way}`,
    bad: (quantity, most) => `${quantity}: a number from 0 to ${most}.`,
    waits: "not confirmed yet",
  },
  "zh-CN": {
    title: "控制",
    readOnly: "只能观察：时间和线路都是真实的。",
    time: "时间",
    pause: "暂停",
    resume: "继续",
    step: "单步",
    stepTitle: "执行一个事件，然后暂停",
    speed: "速度",
    times: speed => `${speed}×`,
    clock: "时钟",
    states: { running: "运行中", paused: "已暂停", ended: "已结束" },
    next: left => `${left} 后发生下一事件`,
    nothingNext: "不会再发生什么",
    events: count => `${count} 个事件`,
    seed: "种子",
    replay: "重放",
    replayTitle: "用输入框中的种子重新开始",
    sameSeed: "相同种子",
    nextSeed: "下一个种子",
    badSeed: "种子是 0 到 4294967295 的整数。",
    links: "线路",
    noLinks: "没有可以改变的线路。",
    direction: "方向",
    way: (from, to) => `${from} → ${to}`,
    quantities: { loss: "丢失", delay: "延迟", jitter: "抖动", rateBytesPerSecond: "速率" },
    units: { loss: "%", delay: "毫秒", jitter: "毫秒", rateBytesPerSecond: "Mbit/s" },
    unbounded: "0：不限",
    cut: "切断",
    nextSegment: "下一个报文段",
    drop: "丢弃",
    delayBy: "延迟",
    of: (what, way) => `${what}，${way}`,
    bad: (quantity, most) => `${quantity}：0 到 ${most} 的数。`,
    waits: "尚未确认",
  },
};
