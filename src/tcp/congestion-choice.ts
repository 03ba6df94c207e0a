/** The congestion control that a connection begins with, and those that it changes to: TCP_CONGESTION. */
import { NetError } from "../base/errors.ts";
import type { CongestionControl } from "./congestion/congestion-control.ts";
import { congestionControlNamed } from "./congestion/congestion-controls.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** With the window of the one before if that is given. Throws a `NetError`: there is none of this name. */
export function newCongestionControl(
  c: TcpConnection,
  name: string,
  before?: CongestionControl,
): CongestionControl {
  const { config } = c;
  const factory = congestionControlNamed(name, config.congestionControls);
  if (factory === undefined) throw new NetError("EINVAL", { syscall: `congestion control ${name}` });
  const { mss } = c.tcb.snd;
  const initialWindow = mss * (c.path.initialWindow ?? config.initialWindow);
  return factory({
    mss,
    initialWindow,
    cwnd: before?.cwnd ?? initialWindow,
    ssthresh: before?.ssthresh ?? Number.POSITIVE_INFINITY,
    srtt: c.rtt.srtt,
    now: c.now,
    random: c.owner.context.random,
    settings: config,
  });
}
