/**
 * What a user may change on a living connection: the TCP_* and SO_* options that touch more than one part,
 * each a function. A conductor, like input/ and output: it may name two parts of the connection.
 */
import { NetError } from "../base/errors.ts";
import { type Duration, type Instant, NEVER } from "../base/time.ts";
import { NO_FIN_WAIT } from "./closing/fin-wait-2.ts";
import { newCongestionControl } from "./congestion-choice.ts";
import { ArrivalTimes } from "./receive/arrival-times.ts";
import { type StampRequest, TransmissionStamps } from "./send/transmission-stamps.ts";
import type { PathMtuDiscovery } from "./tcp-config.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/**
 * TCP_QUICKACK: 0 lets acknowledgments wait for company from now on. 1 does not, and an even number only this
 * once: what waits goes out if the user has read it, or if it is more than a segment.
 */
export function setQuickAck(c: TcpConnection, value: number): void {
  const { quick } = c.delayedAck;
  if (value === 0) {
    quick.beginInteractive();
    return;
  }
  quick.endInteractive();
  const isOpen = c.state === "ESTABLISHED" || c.state === "CLOSE-WAIT";
  if (!isOpen || !c.delayedAck.isOwed) return;
  const isLong = c.unacknowledgedText > c.receiveMss.value;
  if (isLong || c.receiveBuffer.readable === 0) c.delayedAck.atOnce();
  if (value % 2 === 0) quick.beginInteractive();
  c.owner.pumpLater(c);
}

/** Both directions shut down: text that comes now is lost, and the peer must learn it (RFC 9293 §3.6.1). */
export function shutReceive(c: TcpConnection): void {
  c.refusesText = true;
}

/** TCP_DELACK_MAX_US. */
export function setLongestAckDelay(c: TcpConnection, delay: Duration): void {
  c.delayedAck.longest = delay;
}

/** Fast Open (RFC 7413): a SYN that waited for the first text goes out, with or without some. */
export function openNow(c: TcpConnection): void {
  if (c.fastOpen?.role === "client") c.fastOpen.isDeferred = false;
  c.owner.pumpLater(c);
}

/** TCP_SYNCNT: how often the SYN is sent again; also while that goes on. */
export function setSynRetries(c: TcpConnection, count: number): void {
  c.config = { ...c.config, synRetries: count };
}

/** SO_SNDBUF, in bytes of memory: from now on it is not tuned. What waits beyond a smaller limit stays. */
export function setSendBuffer(c: TcpConnection, bytes: number): void {
  c.sendSpace.limit = bytes;
  c.sendSpace.isFixed = true;
}

/** SO_TIMESTAMPING: the last byte of the write that has just been made is to be stamped. */
export function requestStamp(c: TcpConnection, request: StampRequest): void {
  c.stamps ??= new TransmissionStamps();
  c.stamps.request(c.writeQueue.tailStart(c.tcb.snd.nxt), c.sendBuffer.end, request);
}

/** TCP_NOTSENT_LOWAT, in bytes; 0: the host's. */
export function setNotSentLowWater(c: TcpConnection, bytes: number): void {
  c.sendSpace.lowWater = bytes;
}

/** TCP_CORK: no segment that is not full, as long as it is on (send/nagle.ts). */
export function setCork(c: TcpConnection, on: boolean): void {
  c.nagle.setCork(on);
  if (!on) c.owner.pumpLater(c);
}

/** The last write said MSG_MORE, but nothing follows: what waits goes, as if the write had not said it. */
export function pushWaiting(c: TcpConnection): void {
  c.nagle.moreFollows = false;
  c.writeQueue.push();
  c.owner.pumpLater(c);
}

/** SO_RCVBUF, in bytes of window: a window that was told is never taken back (RFC 9293 §3.8.6, SHLD-14). */
export function setReceiveBuffer(c: TcpConnection, bytes: number): void {
  const { receiveBuffer, receiveWindow } = c;
  receiveBuffer.limit = bytes;
  receiveBuffer.isFixed = true;
  receiveWindow.widen(bytes);
}

/**
 * SO_RCVLOWAT: nobody reads less than this, so that the buffer has to hold as much. Answers what the limits
 * make of it.
 */
export function setReceiveLowWater(c: TcpConnection, bytes: number): number {
  const { receiveBuffer, receiveWindow, config } = c;
  const most = receiveBuffer.isFixed ? receiveBuffer.limit : config.receiveBufferLimit;
  c.receiveLowWater = Math.max(1, Math.min(bytes, most));
  if (!receiveBuffer.isFixed && c.receiveLowWater > receiveBuffer.limit) {
    receiveBuffer.limit = c.receiveLowWater;
    receiveWindow.widen(c.receiveLowWater);
  }
  return c.receiveLowWater;
}

/** SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING: from now on it is kept when text came. */
export function keepArrivalTimes(c: TcpConnection): void {
  c.arrivals ??= new ArrivalTimes();
}

/** TCP_WINDOW_CLAMP, in bytes. */
export function setWindowClamp(c: TcpConnection, bytes: number): void {
  if (bytes > 0) c.receiveWindow.clampTo(bytes, c.toldWindow);
}

/**
 * SO_KEEPALIVE and TCP_KEEPIDLE: §3.8.4. Just turned on, the first probe is a whole idle time away, however
 * long the peer has been silent; a new idle time counts from when the peer was last heard.
 * Throws a `NetError`, EINVAL: there is no such time.
 */
export function setKeepalive(c: TcpConnection, on: boolean, idle: Duration | undefined): void {
  if (idle !== undefined && !(idle >= 0)) throw new NetError("EINVAL", { syscall: `keepalive ${idle}` });
  const { keepalive } = c;
  const startsNow = on && !keepalive.enabled && idle === undefined && c.agreement !== undefined;
  keepalive.enabled = on;
  keepalive.idle = idle ?? keepalive.idle;
  c.timers.keepalive = startsNow ? ((c.now + keepalive.idle) as Instant) : NEVER;
  c.owner.pumpLater(c);
}

/** TCP_USER_TIMEOUT: RFC 5482 §3; 0: the host's R2. It counts from the next timer on. */
export function setUserTimeout(c: TcpConnection, timeout: Duration): void {
  c.userTimeout.limit = timeout;
}

/** TCP_LINGER2: how long FIN-WAIT-2 lasts without a user; undefined: as on the host; negative: not at all. */
export function setFinWait(c: TcpConnection, timeout: Duration | undefined): void {
  c.finWait = timeout === undefined ? c.config.finTimeout : timeout < 0 ? NO_FIN_WAIT : timeout;
}

/**
 * TCP_CONGESTION, in the middle of a connection: the new one begins with the window of the old. Throws a
 * `NetError`: there is none of this name.
 */
export function setCongestionControl(c: TcpConnection, name: string): void {
  if (name !== c.congestion.name) c.congestion = newCongestionControl(c, name, c.congestion);
}

/** SO_MAX_PACING_RATE, in bytes a second; infinite: none. */
export function setMaxPacingRate(c: TcpConnection, rate: number): void {
  c.maxPacingRate = rate;
  c.owner.pumpLater(c);
}

/** IP_MTU_DISCOVER: whether routers may cut what we send, and whether their reports count. */
export function setPathMtuDiscovery(c: TcpConnection, discovery: PathMtuDiscovery): void {
  c.path.dontFragment = discovery === "want" || discovery === "do";
  c.heedsPacketTooBig = c.path.dontFragment || discovery === "probe";
}
