/** What the time-sequence view says. */
import type { StoryRecovery } from "../../../../src/inspect/story.ts";
import type { Dictionary } from "../../text/language.ts";

/** What can be switched on and off, beside the causes of retransmissions and the compared connections. */
export type SeriesName =
  | "sent"
  | "acknowledged"
  | "window"
  | "sacked"
  | "rtt"
  | "srtt"
  | "rto"
  | "cwnd"
  | "ssthresh"
  | "inFlight"
  | "sendWindow"
  | "throughput"
  | "pacing";

export type PanelName = "sequence" | "rtt" | "windows" | "rates" | "compare-cwnd" | "compare-rate";

export interface SequenceWords {
  readonly nothing: string;
  readonly panels: Readonly<Record<PanelName, string>>;
  readonly series: Readonly<Record<SeriesName, string>>;
  readonly recoveries: Readonly<Record<StoryRecovery["kind"], string>>;
  readonly keys: string;
  readonly direction: string;
  readonly sends: (name: string) => string;
  readonly seenByReceiver: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly all: string;
  readonly follow: string;
  readonly compareAdd: string;
  readonly compareEnd: string;
  readonly remove: (name: string) => string;
  readonly fromOpening: string;
  readonly summary: (numbers: SummaryNumbers) => string;
}

/** As texts. */
export interface SummaryNumbers {
  readonly segments: string;
  readonly acknowledged: string;
  readonly retransmissions: string;
  /** In brackets, or nothing. */
  readonly causes: string;
}

export const SEQUENCE_WORDS: Dictionary<SequenceWords> = {
  en: {
    nothing: "Select a connection to see its graphs.",
    panels: {
      sequence: "Sequence numbers",
      rtt: "Round-trip time",
      windows: "Windows",
      rates: "Rates",
      "compare-cwnd": "Congestion windows",
      "compare-rate": "Throughput",
    },
    series: {
      sent: "sent",
      acknowledged: "acknowledged",
      window: "window",
      sacked: "SACKed",
      rtt: "RTT",
      srtt: "SRTT",
      rto: "RTO",
      cwnd: "cwnd",
      ssthresh: "ssthresh",
      inFlight: "in flight",
      sendWindow: "peer's window",
      throughput: "throughput",
      pacing: "pacing",
    },
    recoveries: {
      recovery: "fast recovery",
      loss: "loss recovery after a timeout",
      cwr: "reduced by congestion marks",
      disorder: "disorder",
    },
    keys: "Plus, minus: zoom. Arrows: move; with Shift: move the cursor. Zero: all. End: follow.",
    direction: "Direction",
    sends: name => `${name} sends`,
    seenByReceiver: "Only the receiver is seen: what its peer knows is not here.",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    all: "All",
    follow: "Follow",
    compareAdd: "Compare with…",
    compareEnd: "End comparison",
    remove: name => `Take ${name} out`,
    fromOpening: "each from its opening",
    summary: ({ segments, acknowledged, retransmissions, causes }) =>
      `${segments} segments, ${acknowledged} acknowledged, ${retransmissions} sent again${causes}.`,
  },
  "zh-CN": {
    nothing: "请选择一个连接以查看其图形。",
    panels: {
      sequence: "序号",
      rtt: "往返时间",
      windows: "窗口",
      rates: "速率",
      "compare-cwnd": "拥塞窗口",
      "compare-rate": "吞吐量",
    },
    series: {
      sent: "已发送",
      acknowledged: "已确认",
      window: "窗口",
      sacked: "SACK",
      rtt: "RTT",
      srtt: "SRTT",
      rto: "RTO",
      cwnd: "cwnd",
      ssthresh: "ssthresh",
      inFlight: "在途",
      sendWindow: "对端窗口",
      throughput: "吞吐量",
      pacing: "发送节奏",
    },
    recoveries: {
      recovery: "快速恢复",
      loss: "超时后的丢失恢复",
      cwr: "因拥塞标记而减小",
      disorder: "乱序",
    },
    keys: "加号、减号：缩放。左右键：移动。Shift 加左右键：移动光标。零：全部。End：跟随最新。",
    direction: "方向",
    sends: name => `${name} 发送`,
    seenByReceiver: "只能看到接收方：发送方内部的数据不可见。",
    zoomIn: "放大",
    zoomOut: "缩小",
    all: "全部",
    follow: "跟随最新",
    compareAdd: "与……比较",
    compareEnd: "结束比较",
    remove: name => `移除 ${name}`,
    fromOpening: "各自从建立时算起",
    summary: ({ segments, acknowledged, retransmissions, causes }) =>
      `${segments} 个报文段，已确认 ${acknowledged}，重传 ${retransmissions} 次${causes}。`,
  },
};
