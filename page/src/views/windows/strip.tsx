/** One window as a strip: regions to scale, with the edges marked above, and the same in numbers. */
import { useId } from "preact/hooks";
import { language, wordsOf } from "../../text/language.ts";
import { bytesText, countText } from "../../text/quantities.ts";
import { useWidth } from "../width.ts";
import { amounts, type EdgeName, type Strip as StripOf } from "./regions.ts";
import { linesOf, placeOf, widthsOf } from "./scale.ts";
import styles from "./windows.module.css";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

const SMALLEST = 5;
/** What lies to the left of the window has been dealt with, and is not to scale. */
const LEAD = 28;
const LINE = 15;
const LINES = 3;
const BAR_TOP = LINES * LINE + 4;
const BAR_HEIGHT = 30;
const HEIGHT = BAR_TOP + BAR_HEIGHT + 2;
const LETTER = 7;
const SQUARE_LETTER = 12;
const LABEL_GAP = 8;
/** A region this wide has room for its size. */
const WIDE_ENOUGH = 64;

/** They only show how far it is to an edge. */
const DISTANCES: ReadonlySet<string> = new Set(["waiting", "open", "closed", "window", "full"]);

export interface StripProps<Kind extends string> {
  readonly strip: StripOf<Kind>;
  /** Before the strip, in bytes. */
  readonly before: number;
  readonly beforeName: string;
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly edges: Readonly<Record<EdgeName, string>>;
  readonly sentence: string;
}

export function Strip<Kind extends string>(props: StripProps<Kind>) {
  const [frame, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={frame}>
      <p class={styles.sentence}>{props.sentence}</p>
      {width > 0 && <Bar {...props} width={width} />}
      <Legend {...props} />
    </div>
  );
}

interface BarProps<Kind extends string> extends StripProps<Kind> {
  readonly width: number;
}

function Bar<Kind extends string>({ strip, before, kinds, edges, sentence, width }: BarProps<Kind>) {
  const hatch = useId();
  const lead = before > 0 ? LEAD : 0;
  const { regions } = strip;
  const { widths, isShort } = widthsOf(
    regions.map(({ kind, start, end }) => ({ bytes: end - start, mayShrink: DISTANCES.has(kind) })),
    width - lead - 2,
    SMALLEST,
  );
  const places = [lead + 1];
  for (const each of widths) places.push((places.at(-1) ?? 0) + each);
  const borders = [regions[0]?.start ?? 0, ...regions.map(({ end }) => end)];
  return (
    <svg
      class={styles.bar}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      height={HEIGHT}
      role="img"
      aria-label={sentence}
    >
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class={styles.hatch} x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      {lead > 0 && <rect class={styles.dealtWith} x={1} y={BAR_TOP} width={lead} height={BAR_HEIGHT} />}
      {regions.map(({ kind, start, end }, index) => (
        <Piece
          key={`${index} ${kind}`}
          kind={kind}
          name={kinds[kind]}
          bytes={end - start}
          x={places[index] ?? 0}
          across={widths[index] ?? 0}
          isShort={isShort[index] === true}
          hatch={hatch}
        />
      ))}
      <Edges
        names={strip.edges.map(({ edge }) => edges[edge])}
        places={strip.edges.map(({ at }) => placeOf(at, borders, places))}
        width={width}
      />
    </svg>
  );
}

interface PieceProps {
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
  readonly x: number;
  readonly across: number;
  readonly isShort: boolean;
  /** The id of a pattern. */
  readonly hatch: string;
}

function Piece({ kind, name, bytes, x, across, isShort, hatch }: PieceProps) {
  const spoken = language.value;
  const title = `${name}: ${countText(bytes, spoken)} B`;
  const place = { x, y: BAR_TOP, width: across, height: BAR_HEIGHT };
  return (
    <g>
      <title>{isShort ? `${title} (${words.value.short})` : title}</title>
      <rect class={styles[kind]} {...place} />
      {kind === "lost" && <rect {...place} fill={`url(#${hatch})`} />}
      {isShort && <Break x={x + across * 0.8} />}
      {across > WIDE_ENOUGH && (
        <text class={styles.size} x={x + across / 2} y={BAR_TOP + BAR_HEIGHT / 2}>
          {bytesText(bytes, spoken)}
        </text>
      )}
    </g>
  );
}

/** Here the strip is drawn shorter than it is. */
function Break({ x }: { readonly x: number }) {
  const [top, bottom] = [BAR_TOP - 2, BAR_TOP + BAR_HEIGHT + 2];
  return (
    <>
      <path class={styles.breakGap} d={`M${x - 2} ${bottom}L${x + 4} ${top}`} />
      <path
        class={styles.breakLine}
        d={`M${x - 4} ${bottom}L${x + 2} ${top}M${x} ${bottom}L${x + 6} ${top}`}
      />
    </>
  );
}

interface EdgesProps {
  readonly names: readonly string[];
  readonly places: readonly number[];
  readonly width: number;
}

function Edges({ names, places, width }: EdgesProps) {
  const widths = names.map(widthOf);
  // A label stands to the right of its edge, or to the left of one that is at the right end.
  const starts = places.map((x, index) => (x + (widths[index] ?? 0) > width ? x - (widths[index] ?? 0) : x));
  const lines = linesOf(starts, widths, LINES);
  return names.map((name, index) => {
    const x = places[index] ?? 0;
    const y = (LINES - 1 - (lines[index] ?? 0)) * LINE + LINE - 4;
    const isBefore = (starts[index] ?? 0) < x;
    return (
      <g key={name}>
        <line class={styles.edgeLine} x1={x} x2={x} y1={y - 9} y2={BAR_TOP + BAR_HEIGHT} />
        <text
          class={styles.edgeName}
          x={isBefore ? x - 3 : x + 3}
          y={y}
          text-anchor={isBefore ? "end" : "start"}
        >
          {name}
        </text>
      </g>
    );
  });
}

function widthOf(text: string): number {
  let width = LABEL_GAP;
  for (const letter of text) width += letter >= "\u2e80" ? SQUARE_LETTER : LETTER;
  return width;
}

function Legend<Kind extends string>({ strip, before, beforeName, kinds }: StripProps<Kind>) {
  const sums = amounts(strip.regions);
  return (
    <dl class={styles.legend}>
      <Amount kind="dealtWith" name={beforeName} bytes={before} />
      {(Object.keys(kinds) as Kind[]).map(kind => (
        <Amount key={kind} kind={kind} name={kinds[kind]} bytes={sums.get(kind) ?? 0} />
      ))}
    </dl>
  );
}

interface AmountProps {
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
}

function Amount({ kind, name, bytes }: AmountProps) {
  return (
    <div class={bytes === 0 ? styles.absent : undefined}>
      <dt>
        <Swatch kind={kind} /> {name}
      </dt>
      <dd>{bytesText(bytes, language.value)}</dd>
    </div>
  );
}

function Swatch({ kind }: { readonly kind: string }) {
  return (
    <svg class={styles.swatch} viewBox="0 0 12 12" aria-hidden="true">
      <rect class={styles[kind]} x="1" y="1" width="10" height="10" />
    </svg>
  );
}
