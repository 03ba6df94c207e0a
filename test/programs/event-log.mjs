/**
 * What a program saw, actor by actor: what two ends of a connection see is ordered for each of them, and not
 * between them.
 */
const logs = new Map();

/** A log of this actor's: it takes words. */
export function actor(name) {
  const lines = [];
  logs.set(name, lines);
  return (...words) => lines.push(words.join(" "));
}

/** An error as Node's users see it; ports are drawn, and not to be compared. */
export function describe(error) {
  const { code, syscall, address } = error;
  return [error.message.replaceAll(/:\d+\b/g, ":PORT"), code, syscall, address].join(" | ");
}

process.on("exit", () => {
  for (const [name, lines] of logs) for (const line of lines) process.stdout.write(`${name}: ${line}\n`);
});
