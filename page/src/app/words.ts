/** What the frame of the page says. */
import type { ViewId } from "../state/view-id.ts";
import type { Dictionary } from "../text/language.ts";

export interface FrameWords {
  readonly views: Readonly<Record<ViewId, string>>;
  /** A sentence of what the view shows. */
  readonly about: Readonly<Record<ViewId, string>>;
  readonly viewsLabel: string;
  readonly skip: string;
  readonly workspace: string;
  readonly closeView: (name: string) => string;
  readonly table: string;
  readonly foldTable: string;
  readonly unfoldTable: string;
  readonly columns: string;
  readonly fewerColumns: string;
  readonly moreColumns: string;
  readonly language: string;
  readonly theme: string;
  readonly themes: Readonly<Record<"system" | "light" | "dark", string>>;
  readonly help: string;
  readonly helpTitle: string;
  readonly helpText: string;
  readonly close: string;
  readonly openFile: string;
  readonly live: string;
  readonly goLive: string;
  readonly simulation: string;
  readonly file: string;
  readonly nothing: string;
  readonly connecting: string;
  readonly reading: (share: string) => string;
  readonly lost: string;
  readonly dismiss: string;
  readonly drop: string;
  readonly failed: (name: string) => string;
  readonly tryAgain: string;
  readonly shortcutsOn: string;
  readonly key: string;
  readonly what: string;
  readonly shortcuts: Readonly<Record<ShortcutName, string>>;
}

export type ShortcutName =
  | "filter"
  | "rows"
  | "views"
  | "pause"
  | "step"
  | "columns"
  | "theme"
  | "open"
  | "help";

export const FRAME_WORDS: Dictionary<FrameWords> = {
  en: {
    views: {
      connections: "Connections",
      ladder: "Ladder",
      sequence: "Time–sequence",
      states: "States",
      windows: "Windows",
      timers: "Timers & queues",
      packets: "Packets",
      controls: "Controls",
      scenes: "Scenes",
      findings: "Findings",
    },
    about: {
      connections: "All connections, with what they do and how they fare",
      ladder: "Segments between the two ends, over time",
      sequence: "Sequence numbers over time, with RTT, windows and rates below",
      states: "The state diagram, and the path that was taken",
      windows: "What is sent, acknowledged, lost, and what waits",
      timers: "Armed timers, and the queues of listeners",
      packets: "Packets, field by field and byte by byte",
      controls: "Time and faults of a simulation",
      scenes: "Guided scenes, one click each",
      findings: "What the analysis of a file holds to be worth a look",
    },
    viewsLabel: "Views",
    skip: "Skip to the views",
    workspace: "Workspace",
    closeView: name => `Close ${name}`,
    table: "Connections",
    foldTable: "Fold the table",
    unfoldTable: "Unfold the table",
    columns: "Views side by side",
    fewerColumns: "Fewer views side by side",
    moreColumns: "More views side by side",
    language: "Language",
    theme: "Colours",
    themes: { system: "System", light: "Light", dark: "Dark" },
    help: "Help",
    helpTitle: "Keys",
    helpText:
      "The views share what is selected and one time cursor: mark an instant in one, and the others show it.",
    close: "Close",
    openFile: "Open file",
    live: "Live",
    goLive: "Go live",
    simulation: "Simulation",
    file: "File",
    nothing: "Start a scene, or drop a capture (pcap, pcapng) or a trace (jsonl) here.",
    connecting: "Connecting…",
    reading: share => `Reading… ${share}`,
    lost: "The connection to the inspector is lost. What was there stays; trying again.",
    dismiss: "Dismiss",
    drop: "Drop the file to open it",
    failed: name => `${name} has failed.`,
    tryAgain: "Try again",
    shortcutsOn: "Keys without Ctrl are on",
    key: "Key",
    what: "What it does",
    shortcuts: {
      filter: "to the filter",
      rows: "next and previous row",
      views: "show or hide a view",
      pause: "pause and go on, in a simulation",
      step: "one step, in a simulation",
      columns: "fewer or more views side by side",
      theme: "light, dark, as the system",
      open: "open a file",
      help: "this help",
    },
  },
  "zh-CN": {
    views: {
      connections: "连接",
      ladder: "时序梯形图",
      sequence: "时间–序号图",
      states: "状态",
      windows: "窗口",
      timers: "定时器与队列",
      packets: "数据包",
      controls: "控制",
      scenes: "场景",
      findings: "发现",
    },
    about: {
      connections: "所有连接：在做什么，情况如何",
      ladder: "两端之间随时间往来的报文段",
      sequence: "序号随时间的变化，下方是 RTT、窗口和速率",
      states: "状态图，以及走过的路径",
      windows: "已发送、已确认、已丢失的数据，以及还在等什么",
      timers: "已启动的定时器，以及监听队列",
      packets: "逐字段、逐字节查看数据包",
      controls: "控制模拟的时间和故障",
      scenes: "引导场景，一键开始",
      findings: "文件分析中值得注意的情况",
    },
    viewsLabel: "视图",
    skip: "跳到视图",
    workspace: "工作区",
    closeView: name => `关闭${name}`,
    table: "连接",
    foldTable: "收起表格",
    unfoldTable: "展开表格",
    columns: "并排视图数",
    fewerColumns: "减少并排视图",
    moreColumns: "增加并排视图",
    language: "语言",
    theme: "颜色",
    themes: { system: "跟随系统", light: "浅色", dark: "深色" },
    help: "帮助",
    helpTitle: "按键",
    helpText: "各视图共享所选连接和同一个时间光标：在一个视图里标出某一时刻，其他视图也会显示它。",
    close: "关闭",
    openFile: "打开文件",
    live: "实时",
    goLive: "回到实时",
    simulation: "模拟",
    file: "文件",
    nothing: "开始一个场景，或把抓包文件（pcap、pcapng）或跟踪文件（jsonl）拖到这里。",
    connecting: "正在连接…",
    reading: share => `正在读取… ${share}`,
    lost: "与检查器的连接已断开。已有内容保留，正在重试。",
    dismiss: "知道了",
    drop: "松开即可打开文件",
    failed: name => `${name}出错了。`,
    tryAgain: "重试",
    shortcutsOn: "启用单键快捷键",
    key: "按键",
    what: "作用",
    shortcuts: {
      filter: "跳到过滤框",
      rows: "下一行、上一行",
      views: "显示或隐藏视图",
      pause: "模拟：暂停与继续",
      step: "模拟：前进一步",
      columns: "减少或增加并排视图",
      theme: "浅色、深色、跟随系统",
      open: "打开文件",
      help: "本帮助",
    },
  },
};
