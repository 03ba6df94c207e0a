/** What the queues of listeners and the counts of drops say. */
import type { Dictionary } from "../../text/language.ts";

export interface Words {
  readonly listeners: string;
  readonly noListeners: string;
  readonly synQueue: string;
  readonly acceptQueue: string;
  readonly level: (filled: string, room: string) => string;
  readonly overflows: string;
  readonly drops: string;
  readonly cookiesSent: string;
  readonly cookiesAccepted: string;
  readonly cookiesRefused: string;
  readonly more: (count: number) => string;
  readonly dropped: string;
  readonly nothingDropped: string;
  readonly host: string;
  readonly reason: string;
  readonly count: string;
}

export const WORDS: Dictionary<Words> = {
  en: {
    listeners: "Listeners",
    noListeners: "Nobody listens.",
    synQueue: "SYN queue",
    acceptQueue: "Accept queue",
    level: (filled, room) => `${filled} of ${room}`,
    overflows: "Overflows",
    drops: "Dropped",
    cookiesSent: "Cookies sent",
    cookiesAccepted: "Cookies accepted",
    cookiesRefused: "Cookies refused",
    more: count => `${count} listeners more.`,
    dropped: "Packets that were not wanted",
    nothingDropped: "None so far.",
    host: "Host",
    reason: "Why",
    count: "Count",
  },
  "zh-CN": {
    listeners: "监听者",
    noListeners: "没有监听者。",
    synQueue: "SYN 队列",
    acceptQueue: "接受队列",
    level: (filled, room) => `${filled} / ${room}`,
    overflows: "溢出",
    drops: "丢弃",
    cookiesSent: "已发 cookie",
    cookiesAccepted: "已接受 cookie",
    cookiesRefused: "已拒绝 cookie",
    more: count => `另有 ${count} 个监听者。`,
    dropped: "不要的分组",
    nothingDropped: "至今没有。",
    host: "主机",
    reason: "原因",
    count: "次数",
  },
};
