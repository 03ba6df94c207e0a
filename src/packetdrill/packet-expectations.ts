/** The packets of the stack, held against what the script expects. */
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { refuseEncapsulation } from "./arriving-packets.ts";
import {
  compareIp,
  compareTcp,
  type Difference,
  FlowLabels,
  merged,
  whatDiffers,
  whyNotContinued,
} from "./compare.ts";
import type { Connections, ScriptConnection } from "./connections.ts";
import type { EmittedPacket } from "./emitted-packet.ts";
import { ScriptFailure } from "./failure.ts";
import { icmpCode, icmpType } from "./icmp-names.ts";
import { actionText, emittedIpText, emittedText, ipText, tcpText } from "./packet-text.ts";
import type { Place } from "./place.ts";
import type { PacketAction, TcpSpec } from "./script.ts";
import type { Settings } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { lateness, PATIENCE, secondsText, type TimeRange, toleranceFor } from "./time-rules.ts";
import type { Transcript } from "./transcript.ts";

/** When a packet is expected. */
export interface ExpectedTime {
  /** Undefined: at any time. */
  readonly range: TimeRange | undefined;
  /** Since the event before, as the script has it. */
  readonly waited: number;
}

/** A star waits long, but not for ever. */
const LONGEST_WAIT = 3_600_000_000;

export class PacketExpectations {
  readonly #stage: Stage;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #transcript: Transcript;
  readonly #flowLabels = new FlowLabels();
  /** The first packet that no stack may send. */
  #fault: EmittedPacket | undefined;

  constructor(stage: Stage, settings: Settings, connections: Connections, transcript: Transcript) {
    this.#stage = stage;
    this.#settings = settings;
    this.#connections = connections;
    this.#transcript = transcript;
    stage.device.onEmitted = packet => this.#emitted(packet);
  }

  /** Throws if the stack has sent something malformed, expected or not. */
  checkFaults(place: Place): void {
    const fault = this.#fault;
    if (fault === undefined) return;
    this.#fault = undefined;
    throw new ScriptFailure("bug", place, `the stack sent a bad packet: ${fault.fault}`);
  }

