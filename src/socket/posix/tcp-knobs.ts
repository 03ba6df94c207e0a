/** What the options of a TCP socket do to its connection: the functions of tcp/connection-options. */
import { microseconds, milliseconds, seconds } from "../../base/time.ts";
import {
  keepArrivalTimes,
  setCongestionControl,
  setCork,
  setFinWait,
  setLongestAckDelay,
  setMaxPacingRate,
  setNotSentLowWater,
  setPathMtuDiscovery,
  setQuickAck,
  setReceiveBuffer,
  setReceiveLowWater,
  setSendBuffer,
  setSynRetries,
  setUserTimeout,
  setWindowClamp,
} from "../../tcp/connection-options.ts";
import { FAST_OPEN } from "../../tcp/handshake/fast-open/modes.ts";
import type { PathMtuDiscovery, TcpConfig } from "../../tcp/tcp-config.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { SOF_TIMESTAMPING_RX_SOFTWARE, SOL_IP, SOL_IPV6, SOL_SOCKET, SOL_TCP } from "./constants.ts";
import * as name from "./option-names.ts";
import { NO_PACING } from "./socket-file.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** What a new connection is configured with, beyond the host's settings. */
export function configFor(socket: TcpSocket): Partial<TcpConfig> {
  const { options } = socket;
  const config: Partial<TcpConfig> = {};
  if (socket.signatures !== undefined) config.signatures = socket.signatures;
  if (socket.congestion !== undefined) config.congestionControl = socket.congestion;
  const given = (option: number): number | undefined => options.get(SOL_TCP, option);
  const synCount = given(name.TCP_SYNCNT);
  if (synCount !== undefined) {
    config.synRetries = synCount;
    config.synAckRetries = synCount;
  }
  const maximumSegment = given(name.TCP_MAXSEG);
  if (maximumSegment !== undefined) config.maximumSegment = maximumSegment;
  const idle = given(name.TCP_KEEPIDLE);
  if (idle !== undefined) config.keepaliveTime = seconds(idle);
  const interval = given(name.TCP_KEEPINTVL);
  if (interval !== undefined) config.keepaliveInterval = seconds(interval);
  const probes = given(name.TCP_KEEPCNT);
  if (probes !== undefined) config.keepaliveProbes = probes;
  if (options.isSet(SOL_SOCKET, name.SO_KEEPALIVE)) config.keepalive = true;
  if (options.isSet(SOL_TCP, name.TCP_NODELAY)) config.noDelay = true;
  const sendBuffer = options.get(SOL_SOCKET, name.SO_SNDBUF);
  if (sendBuffer !== undefined) config.sendBuffer = sendBuffer;
  const receiveBuffer = options.get(SOL_SOCKET, name.SO_RCVBUF);
  if (options.isSet(SOL_TCP, name.TCP_FASTOPEN_NO_COOKIE))
    config.fastOpen = socket.config.fastOpen | FAST_OPEN.clientWithoutCookie;
  if (receiveBuffer !== undefined) {
    config.receiveBuffer = windowOf(receiveBuffer);
    config.receiveBufferFixed = true;
  }
  const clamp = given(name.TCP_WINDOW_CLAMP);
  if (clamp !== undefined) config.windowClamp = clamp;
  return config;
}

/** What SO_RCVBUF leaves for the window: half of it, the rest is for Linux's bookkeeping. */
export function windowOf(receiveBuffer: number): number {
  return Math.floor(receiveBuffer / 2);
}

/** Everything that was set, for a connection that has just begun. */
export function applyAll(socket: TcpSocket, connection: TcpConnection): void {
  for (const { level, name: option } of socket.options.entries()) apply(socket, connection, level, option);
  if (socket.congestion !== undefined) setCongestionControl(connection, socket.congestion);
  if (socket.maxPacingRate !== NO_PACING) applyPacing(socket, connection);
}

