/** `--busy-poll`: a processor's time for lower latency. docs/decisions/busy-polling.md */
import { type Command, Option } from "commander";
import { type Duration, microseconds } from "../base/time.ts";
import { wholeNumber } from "./quantities.ts";

export interface BusyPollOption {
  readonly busyPoll?: Duration;
}

const parse = wholeNumber(0, 1_000_000);

export function addBusyPollOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--busy-poll <us>",
      "after each frame read on for so many microseconds before sleeping: answers come sooner, for all of " +
        "a processor's time (default: 0)",
    ).argParser(text => microseconds(parse(text))),
  );
}
