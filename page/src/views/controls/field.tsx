/**
 * A field for a number that somebody else keeps: it shows what was told last. What the user enters is sent on
 * Enter, or when the field is left, and stays marked until it is told back; Escape takes it back.
 */
import { useEffect, useState } from "preact/hooks";
import styles from "./controls.module.css";

interface FieldProps {
  readonly label: string;
  /** What was told, as it is written. */
  readonly told: string;
  /** What is entered, written in the same way; undefined: nothing that can be sent. */
  readonly written: (entered: string) => string | undefined;
  readonly onEnter: (entered: string) => void;
  readonly title?: string | undefined;
  readonly wrong: string;
  readonly waits: string;
}

export function Field({ label, told, written, onEnter, title, wrong, waits }: FieldProps) {
  const [entered, setEntered] = useState<string | undefined>(undefined);
  const [isSent, setSent] = useState(false);
  const isWrong = entered !== undefined && written(entered) === undefined;

  function forget(): void {
    setSent(false);
    setEntered(undefined);
  }

  useEffect(() => {
    if (isSent) forget();
  }, [told]);

  function enter(): void {
    if (entered === undefined || isSent || isWrong) return;
    if (written(entered) === told) {
      forget();
      return;
    }
    setSent(true);
    onEnter(entered);
  }

  return (
    <input
      class={isSent ? styles.waitingField : styles.field}
      type="text"
      inputMode="decimal"
      autocomplete="off"
      aria-label={label}
      aria-invalid={isWrong}
      aria-busy={isSent}
      title={isWrong ? wrong : isSent ? waits : title}
      value={entered ?? told}
      onInput={event => {
        setSent(false);
        setEntered(event.currentTarget.value);
      }}
      onBlur={enter}
      onKeyDown={event => {
        if (event.key === "Enter") enter();
        else if (event.key === "Escape") forget();
      }}
    />
  );
}
