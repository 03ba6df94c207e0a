/** RFC 9293 §3.5, figure 7, and §3.6, figure 13. */
import { described } from "../description.ts";

export const simultaneous = described({
  id: "simultaneous",
  title: { en: "Simultaneous open and close", "zh-CN": "同时打开与同时关闭" },
  summary: {
    en:
      "Two ends call each other at the same moment, and it is one connection; they hang up at the " +
      "same moment, too.",
    "zh-CN": "两端在同一时刻呼叫对方，结果是一个连接；它们也在同一时刻挂断。",
  },
  about: {
    en:
      "Nobody listens here: both ends open actively, each to the port that the other one calls from. " +
      "TCP makes one connection of the two SYNs that cross, without a server. So do the FINs, when " +
      "both close at once. These are the states that one rarely sees: SYN-RECEIVED after an active " +
      "open, and CLOSING.",
    "zh-CN":
      "这里没有人监听：两端都主动打开，各自呼叫对方所用的端口。两个 SYN 在途中交错，TCP 由此建立一个" +
      "连接，不需要服务器。两端同时关闭时，FIN 也是如此。这些状态平时很少见到：主动打开之后的 " +
      "SYN-RECEIVED，以及 CLOSING。",
  },
  seed: 1,
  speed: 0.1,
  view: "ladder",
  end: { host: "client" },
  remarks: {
    crossed: {
      view: "ladder",
      words: {
        en: "Both ends are in SYN-SENT, and the two SYNs are about to cross on the wire.",
        "zh-CN": "两端都在 SYN-SENT，两个 SYN 即将在线路上交错。",
      },
    },
    synReceived: {
      view: "states",
      words: {
        en:
          "Each has received a SYN where it expected a SYN-ACK. So it goes to SYN-RECEIVED and sends " +
          "its SYN again, now with an ACK (RFC 9293 §3.5, figure 7).",
        "zh-CN":
          "双方都在等 SYN-ACK，收到的却是 SYN。于是各自进入 SYN-RECEIVED，把自己的 SYN 再发一次，这次" +
          "带上 ACK（RFC 9293 §3.5，图 7）。",
      },
    },
    established: {
      view: "states",
      words: {
        en:
          "Both are ESTABLISHED, after four segments instead of three: one connection, not two, " +
          "because the four numbers that name it are the same from both sides.",
        "zh-CN":
          "两端都 ESTABLISHED，用了四个报文段而不是三个：这是一个连接，不是两个，因为从两边看，标识它" +
          "的四个数是一样的。",
      },
    },
    finsCross: {
      view: "ladder",
      words: {
        en:
          "Both users have closed at the same moment. Both ends are in FIN-WAIT-1, and the FINs " + "cross.",
        "zh-CN": "两端的用户在同一时刻关闭。双方都在 FIN-WAIT-1，两个 FIN 在途中交错。",
      },
    },
    closing: {
      view: "states",
      words: {
        en:
          "Each has received a FIN before the acknowledgment of its own: state CLOSING. Both have " +
          "acknowledged, and wait for the other's ACK (figure 13).",
        "zh-CN":
          "双方都在自己的 FIN 得到确认之前收到了对方的 FIN：状态 CLOSING。双方都已确认对方，正等待对" +
          "方的 ACK（图 13）。",
      },
    },
    timeWait: {
      view: "states",
      words: {
        en: "The ACKs have crossed as well. Both ends closed first, so both are in TIME-WAIT.",
        "zh-CN": "两个 ACK 也交错到达。两端都算先关闭的一方，所以都进入 TIME-WAIT。",
      },
    },
  },
});
