/** What the list of packets, the dissection and the bytes say. */
import type { Mark } from "../../../../src/analysis/marks.ts";
import type { Dictionary } from "../../text/language.ts";

export interface PacketsWords {
  readonly label: string;
  readonly filter: string;
  readonly filterHint: string;
  readonly problem: (message: string, at: number) => string;
  readonly count: (packets: string) => string;
  readonly skipped: (packets: string) => string;
  readonly none: string;
  readonly noneInFile: string;
  readonly choose: string;
  readonly hold: string;
  readonly holdHelp: string;
  readonly download: string;
  readonly number: string;
  readonly time: string;
  readonly timeHelp: string;
  readonly where: string;
  readonly length: string;
  readonly packet: string;
  readonly incoming: string;
  readonly outgoing: string;
  readonly fields: string;
  readonly bytes: string;
  readonly bytesHelp: string;
  readonly bytesOf: (first: number, last: number, all: number) => string;
  readonly marks: Readonly<Record<Mark, string>>;
  readonly cut: (captured: string, all: string) => string;
}

export const PACKETS_WORDS: Dictionary<PacketsWords> = {
  en: {
    label: "Packets",
    filter: "Filter packets",
    filterHint: "Filter: tcp port 80 and host 10.0.0.1",
    problem: (message, at) => `At character ${at + 1}: ${message}.`,
    count: packets => `${packets} packets`,
    skipped: packets => `${packets} left out: too many of them`,
    none: "No packets yet.",
    noneInFile: "No packets: traces have none, and a filter may let none through.",
    choose: "Choose a packet to see its fields and bytes.",
    hold: "Hold",
    holdHelp: "Keep the list as it is; packets go on being captured",
    download: "Download",
    number: "No.",
    time: "Time",
    timeHelp: "Seconds since the first packet",
    where: "Seen at",
    length: "Length",
    packet: "Packet",
    incoming: "in",
    outgoing: "out",
    fields: "Fields",
    bytes: "Bytes",
    bytesHelp: "Arrow keys move from byte to byte.",
    bytesOf: (first, last, all) => `bytes ${first} to ${last} of ${all}`,
    marks: {
      retransmission: "retransmission",
      spurious: "needless",
      outOfOrder: "out of order",
      copy: "copy",
      duplicateAck: "duplicate ACK",
      duplicateSack: "D-SACK",
      keepalive: "keepalive",
      keepaliveAnswer: "keepalive answer",
      zeroWindow: "zero window",
      zeroWindowProbe: "window probe",
      zeroWindowProbeAnswer: "window probe answer",
      windowUpdate: "window update",
      windowFull: "window full",
      gapBefore: "gap before",
      acknowledgesUnseen: "ACK of unseen text",
      portsReused: "ports used again",
    },
    cut: (captured, all) => `${captured} of ${all} bytes were captured`,
  },
  "zh-CN": {
    label: "数据包",
    filter: "过滤数据包",
    filterHint: "过滤：tcp port 80 and host 10.0.0.1",
    problem: (message, at) => `第 ${at + 1} 个字符：${message}。`,
    count: packets => `${packets} 个数据包`,
    skipped: packets => `有 ${packets} 个因数量过多而略去`,
    none: "还没有数据包。",
    noneInFile: "没有数据包：跟踪文件不含数据包，过滤条件也可能没有匹配。",
    choose: "选择一个数据包，查看它的字段和字节。",
    hold: "定住",
    holdHelp: "列表保持不动，抓包继续进行",
    download: "下载",
    number: "编号",
    time: "时间",
    timeHelp: "距第一个数据包的秒数",
    where: "位置",
    length: "长度",
    packet: "数据包",
    incoming: "入",
    outgoing: "出",
    fields: "字段",
    bytes: "字节",
    bytesHelp: "用方向键逐字节移动。",
    bytesOf: (first, last, all) => `第 ${first} 至 ${last} 字节，共 ${all} 字节`,
    marks: {
      retransmission: "重传",
      spurious: "不必要",
      outOfOrder: "乱序",
      copy: "副本",
      duplicateAck: "重复 ACK",
      duplicateSack: "D-SACK",
      keepalive: "保活",
      keepaliveAnswer: "保活应答",
      zeroWindow: "零窗口",
      zeroWindowProbe: "窗口探测",
      zeroWindowProbeAnswer: "窗口探测应答",
      windowUpdate: "窗口更新",
      windowFull: "窗口已满",
      gapBefore: "前有缺口",
      acknowledgesUnseen: "确认了未见的数据",
      portsReused: "端口重用",
    },
    cut: (captured, all) => `只抓取了 ${all} 字节中的 ${captured} 字节`,
  },
};
