/** RFC 4987: a queue filled by strangers, and how to do without it. */
import { described } from "../description.ts";

const server = { host: "server" };

export const synFlood = described({
  id: "syn-flood",
  title: { en: "SYN flood, without and with cookies", "zh-CN": "SYN 洪泛：没有与有 cookie" },
  summary: {
    en:
      "Twenty forged SYNs a second shut a server's door; SYN cookies open it again without any " + "memory.",
    "zh-CN": "每秒二十个伪造的 SYN 就能堵住服务器的门；SYN cookie 不占内存就把门重新打开。",
  },
  about: {
    en:
      "A half-open connection costs the server a place in its SYN queue until the third segment " +
      "comes, or the server gives up a minute later. An attacker who sends SYNs from addresses that " +
      "are not his own never answers. Here the queue has 17 places, and an administrator turns SYN " +
      "cookies on after six seconds (RFC 4987 §2, §3.6).",
    "zh-CN":
      "每个半开连接都在服务器的 SYN 队列里占一个位置，直到第三个报文段到来，或者一分钟后服务器放弃。" +
      "攻击者用伪造的源地址发送 SYN，永远不会完成握手。这里队列有 17 个位置，管理员在六秒之后打开 SYN " +
      "cookie（RFC 4987 §2、§3.6）。",
  },
  seed: 1,
  speed: 0.5,
  view: "timers",
  end: { host: "client" },
  remarks: {
    filling: {
      view: "timers",
      words: {
        en:
          "SYNs arrive from all over a network that nobody answers from. Each takes a place, and each " +
          "SYN-ACK goes to somebody who never asked for it.",
        "zh-CN":
          "SYN 来自一个无人应答的网段里的各个地址。每个都占一个位置，每个 SYN-ACK 都发给一个从未请求" +
          "过的人。",
      },
    },
    full: {
      view: "timers",
      words: {
        en: "The queue is full. Further SYNs are dropped without a word, whoever sends them.",
        "zh-CN": "队列满了。后来的 SYN 一律悄悄丢弃，不管是谁发的。",
      },
    },
    shutOut: {
      view: "ladder",
      words: {
        en:
          "An honest client has called and heard nothing. It repeats its SYN, and the chance that it " +
          "finds a free place is small: entries leave one by one, and the flood takes every place " +
          "that becomes free.",
        "zh-CN":
          "一个正常的客户端发起连接，却没有回音。它重发 SYN，但碰上空位的机会很小：条目一个个离开，而" +
          "洪泛会占满每一个空出的位置。",
      },
    },
    cookies: {
      view: "timers",
      words: {
        en:
          "SYN cookies are on. The queue is still full, but the server answers again: it computes its " +
          "initial sequence number from addresses, ports, the time and a secret, sends it, and " +
          "forgets all about it.",
        "zh-CN":
          "SYN cookie 打开了。队列仍然是满的，但服务器又开始应答：它由地址、端口、时间和一个密钥算出" +
          "初始序号，发出之后就把一切忘掉。",
      },
    },
    letIn: {
      view: "ladder",
      end: server,
      words: {
        en:
          "The honest client's next SYN was answered, and its ACK brought the cookie back: the number " +
          "proves that it has received the SYN-ACK, so its address is its own. The connection begins " +
          "without ever having had a place in the queue.",
        "zh-CN":
          "正常客户端的下一个 SYN 得到了应答，它的 ACK 把 cookie 带了回来：这个数证明它收到过 " +
          "SYN-ACK，地址确实是它自己的。连接就此开始，从未占用过队列里的位置。",
      },
    },
    answered: {
      view: "packets",
      words: {
        en:
          "The server has answered, while the flood goes on. What a cookie cannot carry is lost in " +
          "general; window scale and SACK survive here because they hide in the low bits of the " +
          "timestamp, as on Linux.",
        "zh-CN":
          "洪泛仍在继续，服务器已作出应答。cookie 装不下的选项一般会丢失；窗口扩大和 SACK 在这里得以" +
          "保留，是因为像 Linux 那样藏在时间戳的低位里。",
      },
    },
  },
});
