/** RFC 9293 §3.7.4 and §3.8.6.3: two good ideas that wait for each other. */
import { described } from "../description.ts";

const second = { host: "client", port: 40_002 };

export const nagleDelayedAck = described({
  id: "nagle-delayed-ack",
  title: { en: "Delayed ACK meets Nagle", "zh-CN": "延迟 ACK 遇上 Nagle" },
  summary: {
    en:
      "A request in two small writes takes 60 ms instead of 10: the sender waits for an ACK that the " +
      "receiver holds back.",
    "zh-CN": "分两次小写入的请求要 60 毫秒而不是 10 毫秒：发送方等一个 ACK，而接收方正压着它不发。",
  },
  about: {
    en:
      "Nagle's algorithm keeps a small segment back while another one is not acknowledged, so that a " +
      "network is not filled with headers. Delayed ACK keeps an acknowledgment back for up to 40 ms, " +
      "so that it can ride on an answer. Each is sensible. Together they stop each other, when a " +
      "program writes twice and then waits for the answer.",
    "zh-CN":
      "Nagle 算法在还有数据未确认时扣住小报文段，以免网络里尽是首部。延迟 ACK 把确认压住至多 40 毫" +
      "秒，好让它搭上应答的便车。两者各有道理。可是程序连写两次再等应答时，它们就会互相等待。",
  },
  seed: 1,
  speed: 0.03,
  view: "ladder",
  end: { host: "client", port: 40_001 },
  remarks: {
    once: {
      view: "ladder",
      words: {
        en:
          "A request in one write: answered after one round trip of 10 ms. The acknowledgment rode on " +
          "the answer.",
        "zh-CN": "一次写入的请求：经过一个 10 毫秒的往返就得到应答。确认搭在应答上。",
      },
    },
    held: {
      view: "windows",
      words: {
        en:
          "Now the program writes a head, and a body one millisecond later. The head is under way, " +
          "and the body is small: Nagle keeps it until the head is acknowledged, or a full segment is " +
          "there (RFC 9293 §3.7.4).",
        "zh-CN":
          "现在程序先写首部，一毫秒后再写正文。首部还在途中，正文又小：Nagle 把它扣住，直到首部得到确" +
          "认，或者攒满一个报文段（RFC 9293 §3.7.4）。",
      },
    },
    delayedAck: {
      view: "timers",
      end: { host: "server" },
      words: {
        en:
          "The server had nothing to answer yet, as half a request is none, so it held its ACK back. " +
          "Only the timer of delayed ACKs has sent it, 40 ms later (RFC 9293 §3.8.6.3).",
        "zh-CN":
          "服务器只收到半个请求，还不能应答，于是压住 ACK。40 毫秒后，才由延迟 ACK 定时器把它发出" +
          "（RFC 9293 §3.8.6.3）。",
      },
    },
    slow: {
      view: "ladder",
      words: {
        en:
          "The ACK has let the body go, and the answer is here: 60 ms for a request that takes 10. " +
          "Nobody has lost anything, and no machine was busy.",
        "zh-CN":
          "ACK 放行了正文，应答也到了：本该 10 毫秒的请求用了 60 毫秒。没有丢失任何东西，也没有哪台机" +
          "器忙碌。",
      },
    },
    noDelay: {
      view: "ladder",
      end: second,
      words: {
        en:
          "A second connection, with TCP_NODELAY: Nagle is off. A request in one write takes as long " +
          "as before.",
        "zh-CN": "第二个连接，设置了 TCP_NODELAY：关闭 Nagle。一次写入的请求与之前一样快。",
      },
    },
    quick: {
      view: "ladder",
      end: second,
      words: {
        en:
          "The same two writes: both segments left at once, and the answer came after 11 ms. Better " +
          "still is one write, or one call that takes several pieces: it saves the segment as well.",
        "zh-CN":
          "同样的两次写入：两个报文段都立即发出，11 毫秒后得到应答。更好的办法是只写一次，或用一次调" +
          "用写出多段：连报文段也省了一个。",
      },
    },
  },
});
