/** The bytes of a packet, sixteen a row; rows out of sight are not in the document. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { rowWindow, scrolledTo } from "../../table/row-window.ts";
import { wordsOf } from "../../text/language.ts";
import { BYTES_A_ROW, byteByKey, type HexByte, hexRow } from "./hex-rows.ts";
import styles from "./packets.module.css";
import { PACKETS_WORDS } from "./words.ts";

const words = wordsOf(PACKETS_WORDS);
const ROW_HEIGHT = 20;

interface HexViewProps {
  readonly bytes: Uint8Array;
  readonly lit: { readonly offset: number; readonly length: number } | undefined;
  readonly onHover: (offset: number | undefined) => void;
  readonly onChoose: (offset: number) => void;
}

export function HexView({ bytes, lit, onHover, onChoose }: HexViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(0);
  const byte = useRef(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const litOffset = lit?.offset;
  useEffect(() => {
    const element = box.current;
    if (element === null || litOffset === undefined) return;
    const row = Math.floor(litOffset / BYTES_A_ROW);
    element.scrollTop = scrolledTo(row, element.scrollTop, element.clientHeight, ROW_HEIGHT, 0);
  }, [litOffset]);

  const count = Math.ceil(bytes.length / BYTES_A_ROW);
  const { first, end } = rowWindow(scrolled, height, ROW_HEIGHT, count);
  const press = (event: KeyboardEvent): void => {
    const next = byteByKey(event.key, byte.current, bytes.length);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byte.current = next;
    onChoose(next);
  };
  return (
    <div
      class={styles.hex}
      ref={box}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application hears keys
      tabIndex={0}
      aria-label={`${words.value.bytes}. ${words.value.bytesHelp}`}
      onScroll={event => setScrolled(event.currentTarget.scrollTop)}
      onKeyDown={press}
      onMouseMove={event => onHover(byteUnder(event.target))}
      onMouseLeave={() => onHover(undefined)}
      onClick={event => {
        const at = byteUnder(event.target);
        if (at === undefined) return;
        byte.current = at;
        onChoose(at);
      }}
    >
      <div class={styles.rows} style={{ height: `${count * ROW_HEIGHT}px` }}>
        {Array.from({ length: end - first }, (_, index) => first + index).map(row => (
          <HexRow key={row} row={row} bytes={bytes} lit={lit} />
        ))}
      </div>
    </div>
  );
}

interface HexRowProps extends Pick<HexViewProps, "bytes" | "lit"> {
  readonly row: number;
}

function HexRow({ row, bytes, lit }: HexRowProps) {
  const { offset, all } = hexRow(bytes, row);
  const isLit = ({ at }: HexByte): true | undefined =>
    (lit !== undefined && at >= lit.offset && at < lit.offset + lit.length) || undefined;
  return (
    <div class={styles.hexRow} style={{ top: `${row * ROW_HEIGHT}px` }}>
      <span class={styles.offset}>{offset}</span>
      <span class={styles.digits}>
        {all.map(byte => (
          <span key={byte.at} data-at={byte.at} data-lit={isLit(byte)}>
            {byte.digits}
          </span>
        ))}
      </span>
      <span class={styles.letters}>
        {all.map(byte => (
          <span key={byte.at} data-at={byte.at} data-lit={isLit(byte)}>
            {byte.letter}
          </span>
        ))}
      </span>
    </div>
  );
}

function byteUnder(target: EventTarget | null): number | undefined {
  const at = target instanceof HTMLElement ? target.dataset["at"] : undefined;
  return at === undefined ? undefined : Number(at);
}
