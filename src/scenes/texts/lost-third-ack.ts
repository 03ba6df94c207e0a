/** RFC 9293 §3.5: what a handshake does whose third segment is lost. */
import { described } from "../description.ts";

const second = { host: "client", port: 40_002 };

export const lostThirdAck = described({
  id: "lost-third-ack",
  title: { en: "Lost third ACK, then data and RST", "zh-CN": "第三个 ACK 丢失，之后是数据与 RST" },
  summary: {
    en:
      "The client is connected, the server is not: usually the first text mends it, here once it is " +
      "too late.",
    "zh-CN": "客户端已连接而服务器没有：通常第一段数据就能补救，但有一次来得太晚。",
  },
  about: {
    en:
      "The third segment of a handshake is a bare ACK, and nobody acknowledges an ACK. If it is lost, " +
      "the client is ESTABLISHED and cannot know that the server still waits in SYN-RECEIVED. Two " +
      "connections show the two ways on: text that carries the missing ACK, and silence until the " +
      "server gives up.",
    "zh-CN":
      "握手的第三个报文段是一个纯 ACK，而 ACK 本身没有人确认。如果它丢了，客户端已经 ESTABLISHED，却" +
      "无从知道服务器还停在 SYN-RECEIVED。两个连接展示两种后果：数据把缺失的 ACK 带到；或者一直沉默，" +
      "直到服务器放弃。",
  },
  seed: 1,
  speed: 0.2,
  view: "ladder",
  end: { host: "client", port: 40_001 },
  remarks: {
    ackLost: {
      view: "ladder",
      words: {
        en:
          "The wire has lost the third segment. The client does not notice: it has the server's " +
          "SYN-ACK, and is ESTABLISHED.",
        "zh-CN": "线路丢掉了第三个报文段。客户端察觉不到：它已收到服务器的 SYN-ACK，处于 ESTABLISHED。",
      },
    },
    textCarriesIt: {
      view: "ladder",
      words: {
        en:
          "The client's first text has arrived. Every segment after the SYN carries ACK, so this one " +
          "tells what the lost one should have told: the server is ESTABLISHED and takes the text at " +
          "once. The loss cost nothing (RFC 9293 §3.10.7.4).",
        "zh-CN":
          "客户端的第一段数据到了。SYN 之后的每个报文段都带 ACK，所以它说出了丢失的那个本该说的话：服" +
          "务器进入 ESTABLISHED，并立即收下数据。这次丢失没有任何代价（RFC 9293 §3.10.7.4）。",
      },
    },
    nothingToSay: {
      view: "states",
      end: second,
      words: {
        en:
          "A second connection: again the client is ESTABLISHED, but everything that it sends is lost " +
          "from now on, and it has nothing to say. The server holds a half-open entry.",
        "zh-CN":
          "第二个连接：客户端同样进入 ESTABLISHED，但从现在起它发出的一切都会丢失，而且它也没有话要" +
          "说。服务器保留着一个半开条目。",
      },
    },
    repeated: {
      view: "timers",
      end: { host: "server", port: 40_002 },
      words: {
        en:
          "The server's timer has run out, and the SYN-ACK goes out again; the time until the next " +
          "one doubles (RFC 6298 §5). The client answers each with an ACK, and each answer is lost.",
        "zh-CN":
          "服务器的定时器到期，SYN-ACK 再发一次；到下一次的时间加倍（RFC 6298 §5）。客户端每次都回 " +
          "ACK，而每个回答都丢了。",
      },
    },
    givenUp: {
      view: "timers",
      end: { host: "server", port: 40_002 },
      words: {
        en:
          "Two repetitions without an answer are enough for this server (Linux's default is five): " +
          "the entry is dropped, and nothing is said about it. The wire is whole again. The client " +
          "still believes in its connection.",
        "zh-CN":
          "这台服务器重复两次仍无回答就放弃（Linux 默认五次）：条目被丢弃，不作任何通知。线路此时恢复" +
          "正常。客户端仍然相信连接存在。",
      },
    },
    reset: {
      view: "ladder",
      end: second,
      words: {
        en:
          "Now the client has sent its text. The server knows no such connection and answers with " +
          "RST, whose sequence number is the one that the client's ACK expects (RFC 9293 §3.10.7.1). " +
          "The client's user hears ECONNRESET: a half-open connection is found out when it is used.",
        "zh-CN":
          "客户端现在才发数据。服务器不认识这个连接，于是回 RST，其序号正是客户端的 ACK 所期待的（RFC " +
          "9293 §3.10.7.1）。客户端的用户得到 ECONNRESET：半开连接要到使用时才会暴露。",
      },
    },
  },
});
