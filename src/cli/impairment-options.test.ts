import { Command } from "commander";
import { expect, test } from "vitest";
import { ImpairedDevice } from "../link/impair.ts";
import { createPair } from "../link/pair.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import {
  addImpairmentOptions,
  type ImpairmentOptions,
  impaired,
  impairmentOf,
  impairmentText,
} from "./impairment-options.ts";

function parse(...args: string[]): ImpairmentOptions {
  const command = addImpairmentOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts();
}

test("the options of the README become one impairment", () => {
  const words =
    "--loss 5% --delay 20ms --jitter 1ms --reorder 1% --duplicate 1% --corrupt 0.1% --rate 50mbit --seed 7";
  const options = parse(...words.split(" "));
  expect(impairmentOf(options)).toEqual({
    loss: 0.05,
    delay: 20_000,
    jitter: 1_000,
    reorder: 0.01,
    duplicate: 0.01,
    corrupt: 0.001,
    rateBytesPerSecond: 6_250_000,
  });
  expect(options.seed).toBe(7);
  expect(impairmentText(options)).toBe(
    "5% loss, 1% duplicated, 1% reordered, 0.1% corrupted, 20.0 ms delay, 1.00 ms jitter, 50 Mbit/s, seed 7",
  );
});

test("without one of them, or with zeros, the wire is as it is", () => {
  for (const options of [parse(), parse("--loss", "0%", "--delay", "0ms"), parse("--seed", "7")]) {
    expect(impairmentOf(options)).toBeUndefined();
    expect(impairmentText(options)).toBeUndefined();
    const [device] = createPair(new VirtualTime());
    expect(impaired(device, options, new VirtualTime())).toBe(device);
  }
});

test("both directions are bad", () => {
  const [device] = createPair(new VirtualTime());
  const wire = impaired(device, parse("--loss", "5%"), new VirtualTime()) as ImpairedDevice;
  expect(wire).toBeInstanceOf(ImpairedDevice);
  expect([wire.transmitImpairment.loss, wire.receiveImpairment.loss]).toEqual([0.05, 0.05]);
});

test("a bad value names its option and shows a good one", () => {
  expect(() => parse("--loss", "5")).toThrow(/--loss <percent>.*such as 5%/);
  expect(() => parse("--rate", "50")).toThrow(/--rate <rate>.*such as 50mbit/);
  expect(() => parse("--seed", "-1")).toThrow(/--seed <number>.*from 0 to 4294967295/);
});
