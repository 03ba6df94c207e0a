/**
 * Shows a file as an inspector shows a host: rows at once, events of the connections that are watched, packets
 * that pass a filter. Nothing changes any more, so it speaks only when it is asked.
 */
import { LinkFilters } from "../../../../src/inspect/link-filters.ts";
import { troubleOf } from "../../../../src/inspect/problem.ts";
import {
  type Control,
  type FromPage,
  type InspectorChannel,
  type Packet,
  PROTOCOL_VERSION,
} from "../../../../src/inspect/protocol.ts";
import type { FileContents } from "./file-contents.ts";

/** As many as the page keeps; a filter finds the others. */
const MOST_PACKETS = 20_000;
/** A message carries so many of a kind: the page stays smooth between two messages. */
const ROWS = 2_000;
const EVENTS = 4_000;
const PACKETS = 1_000;

export class FileInspector {
  readonly #contents: FileContents;
  #watched = new Set<number>();

  constructor(contents: FileContents) {
    this.#contents = contents;
  }

  join(channel: InspectorChannel): void {
    const { title, hosts, epoch, rows, findings, problem } = this.#contents;
    channel.onMessage = message => this.#hear(channel, message);
    channel.send({
      type: "hello",
      version: PROTOCOL_VERSION,
      kind: "file",
      title,
      hosts: hosts.map(name => ({ name, interfaces: [] })),
      abilities: { time: false, links: false },
      ...(epoch === undefined ? {} : { epoch }),
    });
    for (const part of parts(rows, ROWS)) channel.send({ type: "rows", time: 0, rows: part, gone: [] });
    channel.send({ type: "findings", findings });
    this.#tellEvents(channel, 0);
    if (problem !== undefined) channel.send(troubleOf(problem));
  }

  #hear(channel: InspectorChannel, message: FromPage | Control): void {
    if (message.type === "watch") {
      const wanted = new Set(message.connections);
      for (const connection of wanted) {
        if (!this.#watched.has(connection)) this.#tellEvents(channel, connection);
      }
      this.#watched = wanted;
    } else if (message.type === "watch-packets" && message.on) {
      this.#tellPackets(channel, message.filter ?? "");
    }
  }

  #tellEvents(channel: InspectorChannel, connection: number): void {
    for (const events of parts(this.#contents.events(connection), EVENTS)) {
      channel.send({ type: "events", events });
    }
  }

  #tellPackets(channel: InspectorChannel, filter: string): void {
    const { packets } = this.#contents;
    const filters = new LinkFilters(filter);
    const problem = filters.problem(packets.linkTypes);
    if (problem !== undefined) {
      channel.send(troubleOf({ kind: "bad-filter", fault: problem.fault }));
      return;
    }
    const chosen: Packet[] = [];
    let skipped = 0;
    for (let index = 0; index < packets.count; index++) {
      if (!filters.matches(packets.filtered(index))) continue;
      if (chosen.length < MOST_PACKETS) chosen.push(packets.packet(index));
      else skipped++;
    }
    for (const part of parts(chosen, PACKETS)) channel.send({ type: "packets", packets: part, skipped: 0 });
    channel.send({ type: "packets", packets: [], skipped });
  }
}

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
