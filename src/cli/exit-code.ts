/** What commands exit with. */

/** What a shell answers for a command that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/** Commander has no use for what an action answers; here it is the exit code. */
export function exitingWith<Arguments extends unknown[]>(
  run: (...values: Arguments) => number | Promise<number>,
): (...values: Arguments) => Promise<void> {
  return async (...values) => {
    process.exitCode = await run(...values);
  };
}
