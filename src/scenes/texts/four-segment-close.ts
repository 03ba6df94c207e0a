/** RFC 9293 §3.6: how a connection ends, and what TIME-WAIT is for. */
import { described } from "../description.ts";

const server = { host: "server" };

export const fourSegmentClose = described({
  id: "four-segment-close",
  title: { en: "Four-segment close and TIME-WAIT", "zh-CN": "四次挥手与 TIME-WAIT" },
  summary: {
    en:
      "Each direction is closed by itself; who closes first waits at the end, for the case that his " +
      "last ACK was lost.",
    "zh-CN": "两个方向各自关闭；先关闭的一方最后要等待，以防自己的最后一个 ACK 丢失。",
  },
  about: {
    en:
      "A connection is two streams, and each ends with a FIN of its own that the other end " +
      "acknowledges. Between the two FINs one direction is closed and the other still open. Whoever " +
      "closed first ends in TIME-WAIT for two maximum segment lifetimes. Here the very last ACK is " +
      "lost, so that one can see why (RFC 9293 §3.6).",
    "zh-CN":
      "一个连接是两条字节流，每条都以自己的 FIN 结束，并由对端确认。两个 FIN 之间，一个方向已关闭，另" +
      "一个仍然开放。先关闭的一方最后进入 TIME-WAIT，停留两个最大报文段生存期。这里让最后一个 ACK 丢" +
      "失，好看清为什么要等（RFC 9293 §3.6）。",
  },
  seed: 1,
  speed: 0.15,
  view: "ladder",
  end: { host: "client" },
  remarks: {
    finSent: {
      view: "states",
      words: {
        en:
          "The client's user has closed: FIN is sent, state FIN-WAIT-1. FIN says that no more text " +
          "will come from here, and takes a sequence number of its own, so it is acknowledged and " +
          "repeated like text.",
        "zh-CN":
          "客户端的用户关闭了连接：发出 FIN，状态 FIN-WAIT-1。FIN 表示这边不再有数据；它占一个序号，" +
          "因此像数据一样会被确认、会被重发。",
      },
    },
    closeWait: {
      view: "states",
      end: server,
      words: {
        en:
          "The server has acknowledged the FIN and is in CLOSE-WAIT: it waits for its own user, who " +
          "may take as long as he likes. A host full of CLOSE-WAIT has programs that forget to close.",
        "zh-CN":
          "服务器确认了 FIN，处于 CLOSE-WAIT：它等的是自己的用户，等多久都可以。一台主机上堆满 " +
          "CLOSE-WAIT，说明有程序忘了关闭连接。",
      },
    },
    halfClosed: {
      view: "ladder",
      words: {
        en:
          "The client is in FIN-WAIT-2: its direction is closed. The other one is not, and the server " +
          "still sends a line, which the client receives and acknowledges.",
        "zh-CN":
          "客户端进入 FIN-WAIT-2：它这个方向已经关闭。另一个方向没有，服务器还会发来一行数据，客户端" +
          "照样接收并确认。",
      },
    },
    timeWait: {
      view: "states",
      words: {
        en:
          "The server has closed too. Its FIN has arrived, the client has sent the fourth segment, " +
          "and is in TIME-WAIT. Linux, and Postel, wait 60 seconds there.",
        "zh-CN":
          "服务器也关闭了。它的 FIN 已到达，客户端发出第四个报文段，进入 TIME-WAIT。Linux 和 Postel " +
          "在此等待 60 秒。",
      },
    },
    lastAckLost: {
      view: "ladder",
      words: {
        en:
          "The fourth segment is lost. The server stays in LAST-ACK. Had the client forgotten " +
          "everything by now, it could only answer a repeated FIN with RST, and the server's user " +
          "would hear of an error where there was none.",
        "zh-CN":
          "第四个报文段丢了。服务器停在 LAST-ACK。假如客户端此时已忘掉一切，它对重发的 FIN 只能回 " +
          "RST，服务器的用户就会听到一个本不存在的错误。",
      },
    },
    finAgain: {
      view: "timers",
      end: server,
      words: {
        en: "Nobody has acknowledged the server's FIN, so it is sent again.",
        "zh-CN": "没有人确认服务器的 FIN，于是它被再次发送。",
      },
    },
    serverClosed: {
      view: "ladder",
      words: {
        en:
          "TIME-WAIT has answered the repeated FIN with the ACK once more, and its 60 seconds begin " +
          "anew. The server is CLOSED.",
        "zh-CN": "TIME-WAIT 对重发的 FIN 再回一次 ACK，它的 60 秒重新开始计时。服务器进入 CLOSED。",
      },
    },
    timeWaitOver: {
      view: "states",
      words: {
        en:
          "The time is over. Any old segment of this connection has left the network by now, and " +
          "cannot be taken for one of a new connection between the same ports: the second reason for " +
          "TIME-WAIT.",
        "zh-CN":
          "时间到了。这个连接的旧报文段此时都已离开网络，不会被误认为同一对端口上新连接的报文段：这是 " +
          "TIME-WAIT 的第二个理由。",
      },
    },
  },
});
