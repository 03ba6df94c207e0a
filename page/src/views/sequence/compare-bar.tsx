/** Which connections are laid one over the other. */
import type { Signal } from "@preact/signals";
import type { Story } from "../../../../src/inspect/story.ts";
import type { Session } from "../../state/session.ts";
import { wordsOf } from "../../text/language.ts";
import { endText } from "../../text/quantities.ts";
import { besideSelected } from "./scene-comparison.ts";
import styles from "./sequence.module.css";
import { SEQUENCE_WORDS } from "./words.ts";

const words = wordsOf(SEQUENCE_WORDS);

/** Beside the selected one. */
const MOST = 3;
/** As many can be chosen from. */
const MOST_CHOICES = 60;

interface CompareBarProps {
  readonly session: Session;
  readonly near: Story;
  readonly isFromOpening: Signal<boolean>;
}

export function CompareBar({ session, near, isFromOpening }: CompareBarProps) {
  const compared = besideSelected(session);
  const choices = choicesOf(session, near, compared);
  const set = (connections: readonly number[]): void => {
    session.compared.value = connections;
  };
  if (choices.length === 0 && compared.length === 0) return null;
  return (
    <span class={styles.group}>
      {compared.map(connection => (
        <button
          key={connection}
          type="button"
          aria-label={words.value.remove(comparedName(session, connection))}
          onClick={() => set(compared.filter(other => other !== connection))}
        >
          {connection} ×
        </button>
      ))}
      {compared.length < MOST && (
        <select
          aria-label={words.value.compareAdd}
          value=""
          onChange={event => set([...compared, Number(event.currentTarget.value)])}
        >
          <option value="">{words.value.compareAdd}</option>
          {choices.map(connection => (
            <option key={connection} value={connection}>
              {`${connection} · ${comparedName(session, connection)}`}
            </option>
          ))}
        </select>
      )}
      {compared.length > 0 && (
        <>
          <label>
            <input
              type="checkbox"
              checked={isFromOpening.value}
              onChange={event => {
                isFromOpening.value = event.currentTarget.checked;
              }}
            />
            {words.value.fromOpening}
          </label>
          <button type="button" onClick={() => set([])}>
            {words.value.compareEnd}
          </button>
        </>
      )}
    </span>
  );
}

/** Those that send, and are not shown yet; the other end of the selected one is no other connection. */
function choicesOf(session: Session, near: Story, compared: readonly number[]): readonly number[] {
  const shown = [near.connection, session.otherEnd.value, ...compared];
  const choices: number[] = [];
  for (const { connection, bytesSent } of session.rows.value.values()) {
    if (bytesSent > 0 && !shown.includes(connection)) choices.push(connection);
    if (choices.length >= MOST_CHOICES) break;
  }
  return choices;
}

/** Its host or its address, and what steers it. */
export function comparedName(session: Session, connection: number | undefined): string {
  const row = session.rows.value.get(connection ?? -1);
  if (row === undefined) {
    const peer = session.rows.value.get(session.selected.value ?? -1);
    return peer === undefined ? "?" : endText(peer.remote, peer.remotePort);
  }
  const { host, local, localPort } = row;
  return host === "" ? endText(local, localPort) : `${host} :${localPort}`;
}