  #emitted(packet: EmittedPacket): void {
    if (packet.fault !== undefined) this.#fault ??= packet;
    const isOurs = packet.fault !== undefined || this.#connections.isBetweenEnds(packet);
    if (!isOurs) return;
    this.#transcript.add("out", this.#stage.scriptTime(packet.at), () => {
      const view = packet.tcp && this.#connections.ofPacket(packet)?.map.toScript(packet.tcp);
      return emittedText(packet, view);
    });
  }

  async expect(action: PacketAction, time: ExpectedTime, place: Place): Promise<void> {
    refuseEncapsulation(action, place);
    if (action.body.protocol === "tcp") return this.#expectTcp(action, action.body, time, place);
    const connection = this.#connections.forExpected(
      action.body.protocol === "udp" ? action.body.ports : undefined,
    );
    const packet = await this.#next(action, connection, time, place);
    const actual = emittedText(packet);
    const fail = (what: string, theirs = actual): ScriptFailure =>
      new ScriptFailure("packet", place, what, { expected: actionText(action), actual: `> ${theirs}` });
    if (action.body.protocol === "udp") {
      if (packet.protocol !== IP_PROTOCOL.udp) throw fail("it is of another protocol");
      if (packet.payload.length !== action.body.length) throw fail("length");
      if (connection !== undefined) this.#connections.learned(connection, packet, 0);
    } else {
      const { family } = packet;
      if (packet.icmp === undefined) throw fail("it is of another protocol");
      if (packet.icmp.type !== icmpType(family, action.body.type)) throw fail("ICMP type");
      const code = action.body.code === undefined ? 0 : icmpCode(family, action.body.type, action.body.code);
      if (packet.icmp.code !== code) throw fail("ICMP code");
    }
    const found = this.#compareIp(action, packet);
    if (found !== undefined) throw fail(whatDiffers(found), `${emittedIpText(action.ip, packet)}${actual}`);
    this.#checkTime(packet, time, place);
  }

  async #expectTcp(action: PacketAction, spec: TcpSpec, time: ExpectedTime, place: Place): Promise<void> {
    const connection = this.#connections.forExpected(spec.ports);
    const first = await this.#next(action, connection, time, place);
    const owner = connection ?? this.#adopt(first);
    this.#connections.learned(owner, first, spec.sequence);
    const series = [first];
    const view = (packet: EmittedPacket): TcpSpec => owner.map.toScript(packet.tcp as TcpSpec);
    let whole = view(first);
    this.#refuseEarly(action, spec, first, whole, place);
    while (!this.#settings.strictSegments && whole.length < spec.length) {
      const previous = series.at(-1) as EmittedPacket;
      const next = await this.#next(action, owner, time, place, whole);
      const found = whyNotContinued(view(first), view(previous), view(next));
      if (found !== undefined) {
        throw this.#mismatch(
          action,
          next,
          view(next),
          place,
          `what follows is not its rest: ${whatDiffers(found)}`,
        );
      }
      this.#connections.learned(owner, next, spec.sequence);
      series.push(next);
      whole = merged(view(first), view(next), whole.length + view(next).length);
    }
    const last = series.at(-1) as EmittedPacket;
    const found = compareTcp(spec, whole) ?? this.#compareIp(action, last);
    if (found !== undefined) throw this.#mismatch(action, last, whole, place, whatDiffers(found));
    if (series.some(({ payload }) => payload.some(byte => byte !== 0))) {
      throw this.#mismatch(action, last, whole, place, "payload: it is not all zeros");
    }
    this.#checkTime(last, time, place);
    this.#noteTimestamps(owner, spec, series, place);
  }

  /** What no segment that follows can put right is reported at the first. */
  #refuseEarly(
    action: PacketAction,
    spec: TcpSpec,
    packet: EmittedPacket,
    view: TcpSpec,
    place: Place,
  ): void {
    if (view.length >= spec.length) return;
    const mayChange = TCP_FLAG.fin | TCP_FLAG.psh;
    const found = compareTcp(
      { ...spec, length: 0, flags: spec.flags & ~mayChange },
      { ...view, length: 0, flags: view.flags & ~mayChange },
    );
    if (found !== undefined) throw this.#mismatch(action, packet, view, place, whatDiffers(found));
    if (view.length === 0 && spec.length > 0) {
      throw this.#mismatch(action, packet, view, place, `length: 0 instead of ${spec.length}`);
    }
  }

  #mismatch(
    action: PacketAction,
    packet: EmittedPacket,
    view: TcpSpec,
    place: Place,
    message: string,
  ): ScriptFailure {
    const spec = action.body as TcpSpec;
    // What is not compared is not shown.
    const shown: TcpSpec = {
      ...view,
      ...(spec.window === undefined ? { window: undefined } : {}),
    };
    return new ScriptFailure("packet", place, message, {
      expected: `> ${ipText(action.ip)}${tcpText(spec)}`,
      actual: `> ${emittedIpText(action.ip, packet)}${tcpText(shown)}`,
    });
  }

  /** A packet that comes before any socket of the script: of a connection that nobody opened. */
  #adopt(packet: EmittedPacket): ScriptConnection {
    const connection = this.#connections.forDatagram({
      source: packet.destinationPort,
      destination: packet.sourcePort,
    });
    return connection;
  }

  #compareIp(action: PacketAction, packet: EmittedPacket): Difference | undefined {
    return compareIp(action.ip, packet) ?? this.#flowLabels.compare(action.ip.flowLabel, packet.flowLabel);
  }

  /** The next packet that the script must look at; others are thrown away. */
  async #next(
    action: PacketAction,
    connection: ScriptConnection | undefined,
    time: ExpectedTime,
    place: Place,
    partial?: TcpSpec,
  ): Promise<EmittedPacket> {
    const { emitted } = this.#stage.device;
    const limit = time.range === undefined ? this.#stage.now + LONGEST_WAIT : time.range.to + PATIENCE;
    const isWanted = (packet: EmittedPacket): boolean => this.#isWanted(action, connection, packet);
    const found = await this.#stage.waitFor(() => {
      while (emitted[0] !== undefined && !isWanted(emitted[0])) emitted.shift();
      return emitted.length > 0;
    }, limit);
    this.checkFaults(place);
    const packet = found ? emitted.shift() : undefined;
    if (packet !== undefined) return packet;
    const came = partial === undefined ? "nothing" : `only ${tcpText(partial)}`;
    throw new ScriptFailure("timeout", place, "no packet came", {
      expected: actionText(action),
      actual: came,
    });
  }

  #isWanted(action: PacketAction, connection: ScriptConnection | undefined, packet: EmittedPacket): boolean {
    if (packet.fault !== undefined || !this.#connections.isBetweenEnds(packet)) return false;
    if (packet.icmp !== undefined) return action.body.protocol === "icmp";
    if (action.body.protocol === "tcp" && packet.tcp === undefined) return false;
    return connection === undefined || this.#connections.owns(connection, packet);
  }

  #noteTimestamps(
    connection: ScriptConnection,
    spec: TcpSpec,
    series: readonly EmittedPacket[],
    place: Place,
  ): void {
    const expected = spec.options?.find(option => option.kind === "TS");
    if (expected === undefined) return;
    for (const { tcp } of series) {
      const actual = tcp?.options?.find(option => option.kind === "TS");
      if (actual === undefined) continue;
      const { timestamps } = connection.map;
      timestamps.sent(expected.value, actual.value);
      const { timestampTick } = this.#settings;
      if (timestampTick === 0) continue;
      const drift = timestamps.drift(expected.value, actual.value) * timestampTick;
      if (drift <= toleranceFor(this.#settings, this.#stage.now)) continue;
      throw new ScriptFailure("packet", place, "timestamp", {
        expected: `TS val ${expected.value}`,
        actual: `TS val ${timestamps.toScript(actual.value)}`,
      });
    }
  }

  #checkTime(packet: EmittedPacket, { range, waited }: ExpectedTime, place: Place): void {
    if (range === undefined) return;
    const at = this.#stage.scriptTime(packet.at);
    const late = lateness(at, range, toleranceFor(this.#settings, waited));
    if (late === 0) return;
    const expected = range.from === range.to ? "" : ` to ${secondsText(range.to)}`;
    const message = `the packet came ${secondsText(Math.abs(late))} s too ${late < 0 ? "early" : "late"}`;
    throw new ScriptFailure("time", place, message, {
      expected: `at ${secondsText(range.from)}${expected}`,
      actual: `at ${secondsText(at)}`,
    });
  }
}
