/** What the windows say. */
import type { BlockedBy } from "../../../../src/inspect/protocol.ts";
import type { Dictionary } from "../../text/language.ts";
import type { EdgeName, ReceiveKind, SendKind } from "./regions.ts";
import type { ReceiveSide, SendSide } from "./sides.ts";

export type NumberName =
  | "cwnd"
  | "ssthresh"
  | "srtt"
  | "rto"
  | "pacing"
  | "sendBuffer"
  | "receiveBuffer"
  | "sendNext"
  | "receiveNext";

export interface Words {
  readonly title: string;
  readonly nothing: string;
  readonly unknown: string;
  readonly source: Readonly<Record<"now" | "kept" | "story", (instant: string) => string>>;
  readonly notKnownAt: (instant: string) => string;
  readonly sending: string;
  readonly receiving: string;
  readonly acknowledged: string;
  readonly read: string;
  readonly sendKinds: Readonly<Record<SendKind, string>>;
  readonly receiveKinds: Readonly<Record<ReceiveKind, string>>;
  readonly sendEdges: Readonly<Record<EdgeName, string>>;
  readonly receiveEdges: Readonly<Record<EdgeName, string>>;
  readonly short: string;
  readonly numbers: Readonly<Record<NumberName, string>>;
  readonly none: string;
  readonly of: (part: string, whole: string) => string;
  readonly blocked: Readonly<Record<BlockedBy, string>>;
  readonly zeroWindow: string;
  readonly awaited: (bytes: string) => string;
  readonly unsent: (bytes: string) => string;
  readonly idle: string;
  readonly holes: (count: number) => string;
  readonly noHoles: string;
  readonly unread: (bytes: string) => string;
  readonly closedWindow: string;
}

