/** RFC 1191, RFC 4821, RFC 2923: how large a packet may be on the way. */
import { described } from "../description.ts";

const first = { host: "client", port: 40_001 };
const second = { host: "client", port: 40_002 };

export const pathMtu = described({
  id: "path-mtu",
  title: { en: "Path MTU discovery, and a black hole", "zh-CN": "路径 MTU 发现与黑洞" },
  summary: {
    en:
      "A link in the middle takes only 1,200 bytes: a router says so; then a firewall swallows what " +
      "it says.",
    "zh-CN": "中间一段链路只能承载 1200 字节：路由器会说出来；后来防火墙把它的话吞掉了。",
  },
  about: {
    en:
      "Client and server have links of 1,500 bytes and tell each other so in their SYNs, as MSS. " +
      "Neither knows of the narrow link between the routers west and east. TCP forbids routers to cut " +
      "its packets (DF), so the router has to drop what is too large, and reports it by ICMP. That " +
      "works, until somebody filters ICMP.",
    "zh-CN":
      "客户端和服务器所在的链路都是 1500 字节，它们在 SYN 里用 MSS 告诉对方。双方都不知道 west 与 " +
      "east 两个路由器之间那段窄链路。TCP 不许路由器分片（DF），所以路由器只能丢弃过大的分组，并用 " +
      "ICMP 报告。这行得通，直到有人过滤 ICMP。",
  },
  seed: 1,
  speed: 0.1,
  view: "ladder",
  end: first,
  remarks: {
    tooLarge: {
      view: "packets",
      words: {
        en:
          'The router west has dropped ten large packets, and sent back "fragmentation needed", ' +
          "with the size that it can forward: 1,200 (RFC 1191 §4). It limits how many such errors it " +
          "sends.",
        "zh-CN":
          "路由器 west 丢弃了十个大分组，并发回“需要分片”，附上它能转发的大小：1200（RFC 1191 §4）。" +
          "它会限制这类差错报文的数量。",
      },
    },
    reported: {
      view: "ladder",
      words: {
        en:
          "The client has checked that the report quotes a segment of its own, believes it (RFC " +
          "5927), and sends the text again in smaller segments. It is no sign of congestion, so the " +
          "window stays at ten segments.",
        "zh-CN":
          "客户端核对报告所引用的确实是自己的报文段，于是相信它（RFC 5927），把数据用更小的报文段重" +
          "发。这不是拥塞的信号，所以窗口仍是十个报文段。",
      },
    },
    firstSent: {
      view: "sequence",
      words: {
        en:
          "All has arrived, and only the time to the router and back was lost. The client remembers " +
          "the path MTU for this address for ten minutes.",
        "zh-CN": "数据全部到达，只损失了到路由器一个来回的时间。客户端为这个地址把路径 MTU 记住十分钟。",
      },
    },
    blackHole: {
      view: "ladder",
      end: second,
      words: {
        en:
          "Another address, and a firewall now swallows ICMP. SYN and SYN-ACK are small and have " +
          "passed; every large segment vanishes without a word. The timer has fired, and the same " +
          "large segment goes into the hole again (RFC 2923 §2.1).",
        "zh-CN":
          "换了一个地址，而防火墙现在会吞掉 ICMP。SYN 和 SYN-ACK 很小，已经通过；每个大报文段却无声无" +
          "息地消失。定时器到期，同样大的报文段又掉进洞里（RFC 2923 §2.1）。",
      },
    },
    searching: {
      view: "ladder",
      end: second,
      words: {
        en:
          "After some seconds of timeouts the client suspects a black hole and does without reports: " +
          "it tries segments of 1,024 bytes, which arrive, and may probe for larger ones from there " +
          "(packetization layer path MTU discovery, RFC 4821).",
        "zh-CN":
          "经过几秒钟的超时，客户端怀疑遇到了黑洞，不再依赖报告：它试用 1024 字节的报文段，这些能到" +
          "达，此后还可以由此向上探测（打包层路径 MTU 发现，RFC 4821）。",
      },
    },
    secondSent: {
      view: "sequence",
      end: second,
      words: {
        en:
          "All has arrived, several seconds late. Without this search, which Linux has turned off " +
          "unless asked (net.ipv4.tcp_mtu_probing), the connection would have hung until it was given " +
          "up.",
        "zh-CN":
          "数据全部到达，晚了好几秒。没有这种探测（Linux 默认关闭它：net.ipv4.tcp_mtu_probing），连接" +
          "会一直挂起，直到被放弃。",
      },
    },
  },
});
