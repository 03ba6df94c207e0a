/** A bar on a terminal, as long as scripts are played; elsewhere nothing. */
import { isatty } from "node:tty";
import type { Outcome } from "../packetdrill/outcome.ts";
import { STANDARD_ERROR, type Terminal } from "./terminal.ts";

const WIDTH = 30;
const REDRAW_MS = 60;
const CLEAR_LINE = "\r\x1b[K";

export class DrillProgress {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #isShown = isatty(STANDARD_ERROR);
  #played = 0;
  #failed = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  played({ status }: Outcome): void {
    this.#played++;
    if (status === "failed") this.#failed++;
    const now = performance.now();
    if (!this.#isShown || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#terminal.err.write(`${CLEAR_LINE}${this.#bar()}`);
  }

  end(): void {
    if (this.#isShown) this.#terminal.err.write(CLEAR_LINE);
  }

  #bar(): string {
    const filled = Math.round((WIDTH * this.#played) / this.#total);
    const bar = "█".repeat(filled).padEnd(WIDTH, "░");
    const failed = this.#failed === 0 ? "" : `  ${this.#terminal.errColours.red(`${this.#failed} failed`)}`;
    return `${bar} ${this.#played}/${this.#total}${failed}`;
  }
}
