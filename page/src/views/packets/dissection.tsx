/** The fields of a packet beside its bytes: a field lights its bytes, a byte its field. */
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { dissect, type FieldNode } from "../../../../src/capture/dissect.ts";
import type { Packet } from "../../../../src/inspect/protocol.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText } from "../../text/quantities.ts";
import { fieldAt, fieldRows, pathOfByte, pathsAbove } from "./field-rows.ts";
import { FieldTree } from "./field-tree.tsx";
import { HexView } from "./hex-view.tsx";
import { packetBytes } from "./packet-bytes.ts";
import styles from "./packets.module.css";
import { PACKETS_WORDS } from "./words.ts";

const words = wordsOf(PACKETS_WORDS);

/** What the user has unfolded stays so from packet to packet, by the names of the fields. */
const unfolded = new Set<string>(["tcp", "udp", "arp", "icmp", "icmpv6"]);

export function Dissection({ packet }: { readonly packet: Packet }) {
  const bytes = useMemo(() => packetBytes(packet.bytes), [packet]);
  const root = useMemo(() => dissect(packet.linkType, bytes, packet.length), [packet, bytes]);
  const current = useSignal<string | undefined>(undefined);
  const hovered = useSignal<string | undefined>(undefined);
  const folds = useSignal(0);
  // Another packet may not have the field.
  const marked = fieldAt(root, current.value);
  const lit = fieldAt(root, hovered.value) ?? marked;
  const shown = useMemo(() => fieldRows(root, node => unfolded.has(node.abbreviation)), [root, folds.value]);
  /** A choice goes before where the pointer happens to rest. */
  const choose = (path: string): void => {
    hovered.value = undefined;
    current.value = path;
  };
  const fold = (node: FieldNode, isOpen: boolean): void => {
    if (isOpen) unfolded.add(node.abbreviation);
    else unfolded.delete(node.abbreviation);
    folds.value++;
  };
  const reveal = (path: string): void => {
    for (const above of pathsAbove(path)) {
      const node = fieldAt(root, above);
      if (node !== undefined && !unfolded.has(node.abbreviation)) fold(node, true);
    }
    choose(path);
  };
  return (
    <>
      <div class={styles.panes}>
        <FieldTree
          rows={shown}
          current={marked === undefined ? undefined : current.value}
          onCurrent={choose}
          onHover={path => {
            hovered.value = path;
          }}
          onFold={fold}
        />
        <HexView
          bytes={bytes}
          lit={lit}
          onHover={offset => {
            hovered.value = offset === undefined ? undefined : pathOfByte(root, offset);
          }}
          onChoose={offset => {
            const path = pathOfByte(root, offset);
            if (path !== undefined) reveal(path);
          }}
        />
      </div>
      <Status packet={packet} captured={bytes.length} lit={lit} />
    </>
  );
}

interface StatusProps {
  readonly packet: Packet;
  readonly captured: number;
  readonly lit: FieldNode | undefined;
}

/** Where the marked field stands. */
function Status({ packet, captured, lit }: StatusProps) {
  const w = words.value;
  const cut = packet.length > captured;
  return (
    <p class={styles.status} role="status">
      {lit !== undefined && (
        <>
          <code>{lit.abbreviation}</code> {w.bytesOf(lit.offset, lit.offset + lit.length - 1, captured)}
        </>
      )}
      {cut && (
        <span class={styles.skipped}>
          {" "}
          {w.cut(countText(captured, language.value), countText(packet.length, language.value))}
        </span>
      )}
    </p>
  );
}
