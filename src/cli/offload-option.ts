/** `--no-offload`: to see what super-segments and checksums left to the kernel are worth. */
import type { Command } from "commander";

export interface OffloadOption {
  /** False: single frames, each with its checksum. */
  readonly offload?: boolean;
}

export function addOffloadOption(command: Command): Command {
  return command.option(
    "--no-offload",
    "exchange single frames, each with its checksum, with the kernel; else it cuts and joins them for us " +
      "where it can",
  );
}
