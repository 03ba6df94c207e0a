/** The queues of listeners filling, cookies, and what hosts have dropped and why. */
import type { ListenerState, Queues as QueuesMessage } from "../../../../src/inspect/protocol.ts";
import type { ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText, endText } from "../../text/quantities.ts";
import { dropText } from "./drop-words.ts";
import { fullestFirst, roomOf, shareFilled } from "./fullness.ts";
import styles from "./queues.module.css";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

const MOST_LISTENERS = 50;

export function Queues({ session }: ViewProps) {
  const queues = session.queues.value;
  if (queues === undefined) return null;
  return (
    <>
      <Listeners listeners={queues.listeners} />
      <Drops drops={queues.drops} />
    </>
  );
}

function Listeners({ listeners }: { readonly listeners: readonly ListenerState[] }) {
  const text = words.value;
  const shown = fullestFirst(listeners).slice(0, MOST_LISTENERS);
  return (
    <section class={styles.part}>
      <h3>{text.listeners}</h3>
      {listeners.length === 0 && <p class={styles.quiet}>{text.noListeners}</p>}
      <ul class={styles.listeners}>
        {shown.map(listener => (
          <Listener key={`${listener.host} ${listener.local} ${listener.localPort}`} listener={listener} />
        ))}
      </ul>
      {listeners.length > shown.length && (
        <p class={styles.quiet}>{text.more(listeners.length - shown.length)}</p>
      )}
    </section>
  );
}

function Listener({ listener }: { readonly listener: ListenerState }) {
  const text = words.value;
  const spoken = language.value;
  const { host, local, localPort, halfOpen, waiting, backlog } = listener;
  const numbers: ReadonlyArray<readonly [string, number]> = [
    [text.overflows, listener.overflows],
    [text.drops, listener.drops],
    [text.cookiesSent, listener.cookiesSent],
    [text.cookiesAccepted, listener.cookiesAccepted],
    [text.cookiesRefused, listener.cookiesRefused],
  ];
  return (
    <li class={styles.listener}>
      <h4>
        {host} {endText(local, localPort)}
      </h4>
      <Level name={text.synQueue} filled={halfOpen} backlog={backlog} />
      <Level name={text.acceptQueue} filled={waiting} backlog={backlog} />
      <dl class={styles.numbers}>
        {numbers.map(([name, count]) => (
          <div key={name} class={count === 0 ? styles.quiet : undefined}>
            <dt>{name}</dt>
            <dd>{countText(count, spoken)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

interface LevelProps {
  readonly name: string;
  readonly filled: number;
  readonly backlog: number;
}

function Level({ name, filled, backlog }: LevelProps) {
  const spoken = language.value;
  const share = shareFilled(filled, backlog);
  const level = words.value.level(countText(filled, spoken), countText(roomOf(backlog), spoken));
  return (
    <div class={styles.level}>
      <span>{name}</span>
      <span class={styles.track} aria-hidden="true">
        <span
          class={share >= 1 ? styles.full : share > 0.75 ? styles.nearlyFull : styles.filled}
          style={{ transform: `scaleX(${share})` }}
        />
      </span>
      <span class={styles.count}>{level}</span>
    </div>
  );
}

function Drops({ drops }: { readonly drops: QueuesMessage["drops"] }) {
  const text = words.value;
  const spoken = language.value;
  return (
    <section class={styles.part}>
      <h3>{text.dropped}</h3>
      {drops.length === 0 ? (
        <p class={styles.quiet}>{text.nothingDropped}</p>
      ) : (
        <table class={styles.table}>
          <thead>
            <tr>
              <th scope="col">{text.host}</th>
              <th scope="col">{text.reason}</th>
              <th scope="col">{text.count}</th>
            </tr>
          </thead>
          <tbody>
            {drops.map(({ host, reason, count }) => (
              <tr key={`${host} ${reason}`}>
                <td>{host}</td>
                <td title={reason}>{dropText(reason, spoken)}</td>
                <td class={styles.count}>{countText(count, spoken)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
