/** The box in which rows of a table are asked for, and beside it what is wrong with what stands there. */
import styles from "./filter-box.module.css";

interface FilterBoxProps {
  readonly label: string;
  readonly hint: string;
  readonly help?: string | undefined;
  readonly text: string;
  readonly problem: string | undefined;
  readonly onText: (text: string) => void;
  /** Enter was pressed, or the box was left. */
  readonly onDone?: () => void;
}

export function FilterBox({ label, hint, help, text, problem, onText, onDone }: FilterBoxProps) {
  return (
    <form
      class={styles.box}
      onSubmit={event => {
        event.preventDefault();
        onDone?.();
      }}
    >
      <input
        type="search"
        data-filter
        spellcheck={false}
        autocomplete="off"
        aria-label={label}
        placeholder={hint}
        title={help}
        aria-invalid={problem !== undefined}
        value={text}
        onInput={event => onText(event.currentTarget.value)}
        onBlur={onDone}
      />
      <span class={styles.problem} role="status">
        {problem}
      </span>
    </form>
  );
}
