/** The numbers that steer a connection, as they are now. */
import { bytesInFlight } from "../tcp/flight.ts";
import { isPaced, pacingRate } from "../tcp/pace.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { Metrics } from "./event.ts";

export function metricsOf(c: TcpConnection): Metrics {
  const { tcb, rtt, queue, congestion } = c;
  const rate = isPaced(c) ? pacingRate(c) : Number.POSITIVE_INFINITY;
  return {
    cwnd: Math.round(congestion.cwnd),
    ...(Number.isFinite(congestion.ssthresh) ? { ssthresh: Math.round(congestion.ssthresh) } : {}),
    inFlight: c.usesSack ? queue.pipe : Math.min(queue.pipe, bytesInFlight(c)),
    sendWindow: tcb.snd.wnd,
    receiveWindow: tcb.receiveWindow,
    srtt: Math.round(rtt.srtt),
    rttvar: Math.round(rtt.rttvar),
    minRtt: rtt.isMeasured ? rtt.min : 0,
    rto: c.rto.value,
    ...(Number.isFinite(rate) ? { pacingRate: Math.round(rate) } : {}),
  };
}

export function sameMetrics(one: Metrics, other: Metrics): boolean {
  return (
    one.cwnd === other.cwnd &&
    one.ssthresh === other.ssthresh &&
    one.inFlight === other.inFlight &&
    one.sendWindow === other.sendWindow &&
    one.receiveWindow === other.receiveWindow &&
    one.srtt === other.srtt &&
    one.rttvar === other.rttvar &&
    one.minRtt === other.minRtt &&
    one.rto === other.rto &&
    one.pacingRate === other.pacingRate
  );
}
