/**
 * Standard output and standard error as commands use them, and whether they may be coloured:
 * https://no-color.org
 */
import { isatty } from "node:tty";
import picocolors from "picocolors";
import { DescriptorWriter } from "./descriptor-writer.ts";

export type Colours = ReturnType<typeof picocolors.createColors>;

export const STANDARD_OUTPUT = 1;
export const STANDARD_ERROR = 2;

export function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  if ((environment["FORCE_COLOR"] ?? "0") !== "0") return true;
  return isTerminal && environment["TERM"] !== "dumb";
}

export class Terminal {
  readonly out = new DescriptorWriter(STANDARD_OUTPUT);
  readonly err = new DescriptorWriter(STANDARD_ERROR);
  readonly colours: Colours = coloursOf(STANDARD_OUTPUT);
  readonly errColours: Colours = coloursOf(STANDARD_ERROR);

  /** A line on standard output. */
  print(line: string): void {
    this.out.write(`${line}\n`);
  }

  /** A line on standard error: what is told beside the result. */
  tell(line: string): void {
    this.err.write(`${line}\n`);
  }

  /** Resolves when all was written. */
  async flushed(): Promise<void> {
    await Promise.all([this.out.idle(), this.err.idle()]);
  }
}

function coloursOf(descriptor: number): Colours {
  return picocolors.createColors(wantsColour(isatty(descriptor), process.env));
}
