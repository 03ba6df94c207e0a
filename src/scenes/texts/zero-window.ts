/** RFC 9293 §3.8.6.1: flow control at its limit. */
import { described } from "../description.ts";

const server = { host: "server" };

export const zeroWindow = described({
  id: "zero-window",
  title: { en: "Zero window and persist probes", "zh-CN": "零窗口与坚持探测" },
  summary: {
    en:
      "A reader sleeps, its window closes, and the news that it is open again is lost: a probe saves " +
      "the connection.",
    "zh-CN": "读者睡着了，窗口关闭；窗口重新打开的消息又丢了：一个探测救了这个连接。",
  },
  about: {
    en:
      "The receiver tells in every segment how much more it has room for. When its user does not " +
      "read, that becomes nothing, and the sender has to stop. The receiver tells when there is room " +
      "again, but it tells by a bare ACK, which nobody repeats. If that is lost, both would wait for " +
      "ever; so the sender asks from time to time (RFC 9293 §3.8.6.1).",
    "zh-CN":
      "接收方在每个报文段里说明自己还有多少空间。用户不读取数据时，空间变为零，发送方必须停下。重新有" +
      "空间时接收方会通知，但用的是纯 ACK，没有人会重发它。万一丢失，双方就会永远互相等待；所以发送方" +
      "要不时询问（RFC 9293 §3.8.6.1）。",
  },
  seed: 1,
  speed: 0.4,
  view: "windows",
  end: { host: "client" },
  remarks: {
    shut: {
      view: "windows",
      words: {
        en:
          "The server's buffer is full, and its window is zero. The client has text to send and may " +
          "not.",
        "zh-CN": "服务器的缓冲区满了，窗口为零。客户端有数据要发，却不能发。",
      },
    },
    probe: {
      view: "ladder",
      words: {
        en:
          "The persist timer has fired: a probe. It carries no new text, and the sequence number of " +
          "a byte before the window, so the server has to answer with an ACK, which tells its window.",
        "zh-CN":
          "坚持定时器到期：发出一个探测。它不带新数据，序号落在窗口之前，所以服务器必须用 ACK 回答，" +
          "并由此告知窗口。",
      },
    },
    backedOff: {
      view: "timers",
      words: {
        en:
          "The third probe; the time between them doubles. As long as they are answered the " +
          "connection stays open, however long the reader sleeps.",
        "zh-CN": "第三个探测；探测的间隔逐次加倍。只要有回答，无论读者睡多久，连接都保持打开。",
      },
    },
    awake: {
      view: "windows",
      end: server,
      words: {
        en: "The reader wakes up and takes all that has come. The buffer is empty.",
        "zh-CN": "读者醒了，取走已到达的全部数据。缓冲区空了。",
      },
    },
    updateLost: {
      view: "ladder",
      words: {
        en:
          "The server has told at once that its window is open, and this very ACK is lost. Nobody " +
          "would ever repeat it.",
        "zh-CN": "服务器立即通知窗口已打开，而恰恰这个 ACK 丢了。没有人会重发它。",
      },
    },
    opened: {
      view: "windows",
      words: {
        en: "The next probe has been answered: the client hears of the open window and goes on.",
        "zh-CN": "下一个探测得到了回答：客户端得知窗口已打开，继续发送。",
      },
    },
    done: {
      view: "sequence",
      words: {
        en:
          "All has arrived. In the graph the window line stands still for five seconds, and the text " +
          "waits below it.",
        "zh-CN": "全部数据都到了。图中窗口线有五秒钟静止不动，数据在它下面等待。",
      },
    },
  },
});
