/**
 * Packets: a line each, and of the chosen one the fields and the bytes. The inspector sends them only while
 * they are shown, and only those that pass the filter.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Packet } from "../../../../src/inspect/protocol.ts";
import { download } from "../../state/download.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { type Column, VirtualTable } from "../../table/virtual-table.tsx";
import { type Language, language, wordsOf } from "../../text/language.ts";
import { countText, instantText } from "../../text/quantities.ts";
import { Dissection } from "./dissection.tsx";
import { PacketBar } from "./packet-bar.tsx";
import { PacketReader } from "./packet-reader.ts";
import styles from "./packets.module.css";
import { captureOf } from "./shown-capture.ts";
import { PACKETS_WORDS, type PacketsWords } from "./words.ts";

const words = wordsOf(PACKETS_WORDS);

export function Packets({ session }: ViewProps) {
  const reader = useMemo(() => new PacketReader(), []);
  const chosen = useSignal<Packet | undefined>(undefined);
  const held = useSignal<readonly Packet[] | undefined>(undefined);
  useEffect(() => {
    session.send({ type: "watch-packets", on: true });
    return () => session.send({ type: "watch-packets", on: false });
  }, [session]);

  const w = words.value;
  const isFile = session.hello.value?.kind === "file";
  const packets = held.value ?? session.packets.value;
  reader.read(session.packets.value);
  const columns = useMemo(() => columnsOf(w, language.value, reader), [w, reader]);
  const current = indexOf(packets, chosen.value);
  const choose = (index: number): void => {
    chosen.value = packets[index];
    session.cursor.value = packets[index]?.time;
  };
  return (
    <div class={styles.view} data-chosen={chosen.value !== undefined || undefined}>
      <PacketBar
        count={packets.length}
        skipped={session.skippedPackets.value}
        isHeld={held.value !== undefined}
        onFilter={filter => {
          held.value = undefined;
          session.send({ type: "watch-packets", on: true, ...(filter === "" ? {} : { filter }) });
        }}
        onHold={isHeld => {
          held.value = isHeld ? packets : undefined;
        }}
        onDownload={() => download(captureOf(packets, epochOf(session)), "postel.pcapng")}
      />
      <div class={styles.list}>
        <VirtualTable<Packet>
          label={w.label}
          columns={columns}
          count={packets.length}
          rowAt={index => packets[index]}
          current={current}
          currentKey={chosen.value?.number}
          onCurrent={choose}
          kindOf={packet => reader.textOf(packet).kind}
          followsEnd={session.hello.value?.kind === "live" && held.value === undefined}
          minimumWidth={560}
        />
        {packets.length === 0 && <p class={styles.none}>{isFile ? w.noneInFile : w.none}</p>}
      </div>
      <div class={styles.detail}>
        {chosen.value === undefined ? (
          <p class={styles.choose}>{w.choose}</p>
        ) : (
          <Dissection packet={chosen.value} />
        )}
      </div>
    </div>
  );
}

function epochOf(session: Session): number {
  return session.hello.value?.epoch ?? 0;
}

/** Packets stand in the order of their numbers. */
function indexOf(packets: readonly Packet[], chosen: Packet | undefined): number | undefined {
  if (chosen === undefined) return undefined;
  let low = 0;
  let high = packets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((packets[middle]?.number ?? 0) < chosen.number) low = middle + 1;
    else high = middle;
  }
  return packets[low]?.number === chosen.number ? low : undefined;
}

/** The host, or the interface of a capture; and whether it came or went, as far as that is known. */
function Where({ packet, words: w }: { readonly packet: Packet; readonly words: PacketsWords }) {
  const { direction, host } = packet;
  return (
    <>
      {direction !== undefined && (
        <span title={direction === "in" ? w.incoming : w.outgoing}>{direction === "in" ? "◂" : "▸"}</span>
      )}{" "}
      {host === "" ? packet.interface : host}
    </>
  );
}

function columnsOf(w: PacketsWords, speech: Language, reader: PacketReader): readonly Column<Packet>[] {
  return [
    {
      id: "number",
      title: w.number,
      width: 4,
      isNumber: true,
      cell: ({ number }) => countText(number, speech),
    },
    {
      id: "time",
      title: w.time,
      explanation: w.timeHelp,
      width: 6.5,
      isNumber: true,
      cell: ({ time }) => instantText(time - reader.start),
    },
    {
      id: "where",
      title: w.where,
      width: 7,
      cell: packet => <Where packet={packet} words={w} />,
    },
    {
      id: "packet",
      title: w.packet,
      cell: packet => (
        <span class={styles.line} lang="en" title={reader.textOf(packet).line}>
          {packet.comment !== undefined && <span class={styles.comment}>{packet.comment}</span>}
          {packet.marks?.map(mark => (
            <span key={mark} class={styles.mark} lang={language.value}>
              {w.marks[mark]}
            </span>
          ))}
          {reader.textOf(packet).line}
        </span>
      ),
    },
  ];
}