export const WORDS: Dictionary<Words> = {
  en: {
    title: "Windows of both ends",
    nothing: "Choose a connection to see its windows.",
    unknown: "Nothing is known of its windows yet.",
    source: {
      now: instant => `Now, at ${instant} s.`,
      kept: instant => `As it was at ${instant} s.`,
      story: instant =>
        `At ${instant} s, put together from the segments: what the programs had written or read is not known.`,
    },
    notKnownAt: instant => `Nothing is known of the windows at ${instant} s.`,
    sending: "Sending",
    receiving: "Receiving",
    acknowledged: "Acknowledged",
    read: "Read by the program",
    sendKinds: {
      "in-flight": "In flight",
      sacked: "Selectively acknowledged",
      lost: "Lost",
      "sent-again": "Sent again",
      sendable: "May be sent now",
      waiting: "Written, may not be sent yet",
      open: "Room, nothing written",
      closed: "Room in one window only",
    },
    receiveKinds: {
      readable: "In order, not read yet",
      hole: "Hole: has not come",
      island: "Has come beyond a hole",
      window: "Window: may come",
      full: "Room that the window does not tell of",
    },
    sendEdges: {
      una: "SND.UNA",
      next: "SND.NXT",
      window: "peer's window",
      congestion: "cwnd",
      written: "written",
      received: "RCV.NXT",
      capacity: "buffer",
    },
    receiveEdges: {
      una: "SND.UNA",
      next: "SND.NXT",
      window: "window",
      congestion: "cwnd",
      written: "written",
      received: "RCV.NXT",
      capacity: "buffer",
    },
    short: "drawn shorter than it is",
    numbers: {
      cwnd: "Congestion window",
      ssthresh: "Slow start threshold",
      srtt: "Smoothed RTT",
      rto: "RTO",
      pacing: "Pacing rate",
      sendBuffer: "Send buffer",
      receiveBuffer: "Receive buffer",
      sendNext: "SND.NXT − ISS",
      receiveNext: "RCV.NXT − IRS",
    },
    none: "none",
    of: (part, whole) => `${part} of ${whole}`,
    blocked: {
      "nothing-to-send": "The sender waits for its program: everything written has been sent.",
      "peer-window": "The sender waits for the peer: its window is full.",
      "congestion-window": "The sender waits for acknowledgments: the congestion window is full.",
      nagle: "The sender waits for an acknowledgment before it sends a short segment (Nagle).",
      cork: "The sender waits for more text: its program has corked it.",
      pacing: "The sender waits for its turn: it is paced.",
      "silly-window": "The sender waits for more room: it would have to send a silly small segment.",
      handshake: "The sender waits for the handshake to end.",
      nothing: "Nothing holds the sender.",
    },
    zeroWindow: "The peer's window is closed: probes ask when its program has read.",
    awaited: bytes => `${bytes} wait to be acknowledged.`,
    unsent: bytes => `${bytes} are written and not sent.`,
    idle: "Nothing is on its way.",
    holes: count => (count === 1 ? "One hole waits to be filled." : `${count} holes wait to be filled.`),
    noHoles: "All that has come is in order.",
    unread: bytes => `The program has not read ${bytes} yet.`,
    closedWindow: "The window is closed: the program has to read first.",
  },
  "zh-CN": {
    title: "两端的窗口",
    nothing: "请选择一个连接，查看它的窗口。",
    unknown: "尚不知道它的窗口。",
    source: {
      now: instant => `现在：${instant} 秒。`,
      kept: instant => `${instant} 秒时的情形。`,
      story: instant => `${instant} 秒时，由报文段推出：程序写入或读取了多少不得而知。`,
    },
    notKnownAt: instant => `不知道 ${instant} 秒时的窗口。`,
    sending: "发送",
    receiving: "接收",
    acknowledged: "已确认",
    read: "程序已读取",
    sendKinds: {
      "in-flight": "在途",
      sacked: "已选择确认",
      lost: "丢失",
      "sent-again": "已重传",
      sendable: "现在可发送",
      waiting: "已写入，尚不可发送",
      open: "有空间，未写入",
      closed: "只在一个窗口之内",
    },
    receiveKinds: {
      readable: "有序，尚未读取",
      hole: "空洞：尚未到达",
      island: "空洞之后已到达",
      window: "窗口：可以到达",
      full: "窗口未通告的空间",
    },
    sendEdges: {
      una: "SND.UNA",
      next: "SND.NXT",
      window: "对端窗口",
      congestion: "cwnd",
      written: "已写入",
      received: "RCV.NXT",
      capacity: "缓冲区",
    },
    receiveEdges: {
      una: "SND.UNA",
      next: "SND.NXT",
      window: "窗口",
      congestion: "cwnd",
      written: "已写入",
      received: "RCV.NXT",
      capacity: "缓冲区",
    },
    short: "画得比实际短",
    numbers: {
      cwnd: "拥塞窗口",
      ssthresh: "慢启动阈值",
      srtt: "平滑 RTT",
      rto: "RTO",
      pacing: "发送节奏",
      sendBuffer: "发送缓冲区",
      receiveBuffer: "接收缓冲区",
      sendNext: "SND.NXT − ISS",
      receiveNext: "RCV.NXT − IRS",
    },
    none: "无",
    of: (part, whole) => `${part} / ${whole}`,
    blocked: {
      "nothing-to-send": "发送方在等程序：写入的都已发出。",
      "peer-window": "发送方在等对端：对端窗口已满。",
      "congestion-window": "发送方在等确认：拥塞窗口已满。",
      nagle: "发送方在等确认，然后才发短报文段（Nagle）。",
      cork: "发送方在等更多数据：程序已“塞住”它。",
      pacing: "发送方在等轮到自己：它按节奏发送。",
      "silly-window": "发送方在等更多空间：否则只能发送过小的报文段。",
      handshake: "发送方在等握手结束。",
      nothing: "没有什么阻止发送方。",
    },
    zeroWindow: "对端窗口已关闭：用探测询问其程序是否已读取。",
    awaited: bytes => `${bytes} 等待确认。`,
    unsent: bytes => `${bytes} 已写入但未发送。`,
    idle: "没有在途的数据。",
    holes: count => `有 ${count} 个空洞等待填补。`,
    noHoles: "到达的数据都是有序的。",
    unread: bytes => `程序还有 ${bytes} 未读取。`,
    closedWindow: "窗口已关闭：程序必须先读取。",
  },
};

/** What the sender waits for. `bytes`: a number of bytes in words. */
export function sendSentence(side: SendSide, words: Words, bytes: (count: number) => string): string {
  const sentences: string[] = [];
  if (side.blockedBy === "peer-window" && (side.windowEnd ?? 1) <= 0) sentences.push(words.zeroWindow);
  else if (side.blockedBy !== undefined) sentences.push(words.blocked[side.blockedBy]);
  const unsent = (side.written ?? side.next) - side.next;
  if (unsent > 0) sentences.push(words.unsent(bytes(unsent)));
  if (side.next > 0) sentences.push(words.awaited(bytes(side.next)));
  if (sentences.length === 0) sentences.push(words.idle);
  return sentences.join(" ");
}

/** What the receiver waits for. */
export function receiveSentence(side: ReceiveSide, words: Words, bytes: (count: number) => string): string {
  const sentences = [side.islands.length > 0 ? words.holes(holesOf(side)) : words.noHoles];
  if (side.windowEnd <= 0) sentences.push(words.closedWindow);
  if (side.readable !== undefined && side.readable > 0) sentences.push(words.unread(bytes(side.readable)));
  return sentences.join(" ");
}

function holesOf({ islands }: ReceiveSide): number {
  let holes = 0;
  let at = 0;
  for (const [start, end] of islands) {
    if (start > at) holes++;
    at = end;
  }
  return holes;
}
