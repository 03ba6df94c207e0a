/** The wires, a row for each direction: loss, delay, jitter, rate, cut; and the fate of the next segment. */
import { useState } from "preact/hooks";
import type { LinkDirection } from "../../../../src/inspect/protocol.ts";
import type { ViewProps } from "../../state/session.ts";
import { wordsOf } from "../../text/language.ts";
import styles from "./controls.module.css";
import { Field } from "./field.tsx";
import { fieldText, MEASURES, type Quantity, valueOfField } from "./quantities.ts";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

const QUANTITIES = Object.keys(MEASURES) as Quantity[];

export function LinkControls({ session }: ViewProps) {
  const text = words.value;
  const directions = session.links.value.flatMap(link => link.directions);
  if (directions.length === 0) return <p class={styles.quiet}>{text.noLinks}</p>;
  return (
    <fieldset class={styles.links} disabled={session.isClosed.value}>
      <legend class="unseen">{text.links}</legend>
      <table class={styles.table}>
        <thead>
          <tr>
            <th scope="col">{text.direction}</th>
            {QUANTITIES.map(quantity => (
              <th key={quantity} scope="col">
                {text.quantities[quantity]} <span class={styles.unit}>{text.units[quantity]}</span>
              </th>
            ))}
            <th scope="col">{text.cut}</th>
            <th scope="col">{text.nextSegment}</th>
          </tr>
        </thead>
        <tbody>
          {directions.map(direction => (
            <Direction key={direction.id} session={session} direction={direction} />
          ))}
        </tbody>
      </table>
    </fieldset>
  );
}

interface DirectionProps extends ViewProps {
  readonly direction: LinkDirection;
}

function Direction({ session, direction }: DirectionProps) {
  const text = words.value;
  const { id, from, to, isCut } = direction;
  const way = text.way(from, to);
  return (
    <tr class={isCut ? styles.cut : undefined}>
      <th scope="row">{way}</th>
      {QUANTITIES.map(quantity => (
        <td key={quantity} data-name={`${text.quantities[quantity]} (${text.units[quantity]})`}>
          <Impairment session={session} direction={direction} quantity={quantity} way={way} />
        </td>
      ))}
      <td data-name={text.cut}>
        <input
          type="checkbox"
          aria-label={text.of(text.cut, way)}
          checked={isCut}
          onClick={event => {
            // It is checked when the wire is told to be cut.
            event.preventDefault();
            session.send({ type: "control", action: "impair", direction: id, isCut: !isCut });
          }}
        />
      </td>
      <td data-name={text.nextSegment}>
        {direction.hasGate === true && <NextSegment session={session} direction={direction} way={way} />}
      </td>
    </tr>
  );
}

interface ImpairmentProps extends DirectionProps {
  readonly quantity: Quantity;
  readonly way: string;
}

function Impairment({ session, direction, quantity, way }: ImpairmentProps) {
  const text = words.value;
  return (
    <Field
      label={text.of(`${text.quantities[quantity]} (${text.units[quantity]})`, way)}
      told={fieldText(quantity, direction[quantity])}
      written={entered => {
        const value = valueOfField(quantity, entered);
        return value === undefined ? undefined : fieldText(quantity, value);
      }}
      onEnter={entered =>
        session.send({
          type: "control",
          action: "impair",
          direction: direction.id,
          [quantity]: valueOfField(quantity, entered),
        })
      }
      title={quantity === "rateBytesPerSecond" ? text.unbounded : undefined}
      wrong={text.bad(text.quantities[quantity], `${MEASURES[quantity].most} ${text.units[quantity]}`)}
      waits={text.waits}
    />
  );
}

/** Milliseconds. */
const USUAL_DELAY = "100";

function NextSegment({ session, direction, way }: DirectionProps & { readonly way: string }) {
  const text = words.value;
  const [entered, setEntered] = useState(USUAL_DELAY);
  const delay = valueOfField("delay", entered);
  return (
    <span class={styles.pair}>
      <button
        type="button"
        aria-label={text.of(text.drop, way)}
        onClick={() => session.send({ type: "control", action: "drop-next", direction: direction.id })}
      >
        {text.drop}
      </button>
      <button
        type="button"
        aria-label={text.of(text.delayBy, way)}
        disabled={delay === undefined}
        onClick={() =>
          delay !== undefined &&
          session.send({ type: "control", action: "delay-next", direction: direction.id, delay })
        }
      >
        {text.delayBy}
      </button>
      <input
        class={styles.field}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        aria-label={text.of(`${text.delayBy} (${text.units.delay})`, way)}
        aria-invalid={delay === undefined}
        value={entered}
        onInput={event => setEntered(event.currentTarget.value)}
      />
      <span class={styles.unit}>{text.units.delay}</span>
    </span>
  );
}
