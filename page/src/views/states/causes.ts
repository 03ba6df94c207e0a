/**
 * The causes of state changes in the reader's language. The stack tells them in English, in phrases that are
 * joined by commas and `or`; what is not known here stays as the stack tells it.
 */
import type { Language } from "../../text/language.ts";

const CHINESE: Readonly<Record<string, string>> = {
  "passive OPEN": "被动打开",
  "active OPEN": "主动打开",
  "active OPEN of a listening socket": "监听套接字改为主动打开",
  "SYN sent": "发送 SYN",
  "SYN received": "收到 SYN",
  "SYN received (simultaneous open)": "收到 SYN（同时打开）",
  "newer SYN received (RFC 6191)": "收到更新的 SYN（RFC 6191）",
  "SYN-ACK sent": "发送 SYN-ACK",
  "SYN-ACK received": "收到 SYN-ACK",
  "ACK sent": "发送 ACK",
  "ACK of our SYN received": "收到对本端 SYN 的 ACK",
  "ACK of our FIN received": "收到对本端 FIN 的 ACK",
  "FIN sent": "发送 FIN",
  "FIN received": "收到 FIN",
  "FIN received (simultaneous close)": "收到 FIN（同时关闭）",
  CLOSE: "关闭",
  ABORT: "中止",
  "RST received": "收到 RST",
  "RST sent": "发送 RST",
  "ICMP error received": "收到 ICMP 错误",
  "text received that nobody reads": "收到已无人读取的数据",
  "CLOSE with text unread": "关闭时仍有未读数据",
  "CLOSE of the listener": "监听者关闭",
  "active OPEN takes its place": "被新的主动打开取代",
  "SYN cookie received": "收到 SYN cookie",
  "retransmissions given up": "放弃重传",
  "window probes given up": "放弃窗口探测",
  "keepalive probes given up": "放弃保活探测",
  "accept queue full": "接受队列已满",
  "too many without a user": "无主连接过多",
  "no waiting in FIN-WAIT-2": "不在 FIN-WAIT-2 中等待",
  "too many in TIME-WAIT": "TIME-WAIT 过多",
  "the capture begins in mid-connection": "抓包始于连接中途",
  "text to be sent is gone": "待发数据已丢失",
  timeout: "超时",
  "FIN-WAIT-2 timeout": "FIN-WAIT-2 超时",
  "2 MSL have passed": "已过 2 MSL",
  "after a passive OPEN": "被动打开之后",
  "after an active OPEN": "主动打开之后",
};

const JOINTS: Readonly<Record<string, string>> = { ", ": "，", " or ": "或", ", or ": "，或" };

/** A phrase, and the joint after it. */
const PARTS = /(.+?)(, or | or |, |$)/gu;

export function causeText(cause: string, language: Language): string {
  if (language === "en") return cause;
  return cause.replace(PARTS, (_, phrase: string, joint: string) => {
    const known = Object.hasOwn(CHINESE, phrase) ? CHINESE[phrase] : undefined;
    return (known ?? phrase) + (JOINTS[joint] ?? joint);
  });
}

/** Whether all its phrases are known in Chinese. */
export function isTranslated(cause: string): boolean {
  return [...cause.matchAll(PARTS)].every(
    ([, phrase]) => phrase !== undefined && Object.hasOwn(CHINESE, phrase),
  );
}
