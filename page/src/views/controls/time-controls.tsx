/** The simulated clock: pause, go on, step, how fast; what comes next; replay with a seed. */
import { useEffect, useId, useState } from "preact/hooks";
import type { Clock } from "../../../../src/inspect/protocol.ts";
import type { ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText, durationText, instantText, numberText } from "../../text/quantities.ts";
import { useSessionTime } from "../session-time.ts";
import styles from "./controls.module.css";
import { nextSeed, seedOfField } from "./quantities.ts";
import { placeOfSpeed, SPEED_STEPS, speedAt } from "./speed.ts";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

export function TimeControls({ session }: ViewProps) {
  const text = words.value;
  const clock = session.clock.value;
  const isClosed = session.isClosed.value;
  const isPaused = clock?.state !== "running";
  return (
    <fieldset class={styles.group} disabled={isClosed || clock === undefined}>
      <legend class="unseen">{text.time}</legend>
      <button
        type="button"
        class={styles.main}
        onClick={() => session.send({ type: "control", action: isPaused ? "resume" : "pause" })}
      >
        {isPaused ? `▶ ${text.resume}` : `❚❚ ${text.pause}`}
      </button>
      <button
        type="button"
        title={text.stepTitle}
        onClick={() => session.send({ type: "control", action: "step" })}
      >
        {text.step}
      </button>
      {clock !== undefined && <Speed session={session} clock={clock} />}
      {clock !== undefined && <Now session={session} clock={clock} />}
      <Replay session={session} />
    </fieldset>
  );
}

interface ClockProps extends ViewProps {
  readonly clock: Clock;
}

function Speed({ session, clock }: ClockProps) {
  const id = useId();
  const text = words.value;
  const told = text.times(numberText(clock.speed, language.value));
  return (
    <span class={styles.pair}>
      <label for={id}>{text.speed}</label>
      <input
        id={id}
        class={styles.slider}
        type="range"
        min={0}
        max={SPEED_STEPS}
        step={1}
        value={placeOfSpeed(clock.speed)}
        aria-valuetext={told}
        onInput={event =>
          session.send({
            type: "control",
            action: "speed",
            speed: speedAt(event.currentTarget.valueAsNumber),
          })
        }
      />
      <output for={id} class={styles.told}>
        {told}
      </output>
    </span>
  );
}

function Now({ session, clock }: ClockProps) {
  const text = words.value;
  const spoken = language.value;
  const now = useSessionTime(session).value;
  const left = clock.next === undefined ? undefined : Math.max(0, clock.next - now);
  return (
    <span class={styles.clock}>
      <strong>{text.states[clock.state]}</strong>{" "}
      <span class={styles.instant}>
        <span class="unseen">{text.clock} </span>
        {instantText(now)} s
      </span>{" "}
      <span class={styles.quiet}>
        {left === undefined ? text.nothingNext : text.next(durationText(left, spoken))}
        {" · "}
        {text.events(countText(clock.events, spoken))}
      </span>
    </span>
  );
}

function Replay({ session }: ViewProps) {
  const id = useId();
  const text = words.value;
  const told = session.hello.value?.seed;
  const [entered, setEntered] = useState<string | undefined>(undefined);
  // A new run tells its seed: what was entered for it has been used.
  useEffect(() => setEntered(undefined), [session.hello.value]);
  const seed = entered === undefined ? told : seedOfField(entered);

  function replay(chosen: number | undefined): void {
    if (chosen !== undefined) session.send({ type: "control", action: "replay", seed: chosen });
  }

  return (
    <span class={styles.pair}>
      <label for={id}>{text.seed}</label>
      <input
        id={id}
        class={styles.seed}
        type="text"
        inputMode="numeric"
        autocomplete="off"
        value={entered ?? told ?? ""}
        aria-invalid={entered !== undefined && seed === undefined}
        title={text.badSeed}
        onInput={event => setEntered(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === "Enter") replay(seed);
          else if (event.key === "Escape") setEntered(undefined);
        }}
      />
      <button
        type="button"
        title={text.replayTitle}
        disabled={seed === undefined}
        onClick={() => replay(seed)}
      >
        {text.replay}
      </button>
      <button
        type="button"
        disabled={told === undefined}
        onClick={() => replay(told === undefined ? undefined : nextSeed(told))}
      >
        {text.nextSeed}
      </button>
    </span>
  );
}
