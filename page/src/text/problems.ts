/** What could not be done or read, as sentences in the page's languages. */
import type { CaptureError } from "../../../src/capture/captured-packet.ts";
import { problemText as english, type PartOfCapture, type Problem } from "../../../src/inspect/problem.ts";
import type { TraceFault } from "../../../src/trace/trace-error.ts";
import { filterFaultText } from "./filter-faults.ts";
import type { Language } from "./language.ts";

export function problemText(problem: Problem, language: Language): string {
  return language === "en" ? english(problem) : chinese(problem);
}

function chinese(problem: Problem): string {
  switch (problem.kind) {
    case "real-time":
      return "这里是真实的时间，不能暂停，也不能倒退。";
    case "no-such-wire":
      return "没有这条可以更改的线路。";
    case "no-single-segment":
      return "这条线路上不能单独拦下一个报文段。";
    case "fate-decided":
      return "这条线路的下一个报文段已经另有安排。";
    case "nothing-left":
      return "不会再发生什么了：请用同一个或另一个种子重放。";
    case "bad-filter":
      return `过滤条件不可用：${filterFaultText(problem.fault, "zh-CN")}。`;
    case "long-filter":
      return `过滤条件最长 ${problem.most} 个字符。`;
    case "simulation-failed":
      return `模拟出错：${problem.reason}`;
    case "no-such-scene":
      return `没有名为 ${problem.scene} 的场景。`;
    case "other-version":
      return `检查器使用版本 ${problem.theirs}，本页面使用版本 ${problem.ours}。`;
    case "empty-file":
      return `${problem.file} 是空文件。`;
    case "unknown-format":
      return `${problem.file} 既不是抓包文件（pcap、pcapng），也不是跟踪文件。`;
    case "no-trace":
      return `${problem.file} 不是跟踪文件。`;
    case "unreadable-file":
      return `无法读取 ${problem.file}：${problem.reason}。`;
    case "bad-trace":
      return `${problem.file}：跟踪文件第 ${problem.line} 行${TRACE_FAULTS[problem.fault.kind]}。`;
    case "long-trace":
      return `${problem.file} 还有 ${problem.leftOut} 个事件，超出了页面能保留的数量。`;
    case "part-of-capture":
      return partOfCapture(problem);
    case "told":
      return problem.sentence;
  }
}

const TRACE_FAULTS: Readonly<Record<TraceFault["kind"], string>> = {
  "too-long": "过长",
  "not-json": "不是 JSON",
  empty: "缺失：文件里什么也没有",
  "no-header": "不是跟踪文件的文件头",
  "other-version": "的版本未知",
  "bad-header": "的文件头不完整或有误",
  "bad-event": "不是有效的事件",
};

const DAMAGES: Readonly<Record<CaptureError["kind"], string>> = {
  "unknown-format": "格式未知",
  malformed: "内容有误",
  truncated: "文件不完整",
  "too-large": "数据块过大",
};

function partOfCapture({ damage, packetsLeftOut, segmentsLeftOut }: PartOfCapture): string {
  const sentences: string[] = [];
  if (damage !== undefined)
    sentences.push(`抓包文件在第 ${damage.offset} 字节处损坏：${DAMAGES[damage.kind]}。`);
  if (packetsLeftOut > 0) sentences.push(`还有 ${packetsLeftOut} 个数据包超出了页面能保留的数量。`);
  if (segmentsLeftOut > 0) sentences.push(`有 ${segmentsLeftOut} 个报文段属于未显示的其他连接。`);
  return sentences.join("");
}
