/** RFC 5681, RFC 9438, draft-ietf-ccwg-bbr. */
import { described } from "../description.ts";

const reno = { host: "client", port: 40_001 };
const cubic = { host: "client", port: 40_002 };
const bbr = { host: "client", port: 40_003 };

export const congestionControl = described({
  id: "congestion-control",
  title: { en: "Congestion control compared", "zh-CN": "拥塞控制的比较" },
  summary: {
    en: "Reno, then CUBIC, then BBR join one bottleneck: who takes how much, and who fills the queue.",
    "zh-CN": "Reno、CUBIC、BBR 先后加入同一个瓶颈：各占多少带宽，又是谁填满了队列。",
  },
  about: {
    en:
      "The link carries 3 Mbit/s, with a round trip of 60 ms and a queue of 40 packets; one packet in " +
      "two thousand is lost by chance. Nobody tells the senders so. Each finds out by itself how much " +
      "it may have in flight, its congestion window, and each in another way. Reno starts alone, " +
      "CUBIC joins at 6 s, BBR at 12 s.",
    "zh-CN":
      "链路速率为 3 Mbit/s，往返时间 60 毫秒，队列可容纳 40 个分组；另外每两千个分组随机丢失一个。没" +
      "有人把这些告诉发送方。各自要探明在途数据可以有多少，也就是拥塞窗口，而且办法各不相同。Reno 独" +
      "自开始，CUBIC 在第 6 秒加入，BBR 在第 12 秒加入。",
  },
  seed: 1,
  speed: 1,
  view: "sequence",
  end: reno,
  compared: [reno, cubic, bbr],
  remarks: {
    slowStart: {
      view: "sequence",
      words: {
        en:
          "Reno is in slow start: the window began with ten segments and doubles each round trip (RFC " +
          "6928, RFC 5681 §3.1).",
        "zh-CN": "Reno 处于慢启动：窗口从十个报文段开始，每个往返时间翻一倍（RFC 6928，RFC 5681 §3.1）。",
      },
    },
    queueFull: {
      view: "ladder",
      words: {
        en:
          "The queue before the bottleneck is full, and drops what comes. Until here every packet was " +
          "only delayed: look at the round trip time, which has grown with the queue.",
        "zh-CN":
          "瓶颈前的队列满了，后来的分组被丢弃。在此之前分组只是被延迟：看看往返时间，它随队列一起增" + "长。",
      },
    },
    halved: {
      view: "sequence",
      words: {
        en:
          "Reno has noticed the loss: it repairs, and halves its window. From now on it grows by one " +
          "segment each round trip, until the next loss halves it again: a saw (RFC 5681 §3.1, §3.2).",
        "zh-CN":
          "Reno 发现了丢失：它修复丢失的数据，并把窗口减半。此后每个往返时间只增加一个报文段，直到下" +
          "一次丢失再减半：形如锯齿（RFC 5681 §3.1、§3.2）。",
      },
    },
    cubic: {
      view: "sequence",
      end: cubic,
      words: {
        en:
          "CUBIC has joined and met its first loss. It keeps seven tenths of its window, remembers " +
          "where the loss was, and grows back along a cubic curve: fast, then slowly near the old " +
          "height, then fast again. Time counts, not round trips (RFC 9438 §4).",
        "zh-CN":
          "CUBIC 加入后遇到了第一次丢失。它保留窗口的十分之七，记住丢失发生的高度，然后沿三次曲线回" +
          "升：先快，接近旧高度时变慢，越过之后又变快。起作用的是时间，而不是往返次数（RFC 9438 §" +
          "4）。",
      },
    },
    bbr: {
      view: "sequence",
      end: bbr,
      words: {
        en:
          "BBR has joined. It measures how fast text arrives at best and how short the round trip can " +
          "be, sends at that pace, and keeps about twice their product in flight; a single loss does " +
          "not impress it (draft-ietf-ccwg-bbr). It takes its place from both others.",
        "zh-CN":
          "BBR 加入了。它测量数据到达的最高速率和最短的往返时间，按此速率匀速发送，在途数据约为两者乘" +
          "积的两倍；单个丢失不会影响它（draft-ietf-ccwg-bbr）。它从另外两者那里夺得了自己的份额。",
      },
    },
    compared: {
      view: "connections",
      end: bbr,
      words: {
        en:
          "All three share the link. Compare rates, round trip times and retransmissions in the " +
          "table; then change loss or delay in the controls, and see whom it hurts: losses that no " +
          "congestion has caused slow Reno and CUBIC down, and BBR hardly.",
        "zh-CN":
          "三者共享这条链路。请在表中比较速率、往返时间和重传次数；再在控制栏里改变丢包率或时延，看看" +
          "谁受影响：并非拥塞造成的丢失会使 Reno 和 CUBIC 变慢，对 BBR 却几乎没有影响。",
      },
    },
  },
});
