/** What the ladder says. */
import type { Fate } from "../../../../src/inspect/paired-segment.ts";
import type { Knowledge } from "../../../../src/inspect/story-pair.ts";
import type { SendReason, TimerName } from "../../../../src/trace/event.ts";
import type { Dictionary } from "../../text/language.ts";

export interface LadderWords {
  readonly nothing: string;
  readonly picture: (near: string, far: string, segments: string) => string;
  readonly keys: string;
  readonly follow: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly zoomReset: string;
  readonly table: string;
  readonly tableCaption: string;
  readonly unknownPeer: string;
  /** Where times come from, if not from both ends. */
  readonly knowledge: Readonly<Record<Knowledge, string>>;
  readonly skipped: (events: string) => string;
  readonly pick: string;
  readonly timers: Readonly<Record<TimerName, string>>;
  readonly fates: Readonly<Record<Fate, string>>;
  readonly partlyLost: string;
  readonly copy: string;
  readonly overtaken: string;
  readonly reasons: Readonly<Record<SendReason, string>>;
  readonly fields: {
    readonly from: string;
    readonly left: string;
    readonly arrived: string;
    readonly delay: string;
    readonly flags: string;
    readonly sequence: string;
    readonly acknowledgment: string;
    readonly length: string;
    readonly window: string;
    readonly sack: string;
    readonly reason: string;
    readonly cause: string;
    readonly fate: string;
    readonly verdict: string;
    readonly unit: string;
  };
  readonly inSegments: (segments: string) => string;
}

export const LADDER_WORDS: Dictionary<LadderWords> = {
  en: {
    nothing: "Select a connection to see its segments.",
    picture: (near, far, segments) => `Ladder of ${segments} segments between ${near} and ${far}`,
    keys: "Arrow keys: next and previous segment. Plus, minus, zero: zoom. Page Up, Page Down: scroll.",
    follow: "Follow",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    zoomReset: "1:1, the usual size",
    table: "Table",
    tableCaption: "Segments in sight",
    unknownPeer: "peer",
    knowledge: {
      both: "",
      one: "Only one end is seen: the other end's times are estimated, half a round trip away.",
      between: "Seen at one point: times at both ends are estimated from the round trips.",
    },
    skipped: events => `${events} older or thinned events are not here.`,
    pick: "Point at a segment or tap it, or choose one with the arrow keys.",
    timers: {
      retransmit: "RTO",
      "tail-loss-probe": "TLP",
      reordering: "reordering",
      persist: "persist",
      "delayed-ack": "delayed ACK",
      "compressed-ack": "ACKs held",
      keepalive: "keepalive",
      pacing: "pacing",
      "fin-wait-2": "FIN-WAIT-2",
      "time-wait": "2 MSL",
      "syn-ack": "SYN-ACK",
    },
    fates: {
      arrived: "arrived",
      lost: "lost on the wire",
      "held-lost": "held for lost, sent again",
      unknown: "under way, or not known",
    },
    partlyLost: "arrived in part, the rest was lost",
    copy: "doubled by the wire",
    overtaken: "overtaken by a later one",
    reasons: {
      handshake: "handshake",
      text: "data",
      retransmission: "retransmission",
      ack: "acknowledgment",
      "delayed-ack": "delayed acknowledgment",
      "duplicate-ack": "duplicate acknowledgment",
      "window-update": "window update",
      "window-probe": "window probe",
      keepalive: "keepalive",
      "mtu-probe": "path MTU probe",
      "tail-loss-probe": "tail loss probe",
      "challenge-ack": "challenge ACK",
      fin: "close",
      reset: "reset",
      "time-wait": "TIME-WAIT answers",
      "syn-cookie": "SYN cookie",
    },
    fields: {
      from: "From",
      left: "Left",
      arrived: "Arrived",
      delay: "Under way",
      flags: "Flags",
      sequence: "Sequence",
      acknowledgment: "Acknowledges",
      length: "Bytes",
      window: "Window",
      sack: "SACK",
      reason: "Why",
      cause: "Sent again",
      fate: "Fate",
      verdict: "Receiver",
      unit: "Unit",
    },
    inSegments: segments => `of ${segments} segments`,
  },
  "zh-CN": {
    nothing: "请选择一个连接以查看其报文段。",
    picture: (near, far, segments) => `${near} 与 ${far} 之间 ${segments} 个报文段的梯形图`,
    keys: "上下方向键：上一个或下一个报文段。加号、减号、零：缩放。PageUp、PageDown：滚动。",
    follow: "跟随最新",
    zoomIn: "放大",
    zoomOut: "缩小",
    zoomReset: "1:1，原始大小",
    table: "表格",
    tableCaption: "可见的报文段",
    unknownPeer: "对端",
    knowledge: {
      both: "",
      one: "只能看到一端：另一端的时间按半个往返时间估算。",
      between: "只在一个位置观察：两端的时间均由往返时间估算。",
    },
    skipped: events => `有 ${events} 个较早或被抽稀的事件未显示。`,
    pick: "将指针移到报文段上或轻点它，也可用方向键选择。",
    timers: {
      retransmit: "RTO",
      "tail-loss-probe": "TLP",
      reordering: "乱序等待",
      persist: "坚持",
      "delayed-ack": "延迟确认",
      "compressed-ack": "确认压缩",
      keepalive: "保活",
      pacing: "发送节奏",
      "fin-wait-2": "FIN-WAIT-2",
      "time-wait": "2 MSL",
      "syn-ack": "SYN-ACK",
    },
    fates: {
      arrived: "已到达",
      lost: "在链路上丢失",
      "held-lost": "被判定丢失并已重发",
      unknown: "在途或未知",
    },
    partlyLost: "部分到达，其余丢失",
    copy: "被链路复制",
    overtaken: "被后发的报文段超过",
    reasons: {
      handshake: "握手",
      text: "数据",
      retransmission: "重传",
      ack: "确认",
      "delayed-ack": "延迟确认",
      "duplicate-ack": "重复确认",
      "window-update": "窗口更新",
      "window-probe": "窗口探测",
      keepalive: "保活",
      "mtu-probe": "路径 MTU 探测",
      "tail-loss-probe": "尾部丢失探测",
      "challenge-ack": "质询 ACK",
      fin: "关闭",
      reset: "重置",
      "time-wait": "TIME-WAIT 应答",
      "syn-cookie": "SYN cookie",
    },
    fields: {
      from: "发送方",
      left: "发出",
      arrived: "到达",
      delay: "在途",
      flags: "标志",
      sequence: "序号",
      acknowledgment: "确认号",
      length: "字节",
      window: "窗口",
      sack: "SACK",
      reason: "原因",
      cause: "重传原因",
      fate: "结果",
      verdict: "接收方",
      unit: "单元",
    },
    inSegments: segments => `含 ${segments} 个报文段`,
  },
};
