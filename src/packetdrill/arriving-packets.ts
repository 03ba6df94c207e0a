/** The packets of the script: they go to the stack, in the stack's numbers. */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { Connections, ScriptConnection } from "./connections.ts";
import { ScriptFailure } from "./failure.ts";
import { icmpCode, icmpType } from "./icmp-names.ts";
import { buildIcmpError, buildTcp, buildUdp, type Quoted } from "./packet-builder.ts";
import { actionText } from "./packet-text.ts";
import type { Place } from "./place.ts";
import type { IcmpSpec, PacketAction, TcpSpec } from "./script.ts";
import type { Settings } from "./settings.ts";
import type { Stage } from "./stage.ts";
import type { Transcript } from "./transcript.ts";

export class ArrivingPackets {
  readonly #stage: Stage;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #transcript: Transcript;

  constructor(stage: Stage, settings: Settings, connections: Connections, transcript: Transcript) {
    this.#stage = stage;
    this.#settings = settings;
    this.#connections = connections;
    this.#transcript = transcript;
  }

  inject(action: PacketAction, place: Place): void {
    refuseEncapsulation(action, place);
    const bytes = this.#bytesOf(action, place);
    this.#transcript.add("in", this.#stage.now, () => actionText(action).slice(2));
    const { segmentSize } = this.#settings;
    const isMerged = segmentSize > 0 && action.body.protocol === "tcp" && action.body.length > segmentSize;
    this.#stage.device.inject(bytes, isMerged ? segmentSize : 0);
  }

  #bytesOf(action: PacketAction, place: Place): Uint8Array {
    const { body, ip } = action;
    switch (body.protocol) {
      case "tcp": {
        const connection = this.#connections.forArriving(body);
        const live = this.#withLiveEcho(connection, body, place);
        return buildTcp(connection.map.toLive(live), this.#connections.endsToStack(connection), ip);
      }
      case "udp": {
        const connection = this.#connections.forDatagram(body.ports);
        return buildUdp(body.length, this.#connections.endsToStack(connection), ip);
      }
      case "icmp":
        return this.#icmpBytes(body, action, place);
    }
  }

  /** Timestamp echoes are labels: the stack's own values stand behind them. */
  #withLiveEcho(connection: ScriptConnection, tcp: TcpSpec, place: Place): TcpSpec {
    if ((tcp.flags & TCP_FLAG.ack) === 0 || tcp.options === undefined) return tcp;
    const options = tcp.options.map(option => {
      if (option.kind !== "TS") return option;
      const echo = connection.map.timestamps.toLive(option.echo, this.#settings.scaledEcho);
      if (echo !== undefined) return { ...option, echo };
      const message = `no packet expected so far had the timestamp ${option.echo} that this one echoes`;
      throw new ScriptFailure("packet", place, message);
    });
    return { ...tcp, options };
  }

  #icmpBytes(icmp: IcmpSpec, action: PacketAction, place: Place): Uint8Array {
    const family = this.#settings.remoteAddress.family;
    const type = icmpType(family, icmp.type);
    const code = icmp.code === undefined ? 0 : icmpCode(family, icmp.type, icmp.code);
    if (type === undefined || code === undefined) {
      const name = type === undefined ? `type ${icmp.type}` : `code ${icmp.code}`;
      throw new ScriptFailure("syntax", place, `ICMP over IPv${family} has no ${name}`);
    }
    const connection = this.#connections.forDatagram(undefined);
    const back = this.#connections.endsToStack(connection);
    const quoted: Quoted = {
      ends: {
        source: back.destination,
        sourcePort: back.destinationPort,
        destination: back.source,
        destinationPort: back.sourcePort,
      },
      protocol: icmp.quote === undefined ? connection.protocol : icmp.quote.kind,
      sequence: connection.map.localToLive(icmp.quote?.kind === "tcp" ? icmp.quote.sequence : 0, false),
      length: icmp.quote?.length ?? 0,
    };
    const rest = icmp.identifier === undefined ? (icmp.mtu ?? 0) : icmp.identifier << 16;
    return buildIcmpError({ type, code, rest }, quoted, action.ip);
  }
}

export function refuseEncapsulation(action: PacketAction, place: Place): void {
  if (action.encapsulation === undefined) return;
  throw new ScriptFailure("unsupported", place, `packets within “${action.encapsulation}” are not supported`);
}
