/** RFC 2018, RFC 6675, RFC 8985, RFC 6937. */
import { described } from "../description.ts";

const server = { host: "server" };

export const fastRetransmit = described({
  id: "fast-retransmit",
  title: { en: "Fast retransmit with SACK", "zh-CN": "SACK 与快速重传" },
  summary: {
    en:
      "One segment of thirty is lost; the receiver shows the hole, and the sender mends it without " +
      "waiting for a timeout.",
    "zh-CN": "三十个报文段中丢了一个；接收方指出空洞，发送方不等超时就把它补上。",
  },
  about: {
    en:
      "Whatever arrives behind a hole is acknowledged at once, with the number that the receiver " +
      "still waits for, and with a list of what it has beyond: selective acknowledgment, SACK. From " +
      "that the sender knows which segment is missing, sends only this one again, and reduces its " +
      "congestion window, because a loss is a sign of congestion.",
    "zh-CN":
      "空洞之后到达的数据都会立即得到确认：确认号仍是接收方在等的那一个，另附一张清单，列出空洞之后已" +
      "收到的部分，这就是选择确认（SACK）。发送方据此知道缺的是哪一个报文段，只重发它，并减小拥塞窗" +
      "口，因为丢失是拥塞的信号。",
  },
  seed: 1,
  speed: 0.03,
  view: "sequence",
  end: { host: "client" },
  remarks: {
    lost: {
      view: "ladder",
      words: {
        en:
          "The wire has lost the fourteenth segment of text. Those behind it are on their way " + "already.",
        "zh-CN": "线路丢掉了第十四个数据报文段。它后面的报文段已经上路。",
      },
    },
    hole: {
      view: "windows",
      end: server,
      words: {
        en:
          "The next segment has arrived behind a hole. The server keeps it, but may not hand it to " +
          "its user, and answers with the old acknowledgment number and a SACK block (RFC 2018; RFC " +
          "5681 §4.2 wants this ACK at once).",
        "zh-CN":
          "下一个报文段落在空洞之后。服务器把它保存起来，但不能交给用户，并以旧的确认号加一个 SACK 块" +
          "作答（RFC 2018；RFC 5681 §4.2 要求立即发送这个 ACK）。",
      },
    },
    scoreboard: {
      view: "windows",
      words: {
        en:
          "The first SACK is back: the client marks this text as arrived. What is missing before it " +
          "may be lost, or only late, as networks do reorder.",
        "zh-CN":
          "第一个 SACK 回来了：客户端把那部分数据标记为已到达。它前面缺的可能丢了，也可能只是晚到，因" +
          "为网络确实会乱序。",
      },
    },
    repaired: {
      view: "sequence",
      words: {
        en:
          "Three segments from beyond the hole have arrived: the segment in the hole is held for lost " +
          "and sent again at once, long before its timeout (RFC 6675 §5, RFC 8985 §6.2). The window " +
          "is reduced, over one round trip (RFC 6937).",
        "zh-CN":
          "空洞之后已有三个报文段到达：空洞里的报文段被判定为丢失，立即重发，远早于超时（RFC 6675 §" +
          "5，RFC 8985 §6.2）。窗口在一个往返时间内逐步减小（RFC 6937）。",
      },
    },
    filled: {
      view: "windows",
      end: server,
      words: {
        en:
          "The hole is filled, and all that was kept behind it is in order now. One acknowledgment " +
          "covers everything: nothing but the lost segment was sent twice.",
        "zh-CN":
          "空洞补上了，后面保存的数据全部按序就位。一个确认就覆盖一切：除了丢失的那个，没有任何报文段" +
          "发送两次。",
      },
    },
    done: {
      view: "sequence",
      words: {
        en:
          "Everything has arrived. The graph shows the hole as a step in the acknowledgment line, the " +
          "SACK ranges above it, and the one retransmission.",
        "zh-CN": "全部数据都到了。图中空洞表现为确认线上的一级台阶，上方是 SACK 区间，还有那一次重传。",
      },
    },
  },
});
