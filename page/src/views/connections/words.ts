/** What the table of connections says. */
import type { Verdict } from "../../../../src/inspect/protocol.ts";
import type { Dictionary } from "../../text/language.ts";
import type { ColumnId } from "./arrange.ts";
import type { FilterProblem } from "./filter.ts";

export interface VerdictWords {
  readonly word: string;
  readonly explanation: string;
}

export interface ConnectionsWords {
  readonly label: string;
  readonly filter: string;
  readonly filterHint: string;
  readonly filterHelp: (keys: string) => string;
  readonly problem: (problem: FilterProblem) => string;
  readonly count: (shown: string, all: string) => string;
  readonly hidden: (count: string) => string;
  readonly none: string;
  readonly noneMatches: string;
  readonly columns: Readonly<Record<ColumnId, string>>;
  readonly explanations: Partial<Readonly<Record<ColumnId, string>>>;
  readonly verdicts: Readonly<Record<Verdict, VerdictWords>>;
}

export const CONNECTIONS_WORDS: Dictionary<ConnectionsWords> = {
  en: {
    label: "Connections",
    filter: "Filter connections",
    filterHint: "Filter: 10.0.0.1 state:established lost>0",
    filterHelp: keys =>
      `Words that a row has, or key:value with the keys ${keys}; numbers also with > < >= <=; a - before turns round.`,
    problem: problem => {
      switch (problem.kind) {
        case "unknown-key":
          return `There is no key “${problem.key}”.`;
        case "missing-value":
          return `“${problem.key}” wants a value.`;
        case "no-number":
          return `“${problem.value}” is no number for “${problem.key}”.`;
        case "no-order":
          return `“${problem.key}” is a word: it can be asked for with : only.`;
      }
    },
    count: (shown, all) => `${shown} of ${all}`,
    hidden: count => `${count} more have no row: too many of them`,
    none: "No connections yet.",
    noneMatches: "No connection passes the filter.",
    columns: {
      connection: "No.",
      host: "Host",
      local: "Local",
      remote: "Remote",
      state: "State",
      sent: "Sent",
      received: "Received",
      up: "Sending",
      down: "Receiving",
      srtt: "SRTT",
      lost: "Resent",
      verdicts: "Verdicts",
    },
    explanations: {
      sent: "Bytes of text sent",
      received: "Bytes of text received",
      up: "Text sent, over the last second",
      down: "Text received, over the last second",
      srtt: "Smoothed round-trip time (RFC 6298)",
      lost: "Segments sent again",
      verdicts: "What holds the connection up, or what is wrong with it",
    },
    verdicts: {
      idle: { word: "idle", explanation: "Nothing is under way." },
      "application-limited": {
        word: "application-limited",
        explanation: "The sender would send more, if its application gave it more.",
      },
      "congestion-limited": {
        word: "congestion-limited",
        explanation: "The congestion window is full: the path sets the pace.",
      },
      "peer-window-limited": {
        word: "peer window full",
        explanation: "The peer's receive window is full: the receiver sets the pace.",
      },
      "send-buffer-limited": {
        word: "send buffer full",
        explanation: "The send buffer is smaller than what the path could carry.",
      },
      "zero-window": { word: "zero window", explanation: "The peer has closed its window; it is probed." },
      "reader-slow": {
        word: "reader slow",
        explanation: "Text waits in the receive buffer: the application here does not read it.",
      },
      losing: { word: "losing", explanation: "More than a little of what is sent is lost." },
      reordering: { word: "reordering", explanation: "The path delivers segments out of order." },
      "in-recovery": { word: "in recovery", explanation: "Lost text is being sent again." },
      retrying: {
        word: "retrying",
        explanation: "The peer does not answer: the retransmission timer has run out, perhaps several times.",
      },
      "half-open": { word: "half-open", explanation: "The handshake has not been completed." },
      reset: { word: "reset", explanation: "The connection was ended by an RST." },
    },
  },
  "zh-CN": {
    label: "连接",
    filter: "过滤连接",
    filterHint: "过滤：10.0.0.1 state:established lost>0",
    filterHelp: keys =>
      `可以写行中出现的词，也可以写“键:值”，键有 ${keys}；数字还可用 > < >= <=；前面加 - 表示取反。`,
    problem: problem => {
      switch (problem.kind) {
        case "unknown-key":
          return `没有“${problem.key}”这个键。`;
        case "missing-value":
          return `“${problem.key}”后面缺少值。`;
        case "no-number":
          return `“${problem.value}”不是“${problem.key}”可用的数字。`;
        case "no-order":
          return `“${problem.key}”是文字，只能用 : 查询。`;
      }
    },
    count: (shown, all) => `${shown} / ${all}`,
    hidden: count => `另有 ${count} 个连接数量过多，未列出`,
    none: "还没有连接。",
    noneMatches: "没有符合条件的连接。",
    columns: {
      connection: "编号",
      host: "主机",
      local: "本端",
      remote: "对端",
      state: "状态",
      sent: "已发送",
      received: "已接收",
      up: "发送速率",
      down: "接收速率",
      srtt: "SRTT",
      lost: "重传",
      verdicts: "判断",
    },
    explanations: {
      sent: "已发送的数据字节数",
      received: "已接收的数据字节数",
      up: "最近一秒的发送速率",
      down: "最近一秒的接收速率",
      srtt: "平滑往返时间（RFC 6298）",
      lost: "重传的报文段数",
      verdicts: "是什么限制了这个连接，或者它出了什么问题",
    },
    verdicts: {
      idle: { word: "空闲", explanation: "没有数据在途。" },
      "application-limited": {
        word: "受限于应用",
        explanation: "如果应用提供更多数据，发送方就能发得更多。",
      },
      "congestion-limited": { word: "受限于拥塞窗口", explanation: "拥塞窗口已满：速度由路径决定。" },
      "peer-window-limited": {
        word: "对端窗口已满",
        explanation: "对端的接收窗口已满：速度由接收方决定。",
      },
      "send-buffer-limited": { word: "发送缓冲已满", explanation: "发送缓冲小于路径可承载的数据量。" },
      "zero-window": { word: "零窗口", explanation: "对端关闭了窗口，正在探测。" },
      "reader-slow": { word: "读取缓慢", explanation: "数据滞留在接收缓冲中：本端应用没有读取。" },
      losing: { word: "丢包", explanation: "发送的数据有不可忽视的一部分丢失。" },
      reordering: { word: "乱序", explanation: "路径没有按顺序送达报文段。" },
      "in-recovery": { word: "恢复中", explanation: "正在重传丢失的数据。" },
      retrying: { word: "反复重试", explanation: "对端没有应答：重传定时器已经超时，也许不止一次。" },
      "half-open": { word: "半开", explanation: "握手尚未完成。" },
      reset: { word: "被重置", explanation: "连接因 RST 而结束。" },
    },
  },
};

/** How bad it is: what the colour of a verdict says. */
export const VERDICT_WEIGHTS: Readonly<Record<Verdict, "plain" | "warning" | "bad">> = {
  idle: "plain",
  "application-limited": "plain",
  "congestion-limited": "plain",
  "peer-window-limited": "warning",
  "send-buffer-limited": "warning",
  "zero-window": "bad",
  "reader-slow": "warning",
  losing: "bad",
  reordering: "warning",
  "in-recovery": "warning",
  retrying: "bad",
  "half-open": "warning",
  reset: "bad",
};
