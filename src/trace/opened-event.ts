/** Who an end of a connection is, as a trace tells it first. */
import type { TcpState } from "../tcp/states.ts";
import type { TcpEnd } from "../tcp/tcp-probe.ts";
import type { EventData } from "./event.ts";

/** @param state given if it was there before the trace began */
export function openedEvent(record: TcpEnd, state: TcpState | undefined): EventData["tcp:opened"] {
  const { local, localPort, remote, remotePort } = record;
  return {
    local: local.toString(),
    localPort,
    remote: remote.toString(),
    remotePort,
    role: record.kind === "syn-received" || isPassive(record) ? "passive" : "active",
    congestionControl: congestionControlOf(record),
    ...(state === undefined ? {} : { state }),
  };
}

/** Of a TIME-WAIT record nobody knows. */
function isPassive(record: TcpEnd): boolean {
  return record.kind === "connection" && record.listener !== undefined;
}

function congestionControlOf(record: TcpEnd): string {
  if (record.kind === "connection") return record.congestion.name;
  return record.kind === "syn-received" ? record.listener.config.congestionControl : "";
}
