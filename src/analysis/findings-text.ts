/** Findings in plain words, in the languages of the inspector's page. */
import type { Finding, FindingCode, FindingValues } from "./findings.ts";

export type FindingLanguage = "en" | "zh";

/**
 * `{name}` is a value as it is; `{name:form}` is one of `FORMS`: so many times, a duration, bytes, segments.
 */
const ENGLISH: Readonly<Record<FindingCode, string>> = {
  refused: "{end} refused the connection of {peer}: nobody listens there.",
  unanswered: "{peer} did not answer: {end} sent its SYN {attempts:times}, for {waited:duration}.",
  "half-open":
    "{end} got an answer to its SYN ({attempts:times}), but the handshake was never completed: " +
    "a scan, a flood of SYNs, or a lost ACK.",
  reset: "{end} broke the connection off with a RST; nothing was under way.",
  "reset-with-text": "{end} broke the connection off with a RST while {bytes:bytes} were not acknowledged.",
  "foreign-reset":
    "The RST of {end} has a hop limit of {hops}, its other packets {usual}: " +
    "somebody on the way may have sent it.",
  "silent-peer":
    "{peer} fell silent: {end} repeats itself without an answer, for {silence:duration} " +
    "at the end of the capture.",
  unreachable: "{reporter} reports that {end} cannot reach {peer}: {what}.",
  "too-big":
    "{reporter} reports that packets of {end} are too big for the path: {mtu:bytes} pass ({count:times}).",
  "hops-exceeded":
    "{reporter} reports that a packet of {end} ran out of hops: probably a loop on the way to {peer}.",
  "syn-again":
    "{end} sent its SYN again ({count:times}): SYN or answer were lost, or the peer was overloaded.",
  "syn-ack-again": "{end} sent its SYN-ACK again ({count:times}): it, or the ACK that answers it, was lost.",
  timeout:
    "{end} had to wait for its retransmission timer ({count:times}): the slowest way to learn of a loss.",
  "fast-retransmission": "{end} repaired losses by fast retransmission: {count:segments}.",
  "early-retransmission":
    "{end} repaired losses by time, before three duplicate acknowledgments " +
    "told of them (RACK): {count:segments}.",
  "tail-loss-probe": "{end} asked with a probe whether the end of its text had arrived ({count:times}).",
  spurious:
    "{needless} of {all} retransmissions of {end} were not necessary: the text had arrived, " +
    "as D-SACK, timestamps or an earlier ACK show.",
  "loss-before":
    "{lost:segments} of {end} were lost before they came to the place of the capture (of {segments}).",
  "loss-behind":
    "{lost:segments} of {end} were lost behind the place of the capture (of {segments}), or their ACKs were.",
  "many-losses": "{percent} % of the segments of {end} had to be sent again: the path loses too much.",
  "out-of-order": "Segments of {end} overtook each other on their way: {count:segments}.",
  copies:
    "The same packet of {end} is there twice ({count:times}): the network doubled it, " +
    "or the capture has seen it at two places.",
  "duplicate-sack": "{end} told that text came twice ({count:times}).",
  "zero-window":
    "{end} closed its window ({count:times}): its application does not read as fast as text arrives.",
  "window-full": "{end} filled the window of {peer} and had to wait ({count:times}).",
  "window-probe": "{end} asked whether the closed window has opened ({count:times}).",
  keepalive: "{end} asked by keepalive whether {peer} is still there ({count:times}).",
  "keepalive-unanswered": "{peer} does not answer the keepalives of {end}, for {silence:duration}.",
  gap: "Text of {end} is missing before a segment ({count:times}): lost, late, or not captured.",
  "acknowledged-unseen":
    "{end} acknowledged text that the capture does not have ({count:times}): the capture has lost packets.",
  "ports-reused": "{end} opened a new connection on the addresses and ports of an earlier one.",
  "late-start": "The capture begins in the middle of this connection: window scales are not known.",
  "one-way": "Only one direction was captured: that of {end}.",
  "no-window-scale": "{peer} offered no window scaling: at most {largest:bytes} can be on their way to it.",
  "no-sack": "{end} offered no SACK: several losses in one round trip are repaired one by one.",
  "super-segments":
    "{end} was captured before its segments were cut, or after they were joined: up to {bytes:bytes} in one.",
  "checksums-left-to-card":
    "The checksums of {end} are wrong ({wrong:segments}), because its network card " +
    "computes them after the capture.",
  "bad-checksums": "{wrong:segments} of {end} have a wrong checksum: they were damaged on their way.",
  "packets-cut": "Packets were captured only in part ({count:times}).",
};

