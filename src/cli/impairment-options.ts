/** The options that make a wire bad, after tc-netem's words. Both directions get the same. */
import { type Command, Option } from "commander";
import type { Scheduler } from "../base/event-queue.ts";
import { type Random, SeededRandom } from "../base/random.ts";
import type { Duration } from "../base/time.ts";
import { type ImpairedDevice, type Impairment, impair } from "../link/impair.ts";
import type { NetDevice } from "../link/net-device.ts";
import { CryptoRandom } from "../node/random.ts";
import { parseDuration, parsePercentage, parseRate, parseSeed } from "./quantities.ts";
import { durationText } from "./quantity-text.ts";

export interface ImpairmentOptions {
  readonly loss?: number;
  readonly delay?: Duration;
  readonly jitter?: Duration;
  readonly reorder?: number;
  readonly duplicate?: number;
  readonly corrupt?: number;
  /** In bytes a second. */
  readonly rate?: number;
  readonly seed?: number;
}

const HEADING = "A bad wire (both directions):";

export function addImpairmentOptions(command: Command): Command {
  command.optionsGroup(HEADING);
  const percentages = [
    ["--loss <percent>", "lose this share of the frames, such as 5%"],
    ["--duplicate <percent>", "deliver this share twice"],
    ["--reorder <percent>", "let this share overtake others"],
    ["--corrupt <percent>", "flip one bit in this share"],
  ] as const;
  for (const [flags, text] of percentages)
    command.addOption(new Option(flags, text).argParser(parsePercentage));
  return command
    .addOption(new Option("--delay <time>", "delay each frame, such as 20ms").argParser(parseDuration))
    .addOption(new Option("--jitter <time>", "vary the delay by so much either way").argParser(parseDuration))
    .addOption(new Option("--rate <rate>", "carry at most so much, such as 50mbit").argParser(parseRate))
    .addOption(
      new Option("--seed <number>", "draw the frames' fates from this seed; else from chance").argParser(
        parseSeed,
      ),
    )
    .optionsGroup("Options:");
}

/** Undefined when the wire is to be perfect. */
export function impairmentOf(options: ImpairmentOptions): Impairment | undefined {
  const { loss, duplicate, reorder, corrupt, delay, jitter, rate } = options;
  const impairment = { loss, duplicate, reorder, corrupt, delay, jitter, rateBytesPerSecond: rate };
  return Object.values(impairment).some(value => (value ?? 0) > 0) ? impairment : undefined;
}

/** The device with a bad wire, or as it is. */
export function impaired(device: NetDevice, options: ImpairmentOptions, scheduler: Scheduler): NetDevice {
  return impairmentOf(options) === undefined ? device : impairable(device, options, scheduler);
}

/** The device with a wire that is as bad as the options say, and may become worse or better. */
export function impairable(
  device: NetDevice,
  options: ImpairmentOptions,
  scheduler: Scheduler,
): ImpairedDevice {
  const impairment = impairmentOf(options) ?? {};
  const random: Random = options.seed === undefined ? new CryptoRandom() : new SeededRandom(options.seed);
  return impair(device, { scheduler, random, transmit: impairment, receive: impairment });
}

/** "5% loss, 20.0 ms delay"; undefined when the wire is perfect. */
export function impairmentText(options: ImpairmentOptions): string | undefined {
  if (impairmentOf(options) === undefined) return undefined;
  const percent = (share: number | undefined, what: string) =>
    share === undefined || share === 0 ? [] : [`${Number((share * 100).toPrecision(6))}% ${what}`];
  const time = (span: Duration | undefined, what: string) =>
    span === undefined || span === 0 ? [] : [`${durationText(span)} ${what}`];
  return [
    ...percent(options.loss, "loss"),
    ...percent(options.duplicate, "duplicated"),
    ...percent(options.reorder, "reordered"),
    ...percent(options.corrupt, "corrupted"),
    ...time(options.delay, "delay"),
    ...time(options.jitter, "jitter"),
    ...(options.rate === undefined ? [] : [`${Number(((options.rate * 8) / 1e6).toPrecision(6))} Mbit/s`]),
    ...(options.seed === undefined ? [] : [`seed ${options.seed}`]),
  ].join(", ");
}
