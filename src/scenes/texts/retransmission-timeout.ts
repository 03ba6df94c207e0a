/** RFC 6298: the last resort against loss. */
import { described } from "../description.ts";

export const retransmissionTimeout = described({
  id: "retransmission-timeout",
  title: { en: "Retransmission timeout", "zh-CN": "重传超时" },
  summary: {
    en:
      "Nothing comes back any more: the sender probes, waits, repeats, and waits twice as long each " +
      "time.",
    "zh-CN": "再也没有回音：发送方先探测，再等待、重发，每次等待的时间加倍。",
  },
  about: {
    en:
      "A sender that hears nothing has only its clock. It measures round trips while all is well, and " +
      "sets its retransmission timeout (RTO) from their mean and their variation: RTO = SRTT + 4 × " +
      "RTTVAR, here at least SRTT + 200 ms. When the wire is cut for five seconds, the timeout backs " +
      "off, and goes on from there when the wire is whole again (RFC 6298 §2, §5).",
    "zh-CN":
      "什么也听不到的发送方只能依靠时钟。一切正常时，它测量往返时间，由平均值和变化幅度得出重传超时" +
      "（RTO）：RTO = SRTT + 4 × RTTVAR，这里变化项至少 200 毫秒。线路被切断五秒钟，超时不断退避；线" +
      "路恢复之后，再从那里继续（RFC 6298 §2、§5）。",
  },
  seed: 1,
  speed: 0.5,
  view: "ladder",
  end: { host: "client" },
  remarks: {
    cut: {
      view: "timers",
      words: {
        en:
          "The wire is cut, and the client has just sent its second line into nothing. Its timer " + "runs.",
        "zh-CN": "线路被切断，客户端刚把第二行数据发进虚空。它的定时器正在走。",
      },
    },
    tailLossProbe: {
      view: "ladder",
      words: {
        en:
          "First a tail loss probe: two round trips after the last segment, and some time for an ACK " +
          "that may be held back, the sender repeats it to provoke an answer, without reducing its " +
          "window (RFC 8985 §7).",
        "zh-CN":
          "首先是尾部丢失探测：最后一个报文段发出两个往返时间之后，再加上一点留给延迟 ACK 的时间，发" +
          "送方把它重发一次，以引出回答，而不减小窗口（RFC 8985 §7）。",
      },
    },
    timeout: {
      view: "timers",
      words: {
        en:
          "The retransmission timer has fired. All that is under way is held for lost, the congestion " +
          "window falls to one segment (RFC 5681 §3.1), and the timeout is doubled.",
        "zh-CN": "重传定时器到期。在途的一切都视为丢失，拥塞窗口降到一个报文段（RFC 5681 §3.1），超时加倍。",
      },
    },
    backedOff: {
      view: "timers",
      words: {
        en:
          "The third timeout in a row. Each one is twice the one before, for whoever repeats at full " +
          "speed into a congested network only makes it worse (RFC 6298 §5.5). After 15 minutes or so " +
          "Linux and Postel would give up with ETIMEDOUT.",
        "zh-CN":
          "第三次超时。每次都是前一次的两倍：对着拥塞的网络全速重发，只会让情况更糟（RFC 6298 §" +
          "5.5）。大约 15 分钟之后，Linux 和 Postel 会放弃并报告 ETIMEDOUT。",
      },
    },
    healed: {
      view: "ladder",
      words: {
        en:
          "The wire is whole again, and nobody tells the sender. It waits until its timeout ends: a " +
          "short outage costs up to twice its length.",
        "zh-CN": "线路恢复了，但没有人告诉发送方。它要等到超时结束：一次短暂的中断，代价可达其时长的两倍。",
      },
    },
    arrived: {
      view: "ladder",
      words: {
        en:
          "The repetition has arrived. The server cannot see that it was sent six times before, as " +
          "every lost copy had the same sequence numbers.",
        "zh-CN": "重发的数据到了。服务器看不出它之前已经发过六次，因为每个丢失的副本用的都是同样的序号。",
      },
    },
    acknowledged: {
      view: "sequence",
      words: {
        en:
          "The acknowledgment is back. Its timestamp tells which copy it answers, so the sample of " +
          "the round trip is good (RFC 7323 §4; without timestamps Karn's rule would forbid it), and " +
          "the timeout is what it was before.",
        "zh-CN":
          "确认回来了。它的时间戳说明它回答的是哪一个副本，所以这个往返时间样本有效（RFC 7323 §4；没" +
          "有时间戳时，Karn 规则会禁止采样），超时也恢复到原来的值。",
      },
    },
  },
});
