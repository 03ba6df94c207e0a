/**
 * Makes a failing run smaller: a run is a list of choices (numbers), and what fails with many may fail with
 * few. Delta debugging (Zeller and Hildebrandt, 2002: ddmin) over the list, then each number towards 0.
 */

/** Tries: each is a whole run. */
const DEFAULT_BUDGET = 5_000;

/** A list that still fails and from which nothing can be taken; the given one if that does not fail. */
export function shrink(
  choices: readonly number[],
  fails: (choices: readonly number[]) => boolean,
  budget = DEFAULT_BUDGET,
): number[] {
  const search = shrinking(choices);
  let step = search.next();
  for (let tries = 0; step.done !== true && tries < budget; tries++)
    step = search.next(fails(step.value.candidate));
  return step.done === true ? step.value : step.value.best;
}

/** As `shrink`, for runs that wait for promises. */
export async function shrinkAsync(
  choices: readonly number[],
  fails: (choices: readonly number[]) => Promise<boolean>,
  budget = DEFAULT_BUDGET,
): Promise<number[]> {
  const search = shrinking(choices);
  let step = search.next();
  for (let tries = 0; step.done !== true && tries < budget; tries++) {
    step = search.next(await fails(step.value.candidate));
  }
  return step.done === true ? step.value : step.value.best;
}

interface Try {
  readonly candidate: readonly number[];
  /** The smallest list so far that fails. */
  readonly best: number[];
}

type Search = Generator<Try, number[], boolean>;

/** Asks of one candidate after another whether it fails. */
function* shrinking(choices: readonly number[]): Search {
  let best = [...choices];
  if (!(yield { candidate: best, best })) return best;
  for (;;) {
    const before = best;
    best = yield* withoutChunks(best);
    best = yield* towardsZero(best);
    if (best.length === before.length && best.every((choice, i) => choice === before[i])) return best;
  }
}

/** Leaves out chunks: halves first, single choices in the end. */
function* withoutChunks(list: number[]): Search {
  let best = list;
  for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
    let at = 0;
    while (at < best.length) {
      const candidate = [...best.slice(0, at), ...best.slice(at + size)];
      if (yield { candidate, best }) best = candidate;
      else at += size;
    }
  }
  return best;
}

/** Each number in turn: 0 if that will do, else by halving the way from what does not fail to what does. */
function* towardsZero(list: number[]): Search {
  let best = list;
  for (let i = 0; i < best.length; i++) {
    const value = best[i] as number;
    if (value === 0) continue;
    const replaced = (by: number): number[] => best.with(i, by);
    if (yield { candidate: replaced(0), best }) {
      best = replaced(0);
      continue;
    }
    let passing = 0;
    let failing = value;
    while (Math.abs(failing - passing) > 1) {
      const middle = passing + Math.trunc((failing - passing) / 2);
      if (yield { candidate: replaced(middle), best }) {
        failing = middle;
        best = replaced(middle);
      } else {
        passing = middle;
      }
    }
  }
  return best;
}
