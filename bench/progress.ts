/** How far the bench is: a bar on a terminal, a line for each turn elsewhere. Both on stderr. */
import { SingleBar } from "cli-progress";

export interface Progress {
  /** A turn begins. */
  step(what: string): void;
  /** So many turns are behind us, also those that were skipped. */
  reach(turns: number): void;
  close(): void;
}

export function openProgress(turns: number): Progress {
  return process.stderr.isTTY ? openBar(turns) : openLines(turns);
}

function openBar(turns: number): Progress {
  const format = "{bar} {value}/{total} · {duration_formatted} · {what}";
  const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, stream: process.stderr });
  bar.start(turns, 0, { what: "" });
  let begun = 0;
  return {
    step: what => bar.update(begun++, { what }),
    reach(done) {
      begun = done;
      bar.update(done);
    },
    close: () => bar.stop(),
  };
}

function openLines(turns: number): Progress {
  let begun = 0;
  return {
    step: what => process.stderr.write(`${++begun}/${turns} ${what}\n`),
    reach(done) {
      begun = done;
    },
    close() {},
  };
}