/** One option takes effect on a connection. */
export function apply(socket: TcpSocket, connection: TcpConnection, level: number, option: number): void {
  const value = socket.options.get(level, option) ?? 0;
  if (level === SOL_SOCKET) applySocketLevel(socket, connection, option, value);
  else if (level === SOL_TCP) applyTcpLevel(connection, option, value);
  else applyIpLevel(connection, level, option, value);
}

function applySocketLevel(socket: TcpSocket, c: TcpConnection, option: number, value: number): void {
  switch (option) {
    case name.SO_KEEPALIVE:
      if (c.keepalive.enabled !== (value !== 0)) c.setKeepalive(value !== 0);
      return;
    case name.SO_SNDBUF:
      setSendBuffer(c, value);
      return;
    case name.SO_RCVBUF:
      setReceiveBuffer(c, windowOf(value));
      return;
    case name.SO_TIMESTAMP:
    case name.SO_TIMESTAMPNS:
      if (socket.timestamp !== "none") keepArrivalTimes(c);
      return;
    case name.SO_TIMESTAMPING:
      if ((value & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0) keepArrivalTimes(c);
      return;
    case name.SO_RCVLOWAT:
      setReceiveLowWater(c, value);
      return;
    case name.SO_MAX_PACING_RATE:
      applyPacing(socket, c);
      return;
    default:
      return;
  }
}

function applyPacing({ maxPacingRate: rate }: TcpSocket, c: TcpConnection): void {
  setMaxPacingRate(c, rate === NO_PACING ? Number.POSITIVE_INFINITY : Number(rate));
}

function applyTcpLevel(c: TcpConnection, option: number, value: number): void {
  switch (option) {
    case name.TCP_NODELAY:
      c.setNoDelay(value !== 0);
      return;
    case name.TCP_KEEPIDLE:
      c.setKeepalive(c.keepalive.enabled, seconds(value));
      return;
    case name.TCP_KEEPINTVL:
      c.keepalive.interval = seconds(value);
      return;
    case name.TCP_KEEPCNT:
      c.keepalive.limit = value;
      return;
    case name.TCP_CORK:
      setCork(c, value !== 0);
      return;
    case name.TCP_NOTSENT_LOWAT:
      setNotSentLowWater(c, value >>> 0);
      return;
    case name.TCP_QUICKACK:
      setQuickAck(c, value);
      return;
    case name.TCP_DELACK_MAX_US:
      setLongestAckDelay(c, microseconds(value));
      return;
    case name.TCP_USER_TIMEOUT:
      setUserTimeout(c, milliseconds(value));
      return;
    case name.TCP_WINDOW_CLAMP:
      setWindowClamp(c, value);
      return;
    case name.TCP_SYNCNT:
      setSynRetries(c, value);
      return;
    case name.TCP_LINGER2:
      setFinWait(c, value === 0 ? undefined : seconds(value));
      return;
    default:
      return;
  }
}

/** By the values of IP_PMTUDISC_. */
const DISCOVERY: readonly PathMtuDiscovery[] = ["dont", "want", "do", "probe", "interface", "omit"];

function applyIpLevel(c: TcpConnection, level: number, option: number, value: number): void {
  const isV4 = c.remote.family === 4;
  if (level === SOL_IP && isV4) {
    // RFC 9293 §3.9.2 (MUST-49), §3.9.1.9 (MUST-48, SHLD-21, SHLD-22)
    if (option === name.IP_TTL) c.path.hopLimit = value;
    if (option === name.IP_TOS) c.path.trafficClass = value;
    if (option === name.IP_MTU_DISCOVER) setPathMtuDiscovery(c, DISCOVERY[value] ?? "want");
    if (option === name.IP_RECVERR) c.hearsIcmpErrors = value !== 0;
  } else if (level === SOL_IPV6 && !isV4) {
    if (option === name.IPV6_UNICAST_HOPS) c.path.hopLimit = value;
    if (option === name.IPV6_TCLASS) c.path.trafficClass = value;
    if (option === name.IPV6_MTU_DISCOVER) setPathMtuDiscovery(c, DISCOVERY[value] ?? "want");
    if (option === name.IPV6_RECVERR) c.hearsIcmpErrors = value !== 0;
  }
}