const CHINESE: Readonly<Record<FindingCode, string>> = {
  refused: "{end} 拒绝了 {peer} 的连接：该端口没有程序在监听。",
  unanswered: "{peer} 没有应答：{end} 发送 SYN {attempts:times}，历时 {waited:duration}。",
  "half-open":
    "{end} 的 SYN 得到了应答（{attempts:times}），但握手始终没有完成：可能是扫描、SYN 洪泛，或 ACK 丢失。",
  reset: "{end} 用 RST 中断了连接；当时没有未确认的数据。",
  "reset-with-text": "{end} 用 RST 中断了连接，当时还有 {bytes:bytes}未被确认。",
  "foreign-reset": "{end} 的 RST 跳数限制为 {hops}，而它的其他报文为 {usual}：可能是途中的设备发送的。",
  "silent-peer": "{peer} 不再应答：{end} 不断重传而没有回音，到抓包结束已 {silence:duration}。",
  unreachable: "{reporter} 报告 {end} 无法到达 {peer}：{what}。",
  "too-big": "{reporter} 报告 {end} 的报文对路径来说太大：最多能通过 {mtu:bytes}（{count:times}）。",
  "hops-exceeded": "{reporter} 报告 {end} 的报文跳数超限：到 {peer} 的途中可能有环路。",
  "syn-again": "{end} 重发了 SYN（{count:times}）：SYN 或其应答丢失，或对端过载。",
  "syn-ack-again": "{end} 重发了 SYN-ACK（{count:times}）：它或对它的 ACK 丢失了。",
  timeout: "{end} 只能等待重传定时器到期（{count:times}）：这是发现丢包最慢的方式。",
  "fast-retransmission": "{end} 通过快速重传修复了丢失：{count:segments}。",
  "early-retransmission": "{end} 在收到三个重复确认之前，就按时间（RACK）修复了丢失：{count:segments}。",
  "tail-loss-probe": "{end} 用探测报文询问末尾的数据是否到达（{count:times}）。",
  spurious:
    "{end} 的 {all} 次重传中有 {needless} 次是不必要的：D-SACK、时间戳或更早的 ACK 表明数据早已到达。",
  "loss-before": "{end} 的 {lost:segments}在到达抓包点之前丢失（共 {segments} 个）。",
  "loss-behind": "{end} 的 {lost:segments}（或它们的 ACK）在抓包点之后丢失（共 {segments} 个）。",
  "many-losses": "{end} 有 {percent}% 的报文段需要重发：这条路径丢包过多。",
  "out-of-order": "{end} 的报文段在途中乱序：{count:segments}。",
  copies: "{end} 的同一个报文出现了两次（{count:times}）：网络复制了它，或在两处被抓到。",
  "duplicate-sack": "{end} 报告收到了重复的数据（{count:times}）。",
  "zero-window": "{end} 关闭了接收窗口（{count:times}）：应用程序读取的速度赶不上数据到达的速度。",
  "window-full": "{end} 填满了 {peer} 的窗口，只能等待（{count:times}）。",
  "window-probe": "{end} 询问关闭的窗口是否已经打开（{count:times}）。",
  keepalive: "{end} 用保活报文询问 {peer} 是否还在（{count:times}）。",
  "keepalive-unanswered": "{peer} 没有应答 {end} 的保活报文，已 {silence:duration}。",
  gap: "{end} 的某个报文段之前缺少数据（{count:times}）：丢失、迟到，或没有抓到。",
  "acknowledged-unseen": "{end} 确认了抓包中没有的数据（{count:times}）：抓包时漏掉了报文。",
  "ports-reused": "{end} 在先前连接的地址和端口上建立了新的连接。",
  "late-start": "抓包从这条连接的中途开始：窗口扩大因子未知。",
  "one-way": "只抓到了一个方向：{end} 发出的报文。",
  "no-window-scale": "{peer} 没有提供窗口扩大选项：最多只能有 {largest:bytes}在途。",
  "no-sack": "{end} 没有提供 SACK：一个往返内的多个丢失只能逐个修复。",
  "super-segments": "{end} 的报文段是在切分之前（或合并之后）被抓到的：最大 {bytes:bytes}。",
  "checksums-left-to-card": "{end} 的校验和不正确（{wrong:segments}），因为网卡在抓包之后才计算校验和。",
  "bad-checksums": "{end} 的 {wrong:segments}校验和错误：它们在途中损坏了。",
  "packets-cut": "有些报文只抓到了一部分（{count:times}）。",
};

const TEXTS = { en: ENGLISH, zh: CHINESE } as const;

type Form = (value: number, language: FindingLanguage) => string;

const FORMS: Readonly<Record<string, Form>> = {
  times: (value, language) => {
    if (language === "zh") return `${whole(value)} 次`;
    return value === 1 ? "once" : value === 2 ? "twice" : `${whole(value)} times`;
  },
  segments: (value, language) => {
    if (language === "zh") return `${whole(value)} 个报文段`;
    return value === 1 ? "1 segment" : `${whole(value)} segments`;
  },
  bytes: (value, language) => {
    if (language === "zh") return `${whole(value)} 字节`;
    return value === 1 ? "1 byte" : `${whole(value)} bytes`;
  },
  duration: (value, language) => {
    const seconds = value / 1_000_000;
    if (seconds < 1) return `${(value / 1000).toFixed(1)} ${language === "zh" ? "毫秒" : "ms"}`;
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} ${language === "zh" ? "秒" : "s"}`;
  },
};

/** The sentence for a finding, or for the data of an `analysis:finding` event. */
export function findingText(
  { code, values }: Pick<Finding, "code" | "values">,
  language: FindingLanguage,
): string {
  return TEXTS[language][code].replaceAll(/\{(\w+)(?::(\w+))?\}/g, (_all, name: string, form?: string) =>
    shown(values, name, form, language),
  );
}

function shown(
  values: FindingValues,
  name: string,
  form: string | undefined,
  language: FindingLanguage,
): string {
  const value = values[name];
  if (value === undefined) return "?";
  const format = form === undefined ? undefined : FORMS[form];
  if (typeof value === "string" || format === undefined) return String(value);
  return format(value, language);
}

function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
