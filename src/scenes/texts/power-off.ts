/** RFC 9293 §3.8.4: how to notice that nobody is there any more. */
import { described } from "../description.ts";

export const powerOff = described({
  id: "power-off",
  title: { en: "Peer power-off and keepalive", "zh-CN": "对端断电与保活" },
  summary: {
    en:
      "The server loses its power in the middle of a silence: only a question that nobody answers can " +
      "tell.",
    "zh-CN": "服务器在沉默之中断电：只有一个无人回答的询问才能让人知道。",
  },
  about: {
    en:
      "A connection without traffic sends nothing at all; it lives in the memory of its two ends. So " +
      "if one end disappears without a FIN or RST, the other keeps believing in it, for years if need " +
      "be. Keepalive asks after a time of silence whether the peer is still there. It is off unless a " +
      "program asks for it, with two hours of silence by default; here ten seconds (RFC 9293 §3.8.4).",
    "zh-CN":
      "没有数据的连接什么也不发；它只存在于两端的内存里。所以，如果一端既不发 FIN 也不发 RST 就消失，" +
      "另一端会一直相信它还在，哪怕好几年。保活在沉默一段时间之后询问对端是否还在。它默认关闭，由程序" +
      "要求才打开，默认沉默时间为两小时；这里是十秒（RFC 9293 §3.8.4）。",
  },
  seed: 1,
  speed: 2,
  view: "timers",
  end: { host: "client" },
  remarks: {
    silence: {
      view: "timers",
      words: {
        en:
          "The client has subscribed to something and now waits for news. Nothing is sent; only the " +
          "keepalive timer runs.",
        "zh-CN": "客户端订阅了某个消息，现在等待通知。线路上什么也没有，只有保活定时器在走。",
      },
    },
    probed: {
      view: "ladder",
      words: {
        en:
          "Ten seconds of silence: a keepalive probe. It carries no text, and the sequence number " +
          "before the next, which the peer has acknowledged long ago, so the peer must answer.",
        "zh-CN":
          "沉默了十秒：发出一个保活探测。它不带数据，序号是下一个序号减一，对端早已确认过，所以对端必" +
          "须回答。",
      },
    },
    off: {
      view: "states",
      words: {
        en:
          "The probe was answered; but now the server has lost its power. The client is ESTABLISHED, " +
          "and nothing shows that anything has changed.",
        "zh-CN": "探测得到了回答；但现在服务器断电了。客户端仍是 ESTABLISHED，没有任何迹象表明情况有变。",
      },
    },
    unanswered: {
      view: "ladder",
      words: {
        en:
          "The next probe has no answer. One may be lost, so it is repeated, here every three seconds " +
          "and four times. A peer that had been restarted meanwhile would answer with RST, for it " +
          "knows no such connection.",
        "zh-CN":
          "下一个探测没有回答。单个探测可能只是丢了，所以要重复：这里每三秒一次，共四次。如果对端在此" +
          "期间重启过，它会回 RST，因为它不认识这个连接。",
      },
    },
    givenUp: {
      view: "states",
      words: {
        en:
          "Four probes without an answer: the client sends RST, in case somebody hears it, and its " +
          "user is told ETIMEDOUT. He can now connect anew, instead of waiting for ever.",
        "zh-CN":
          "四个探测都没有回答：客户端发出 RST（万一有人听见），并向用户报告 ETIMEDOUT。用户现在可以重" +
          "新连接，而不是永远等下去。",
      },
    },
  },
});
