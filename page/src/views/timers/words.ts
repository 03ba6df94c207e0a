/** What the timers say. */
import type { TimerName } from "../../../../src/trace/event.ts";
import type { Dictionary } from "../../text/language.ts";

export interface Words {
  readonly title: string;
  readonly nothing: string;
  readonly timers: string;
  readonly none: string;
  readonly timer: string;
  readonly left: string;
  readonly fired: string;
  readonly cancelled: string;
  readonly recently: string;
  readonly time: string;
  readonly change: string;
  readonly changes: Readonly<Record<"fired" | "cancelled", string>>;
  readonly rests: string;
  readonly due: string;
  readonly goTo: (instant: string) => string;
  readonly at: (instant: string) => string;
  readonly names: Readonly<Record<TimerName, string>>;
  /** What each is for. */
  readonly about: Readonly<Record<TimerName, string>>;
}

export const WORDS: Dictionary<Words> = {
  en: {
    title: "Timers and queues",
    nothing: "Choose a connection to see its timers.",
    timers: "Timers",
    none: "No timer has been recorded.",
    timer: "Timer",
    left: "Left",
    fired: "Fired",
    cancelled: "Called off",
    recently: "Recently",
    time: "Time (s)",
    change: "What",
    changes: { fired: "fired", cancelled: "called off" },
    rests: "at rest",
    due: "due",
    goTo: instant => `Set the cursor at ${instant} s`,
    at: instant => `At ${instant} s.`,
    names: {
      retransmit: "Retransmission",
      "tail-loss-probe": "Tail loss probe",
      reordering: "Reordering",
      persist: "Persist",
      "delayed-ack": "Delayed ACK",
      "compressed-ack": "Compressed ACK",
      keepalive: "Keepalive",
      pacing: "Pacing",
      "fin-wait-2": "FIN-WAIT-2",
      "time-wait": "TIME-WAIT",
      "syn-ack": "SYN-ACK",
    },
    about: {
      retransmit: "No acknowledgment has come for an RTO: the oldest text is sent again (RFC 6298).",
      "tail-loss-probe": "The tail of the text may be lost: its last segment is sent again (RFC 8985).",
      reordering: "Text that was overtaken has had time to come: it counts as lost (RACK, RFC 8985).",
      persist: "The peer's window is closed: a probe asks for it (RFC 9293 §3.8.6.1).",
      "delayed-ack": "An acknowledgment that has waited for company goes alone (RFC 9293 §3.8.6.3).",
      "compressed-ack": "Selective acknowledgments that were held back go as one.",
      keepalive: "Nothing was heard for long: a probe asks whether the peer is there (RFC 9293 §3.8.4).",
      pacing: "The next segment may leave.",
      "fin-wait-2": "The peer does not close: the connection is given up.",
      "time-wait": "2 MSL have passed: the port is free (RFC 9293 §3.6.1).",
      "syn-ack": "The third ACK has not come: the SYN-ACK is sent again.",
    },
  },
  "zh-CN": {
    title: "定时器与队列",
    nothing: "请选择一个连接，查看它的定时器。",
    timers: "定时器",
    none: "没有记录到定时器。",
    timer: "定时器",
    left: "剩余",
    fired: "到期",
    cancelled: "取消",
    recently: "最近",
    time: "时间（秒）",
    change: "事件",
    changes: { fired: "到期", cancelled: "取消" },
    rests: "未启动",
    due: "即将到期",
    goTo: instant => `把游标移到 ${instant} 秒`,
    at: instant => `${instant} 秒时。`,
    names: {
      retransmit: "重传",
      "tail-loss-probe": "尾部丢失探测",
      reordering: "乱序",
      persist: "坚持",
      "delayed-ack": "延迟 ACK",
      "compressed-ack": "压缩 ACK",
      keepalive: "保活",
      pacing: "发送节奏",
      "fin-wait-2": "FIN-WAIT-2",
      "time-wait": "TIME-WAIT",
      "syn-ack": "SYN-ACK",
    },
    about: {
      retransmit: "一个 RTO 内没有收到确认：重传最早的数据（RFC 6298）。",
      "tail-loss-probe": "尾部数据可能丢失：重传最后一个报文段（RFC 8985）。",
      reordering: "被超越的数据早该到达：视为丢失（RACK，RFC 8985）。",
      persist: "对端窗口关闭：发送探测询问（RFC 9293 §3.8.6.1）。",
      "delayed-ack": "等待搭载的确认单独发出（RFC 9293 §3.8.6.3）。",
      "compressed-ack": "攒下的选择确认合为一个发出。",
      keepalive: "很久没有消息：探测对端是否还在（RFC 9293 §3.8.4）。",
      pacing: "可以发送下一个报文段。",
      "fin-wait-2": "对端不关闭：放弃连接。",
      "time-wait": "已过 2 MSL：端口空闲（RFC 9293 §3.6.1）。",
      "syn-ack": "第三个 ACK 没有来：重发 SYN-ACK。",
    },
  },
};
