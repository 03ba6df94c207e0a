/** A capture, analysed: two ends of each connection, findings, and the packets themselves. */
import type { CaptureReading, ConnectionSummary, Finding, Side } from "../../../../src/analysis/analysis.ts";
import { endNumber } from "../../../../src/analysis/analysis.ts";
import { base64 } from "../../../../src/inspect/base64.ts";
import type { PartOfCapture } from "../../../../src/inspect/problem.ts";
import type { ConnectionRow, FoundOut, Packet, Verdict } from "../../../../src/inspect/protocol.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import type { FileContents, FilePackets } from "./file-contents.ts";
import { isLosing } from "./healthy-loss.ts";

export function captureContents(title: string, reading: CaptureReading): FileContents {
  const rows = reading.connections.flatMap(connection => [row(connection, 0), row(connection, 1)]);
  return {
    title,
    hosts: [...new Set(rows.map(({ host }) => host))],
    epoch: reading.epoch,
    rows,
    findings: reading.findings.map(foundOut),
    problem: partOf(reading),
    events: endEvents(reading),
    packets: filePackets(reading),
  };
}

type Read = Pick<CaptureReading, "error" | "packets" | "count" | "leftOut">;

/** What is not shown, and why; undefined: all is. */
export function partOf({ error, packets, count, leftOut }: Read): PartOfCapture | undefined {
  const packetsLeftOut = count - packets.length;
  if (error === undefined && packetsLeftOut === 0 && leftOut === 0) return undefined;
  return { kind: "part-of-capture", damage: error, packetsLeftOut, segmentsLeftOut: leftOut };
}

/** Both ends are read together; the other one is asked for next, as a rule. */
function endEvents(reading: CaptureReading): (end: number) => readonly TraceEvent[] {
  let known = 0;
  let events: readonly TraceEvent[] = [];
  return end => {
    if (end === 0) return [];
    const connection = Math.ceil(end / 2);
    if (connection !== known) events = reading.events(connection);
    known = connection;
    return events.filter(event => event.connection === end);
  };
}

function row(summary: ConnectionSummary, side: Side): ConnectionRow {
  const [me, peer] = side === 0 ? summary.ends : [summary.ends[1], summary.ends[0]];
  return {
    connection: endNumber(summary.number, side),
    host: me.address,
    local: me.address,
    localPort: me.port,
    remote: peer.address,
    remotePort: peer.port,
    state: me.state,
    role: side === 0 ? "active" : "passive",
    congestionControl: "",
    openedAt: summary.firstTime,
    bytesSent: me.bytes,
    bytesReceived: peer.bytes,
    sendRate: me.throughput,
    receiveRate: peer.throughput,
    srtt: me.roundTrips.srtt,
    retransmissions: me.retransmissions,
    verdicts: verdicts(summary, side),
  };
}

function verdicts({ outcome, ends }: ConnectionSummary, side: Side): Verdict[] {
  const { retransmissions, spurious, textSegments, outOfOrder, zeroWindows } = ends[side];
  const found: Verdict[] = [];
  if (outcome === "reset" || outcome === "refused") found.push("reset");
  if (outcome === "half-open" || outcome === "unanswered") found.push("half-open");
  if (isLosing(retransmissions - spurious, textSegments)) found.push("losing");
  if (outOfOrder > 0) found.push("reordering");
  // Its peer, that is, cannot send.
  if (zeroWindows > 0) found.push("reader-slow");
  return found;
}

function foundOut({ severity, code, values, connection, side, time, packet }: Finding): FoundOut {
  return {
    severity,
    code,
    values,
    connection: connection === 0 ? 0 : endNumber(connection, side ?? 0),
    time,
    packet,
  };
}

function filePackets(reading: CaptureReading): FilePackets {
  const { packets, epoch } = reading;
  const at = (index: number) => {
    const packet = packets[index];
    if (packet === undefined) throw new RangeError(`there is no packet ${index}`);
    return packet;
  };
  return {
    count: packets.length,
    linkTypes: [...new Set(packets.map(packet => packet.interface.linkType))],
    filtered: index => {
      const { bytes, originalLength: length, direction, interface: via } = at(index);
      return { linkType: via.linkType, bytes, length, direction, interface: via.name };
    },
    packet: index => {
      const { bytes, time, originalLength, direction, comment, interface: via } = at(index);
      const marks = reading.marksOf(index + 1);
      const packet: Packet = {
        number: index + 1,
        time: time - epoch,
        host: "",
        interface: via.name ?? "",
        direction,
        linkType: via.linkType,
        length: originalLength,
        bytes: base64(bytes),
        ...(comment === undefined ? {} : { comment }),
        ...(marks.length === 0 ? {} : { marks }),
      };
      return packet;
    },
  };
}
