/** RFC 9293 §3.5: how a connection begins. */
import { described } from "../description.ts";

export const threeWayHandshake = described({
  id: "three-way-handshake",
  title: { en: "Three-way handshake", "zh-CN": "三次握手" },
  summary: {
    en: "Three segments, and both ends know where the other begins to count.",
    "zh-CN": "只用三个报文段，双方就知道了对方从哪个序号开始计数。",
  },
  about: {
    en:
      "Both ends of a TCP connection number the bytes that they send, each from an initial sequence " +
      "number of its own choice. Before text can flow, each has to tell its number and hear that the " +
      "other has got it. The server's number and its acknowledgment travel together, so three " +
      "segments are enough (RFC 9293 §3.5).",
    "zh-CN":
      "TCP 连接的两端都给自己发送的字节编号，起点是各自选定的初始序号。在传输数据之前，每一端都要把自" +
      "己的初始序号告诉对方，并得到对方的确认。服务器的序号和它的确认放在同一个报文段里，所以三个报文" +
      "段就够了（RFC 9293 §3.5）。",
  },
  seed: 1,
  speed: 0.1,
  view: "ladder",
  end: { host: "client" },
  remarks: {
    synSent: {
      view: "states",
      words: {
        en:
          "The client has sent SYN and waits in SYN-SENT. Its initial sequence number is one that " +
          "strangers cannot guess (RFC 9293 §3.4.1), else they could forge segments of this " +
          "connection.",
        "zh-CN":
          "客户端发出了 SYN，在 SYN-SENT 状态等待。它的初始序号是外人猜不到的（RFC 9293 §3.4.1），否" +
          "则别人就能伪造这个连接的报文段。",
      },
    },
    synReceived: {
      view: "timers",
      end: { host: "server" },
      words: {
        en:
          "The server has answered with SYN and ACK in one segment. The half-open connection waits in " +
          "the listener's SYN queue, in state SYN-RECEIVED; the application has not heard of it yet.",
        "zh-CN":
          "服务器用一个报文段同时回复了 SYN 和 ACK。这个半开连接在监听者的 SYN 队列里等待，状态是 " +
          "SYN-RECEIVED；应用程序此时还不知道它。",
      },
    },
    clientEstablished: {
      view: "ladder",
      words: {
        en:
          "The SYN-ACK has arrived: after one round trip the client is ESTABLISHED. Its ACK leaves " +
          "now, and text may follow at once.",
        "zh-CN":
          "SYN-ACK 到了：经过一个往返时间，客户端进入 ESTABLISHED。它的 ACK 随即发出，数据可以紧跟其" +
          "后。",
      },
    },
    serverEstablished: {
      view: "packets",
      end: { host: "server" },
      words: {
        en:
          "The third segment has arrived, and the server is ESTABLISHED as well. Open the two SYNs: " +
          "their options settle segment size, window scale, SACK and timestamps for the whole " +
          "connection; none of this can be changed later (RFC 9293 §3.2, RFC 7323, RFC 2018).",
        "zh-CN":
          "第三个报文段到了，服务器也进入 ESTABLISHED。打开那两个 SYN 看看：最大报文段长度、窗口扩大" +
          "因子、SACK 和时间戳都由其中的选项商定，之后不能再改（RFC 9293 §3.2、RFC 7323、RFC 2018）。",
      },
    },
    answered: {
      view: "sequence",
      words: {
        en:
          "A question and its answer have passed. The first byte of text has the initial sequence " +
          "number plus one: SYN itself takes a number, so that it can be acknowledged like text.",
        "zh-CN":
          "一问一答已经完成。第一个数据字节的序号是初始序号加一：SYN 本身也占一个序号，因此它可以像数" +
          "据一样被确认。",
      },
    },
  },
});
