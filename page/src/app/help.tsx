/** The keys, in a dialog. */
import { useEffect, useRef } from "preact/hooks";
import { wordsOf } from "../text/language.ts";
import styles from "./help.module.css";
import { areShortcutsOn, isHelpOpen, SHORTCUT_KEYS, turnShortcuts } from "./shortcuts.ts";
import { FRAME_WORDS, type ShortcutName } from "./words.ts";

const words = wordsOf(FRAME_WORDS);
const NAMES = Object.keys(SHORTCUT_KEYS) as ShortcutName[];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const close = (): void => {
    isHelpOpen.value = false;
  };
  return (
    <dialog ref={dialog} class={styles.help} aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">{words.value.helpTitle}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.value.key}</th>
            <th scope="col">{words.value.what}</th>
          </tr>
        </thead>
        <tbody>
          {NAMES.map(name => (
            <tr key={name}>
              <td>
                {shortened(SHORTCUT_KEYS[name]).map(key => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </td>
              <td>{words.value.shortcuts[name]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{words.value.helpText}</p>
      <label>
        <input
          type="checkbox"
          checked={areShortcutsOn.value}
          onChange={event => turnShortcuts(event.currentTarget.checked)}
        />{" "}
        {words.value.shortcutsOn}
      </label>
      <button type="button" onClick={close}>
        {words.value.close}
      </button>
    </dialog>
  );
}

/** `1` … `9`. */
function shortened(keys: readonly string[]): readonly string[] {
  return keys.length <= 3 ? keys : [keys[0] ?? "", "…", keys.at(-1) ?? ""];
}
