/** The state diagram of one end: the state it is in, lit, and the edges it took, with their numbers. */
import type { TcpState } from "../../../../src/tcp/states.ts";
import { type Diagram, type DiagramEdge, LINE_HEIGHT, MARK_SIZE, pathThrough } from "./diagram.ts";
import type { Area } from "./labels.ts";
import styles from "./states.module.css";
import { markText, type Step, stepsAlong } from "./steps.ts";

export interface PictureProps {
  readonly id: string;
  readonly diagram: Diagram;
  readonly text: string;
  readonly steps: readonly Step[];
  readonly taken: number;
  readonly state: TcpState | undefined;
  readonly causeOf: (cause: string) => string;
}

const CORNER = 6;
/** Beyond its own size it is not made larger than this. */
const LARGEST = 1.15;
const LETTER_FOOT = 9.5;

export function Picture({ id, diagram, text, steps, taken, state, causeOf }: PictureProps) {
  const edges = diagram.edges.map(edge => ({ ...edge, numbers: stepsAlong(edge.edge, steps, taken) }));
  const visited = new Set(steps.slice(0, taken).flatMap(({ from, to }) => [from, to]));
  const lastEdge = edges.find(({ numbers }) => taken > 0 && numbers.includes(taken));
  // What was taken is drawn last, upon the rest.
  const inOrder = [...edges].sort((a, b) => rank(a) - rank(b));
  function rank(edge: (typeof edges)[number]): number {
    return edge === lastEdge ? 2 : edge.numbers.length > 0 ? 1 : 0;
  }
  return (
    <svg
      class={styles.picture}
      viewBox={`0 0 ${diagram.width} ${diagram.height}`}
      style={{ maxWidth: `${diagram.width * LARGEST}px` }}
      role="img"
      aria-label={text}
    >
      <defs>
        <Arrow id={`${id}-quiet`} class={styles.quietArrow} />
        <Arrow id={`${id}-taken`} class={styles.takenArrow} />
      </defs>
      {inOrder.map(edge => (
        <Wire key={keyOf(edge)} id={id} edge={edge} rank={rank(edge)} causeOf={causeOf} />
      ))}
      {diagram.states.map(({ state: name, area }) => (
        <g key={name} class={stateClass(name === state, visited.has(name))}>
          <rect x={area.left} y={area.top} width={across(area)} height={area.bottom - area.top} rx={6} />
          <text x={middleOf(area)} y={(area.top + area.bottom) / 2}>
            {name}
          </text>
        </g>
      ))}
      {edges.map(
        edge =>
          edge.mark !== undefined &&
          edge.numbers.length > 0 && (
            <g key={keyOf(edge)} class={edge === lastEdge ? styles.lastMark : styles.mark}>
              <circle cx={middleOf(edge.mark)} cy={edge.mark.top + MARK_SIZE / 2} r={MARK_SIZE / 2} />
              <text x={middleOf(edge.mark)} y={edge.mark.top + MARK_SIZE / 2}>
                {markText(edge.numbers)}
              </text>
            </g>
          ),
      )}
    </svg>
  );
}

interface WireProps {
  readonly id: string;
  readonly edge: DiagramEdge;
  /** 0: not taken; 2: taken last. */
  readonly rank: number;
  readonly causeOf: (cause: string) => string;
}

function Wire({ id, edge, rank, causeOf }: WireProps) {
  const way = pathThrough(edge.corners, CORNER);
  const { label } = edge;
  return (
    <g class={[styles.wire, styles.takenWire, styles.lastWire][rank]}>
      <title>{[`${edge.edge.from} → ${edge.edge.to}`, ...edge.edge.causes.map(causeOf)].join("\n")}</title>
      <path class={styles.reach} d={way} />
      <path class={styles.line} d={way} marker-end={`url(#${id}-${rank > 0 ? "taken" : "quiet"})`} />
      {label !== undefined &&
        edge.lines.map((line, index) => (
          <text key={line} x={label.left + 2} y={label.top + LETTER_FOOT + index * LINE_HEIGHT}>
            {line}
          </text>
        ))}
    </g>
  );
}

function Arrow({ id, class: name }: { readonly id: string; readonly class: string | undefined }) {
  return (
    <marker
      id={id}
      viewBox="0 0 8 8"
      refX="7.5"
      refY="4"
      markerWidth="8"
      markerHeight="8"
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path class={name} d="M0 0.5L8 4L0 7.5z" />
    </marker>
  );
}

function keyOf({ edge }: DiagramEdge): string {
  return `${edge.from} ${edge.to}`;
}

function stateClass(isLit: boolean, wasVisited: boolean): string | undefined {
  return isLit ? styles.litState : wasVisited ? styles.visitedState : styles.state;
}

function across({ left, right }: Area): number {
  return right - left;
}

function middleOf({ left, right }: Area): number {
  return (left + right) / 2;
}
