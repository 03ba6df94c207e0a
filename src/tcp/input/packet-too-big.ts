/**
 * What a connection makes of packet-too-big errors and of its own probes for larger packets: RFC 1191 §6.4,
 * RFC 8201 §5, RFC 5927 §7.2, RFC 4821 §7.6 and §7.7. The pump follows the path's MTU.
 */
import type { Seq } from "../../base/seq.ts";
import { TCP_HEADER_SIZE } from "../../wire/tcp.ts";
import { giveUpAfter } from "../closing/user-timeout.ts";
import { headersSize } from "../segment-sizes.ts";
import { DoubtedMtu, isDoubtful } from "../send/doubted-mtu.ts";
import { Plpmtud } from "../send/plpmtud.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function packetTooBigArrives(c: TcpConnection, mtu: number, sequence: Seq): void {
  if (!c.heedsPacketTooBig) return;
  const room = mtu - headersSize(c);
  if (c.config.confirmPacketTooBig && isDoubtful(room, c.largestDelivered)) {
    // A later error about an earlier segment says no more than the first one.
    c.doubtedMtu ??= new DoubtedMtu(mtu, sequence);
    return;
  }
  believe(c, mtu);
}

function believe(c: TcpConnection, mtu: number): void {
  c.path.lowerMtu(mtu);
  c.owner.pumpLater(c);
}

/** SND.UNA has moved. */
export function sizesArrived(c: TcpConnection): void {
  const { una } = c.tcb.snd;
  if (c.doubtedMtu?.isRefuted(una) === true) c.doubtedMtu = undefined;
  if (c.probing?.acknowledged(una) === true) c.owner.context.counters.mtuProbesArrived++;
}

/**
 * Loss has been detected. True: it was the probe for a larger packet, so it tells of its size and not of
 * congestion (RFC 4821 §7.6.3).
 */
export function isProbeForSize(c: TcpConnection): boolean {
  if (c.probing?.lost(c.tcb.snd.una) !== true) return false;
  c.retransmitAtOnce = true;
  c.owner.context.counters.mtuProbesLost++;
  return true;
}

/** The retransmission timer has run out, and the connection goes on. */
export function sizesTimedOut(c: TcpConnection): void {
  c.probing?.forget();
  if (c.doubtedMtu !== undefined) {
    believe(c, c.doubtedMtu.mtu);
    c.doubtedMtu = undefined;
  }
  const { config, now } = c;
  const isStubborn = c.userTimeout.hasLasted(giveUpAfter(config.retries1, config), now);
  if (config.mtuProbing === 0 || !isStubborn || c.queue.first?.syn !== false) return;
  // RFC 4821 §7.7: nothing gets through, perhaps because it is too large and nobody says so.
  c.probing ??= beginProbing(c);
  c.probing.blackHole(config.baseMss, Math.max(config.mtuProbeFloor, config.leastMss), headersSize(c));
}

/** RFC 4821 §7.2: what is searched, when a connection begins or something is wrong. */
export function beginProbing(c: TcpConnection): Plpmtud {
  const low = headersSize(c) + c.config.baseMss;
  return new Plpmtud(low, largestPacket(c), c.path.mtu, c.now);
}

/** What the peer takes. */
export function largestPacket(c: TcpConnection): number {
  const { path, agreement } = c;
  return agreement === undefined ? path.mtu : agreement.peerMss + path.headerSize + TCP_HEADER_SIZE;
}
