/** What is open, and what is true of the whole page: language, colours, files, help. */
import { CATALOG } from "../../../src/scenes/catalog.ts";
import { arriveAt } from "../state/arrival.ts";
import { isLiveAtHand, opened, openLive, session } from "../state/opened.ts";
import { chooseTheme, THEMES, theme } from "../state/theme.ts";
import { chooseLanguage, LANGUAGES, language, wordsOf } from "../text/language.ts";
import { shareText } from "../text/quantities.ts";
import styles from "./header.module.css";
import { isHelpOpen } from "./shortcuts.ts";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

export function Header() {
  return (
    <header class={styles.header}>
      <h1>
        <span class={styles.brand}>Postel</span> <Source />
      </h1>
      <div class={styles.choices}>
        {isLiveAtHand.value && opened.value.kind !== "live" && (
          <button type="button" onClick={() => openLive()}>
            {words.value.goLive}
          </button>
        )}
        <FileChoice />
        <ThemeChoice />
        <LanguageChoice />
        <button
          type="button"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          {words.value.help}
        </button>
      </div>
    </header>
  );
}

/** What is open, in a word and by its title. */
function Source() {
  const what = opened.value;
  const { kind } = what;
  const hello = session.value.hello.value;
  const w = words.value;
  if (kind === "nothing") return <span class={styles.title}>{w.nothing}</span>;
  const progress = session.value.progress.value;
  const waiting =
    progress === undefined
      ? w.connecting
      : w.reading(shareText(progress.done / progress.all, language.value));
  const badge = kind === "live" ? w.live : kind === "scene" ? w.simulation : w.file;
  return (
    <span class={styles.source}>
      <span class={styles.badge} data-kind={session.value.isClosed.value ? "closed" : kind}>
        {badge}
      </span>
      <span class={styles.title}>
        {sceneTitle(hello?.scene) ??
          hello?.title ??
          (what.kind === "file" ? `${what.name} · ${waiting}` : waiting)}
      </span>
    </span>
  );
}

/** Scenes have theirs in both languages. */
function sceneTitle(scene: string | undefined): string | undefined {
  return CATALOG.find(({ id }) => id === scene)?.title[language.value];
}

/** The input is there for the dialog only: the button is what one sees and reaches. */
function FileChoice() {
  const choose = (input: HTMLInputElement): void => {
    const file = input.files?.[0];
    if (file !== undefined) arriveAt(file);
    // The same file may be chosen again.
    input.value = "";
  };
  return (
    <>
      <button type="button" data-open-file onClick={event => next(event.currentTarget)?.click()}>
        {words.value.openFile}
      </button>
      <input
        type="file"
        hidden
        accept=".pcap,.pcapng,.cap,.jsonl"
        aria-label={words.value.openFile}
        onChange={event => choose(event.currentTarget)}
      />
    </>
  );
}

function next(button: HTMLElement): HTMLElement | undefined {
  const sibling = button.nextElementSibling;
  return sibling instanceof HTMLElement ? sibling : undefined;
}

function ThemeChoice() {
  return (
    <select
      aria-label={words.value.theme}
      title={words.value.theme}
      value={theme.value}
      onChange={event => chooseTheme(THEMES.find(name => name === event.currentTarget.value) ?? "system")}
    >
      {THEMES.map(name => (
        <option key={name} value={name}>
          {words.value.themes[name]}
        </option>
      ))}
    </select>
  );
}

function LanguageChoice() {
  return (
    <select
      aria-label={words.value.language}
      title={words.value.language}
      value={language.value}
      onChange={event => chooseLanguage(event.currentTarget.value === "zh-CN" ? "zh-CN" : "en")}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
