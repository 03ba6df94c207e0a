/**
 * What a program's network is to be: from a file (`POSTEL_CONFIG`), from variables, and from the options of
 * `postel run`, the later before the earlier. All three name the same options and are read alike.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { addCongestionOption } from "../congestion-option.ts";
import { Failure } from "../failure.ts";
import { addLinkOptions, type LinkOptions } from "../link-option.ts";
import { collecting, parseAddress } from "../quantities.ts";
import { type NameOptions, parseGivenName } from "./names.ts";
import { type Publications, parsePublication } from "./publications.ts";
import { type GivenRoute, parseRoute } from "./routes.ts";

export interface ProgramSettings extends LinkOptions, NameOptions {
  readonly publish?: Publications;
  readonly route?: readonly GivenRoute[];
}

/** Where `postel run` leaves its options for the program: a list in JSON. */
export const OPTIONS_VARIABLE = "POSTEL_OPTIONS";
const FILE_VARIABLE = "POSTEL_CONFIG";

export function addProgramOptions(command: Command, usual: "user" | "loopback"): Command {
  addLinkOptions(command, usual);
  addCongestionOption(command);
  command.optionsGroup("The program (each may be given several times):");
  return command
    .addOption(
      new Option(
        "--publish <port>",
        "make a port of the program's reachable on this machine: [ADDRESS:][PORT:]PORT[/udp], this " +
          "machine's before the program's; all (the default of the user link, at 127.0.0.1) or none",
      ).argParser(parsePublication),
    )
    .addOption(
      new Option("--name <name=address>", "what a name means, before anybody is asked").argParser(
        parseGivenName,
      ),
    )
    .addOption(
      new Option(
        "--dns <address>",
        "a name server, asked over the link; without one names are the operating system's",
      ).argParser(collecting(parseAddress)),
    )
    .addOption(new Option("--route <subnet=gateway>", "another way than the gateway's").argParser(parseRoute))
    .optionsGroup("Options:");
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Failure */
export function readSettings(environment: Environment): ProgramSettings {
  const command = addProgramOptions(new Command("program"), "loopback")
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  const given = [
    ...fromFile(environment[FILE_VARIABLE], command),
    ...fromVariables(environment, command),
    ...fromRun(environment[OPTIONS_VARIABLE]),
  ];
  try {
    return command.parse(given, { from: "user" }).opts<ProgramSettings>();
  } catch (error) {
    throw error instanceof CommanderError ? new Failure(sentenceOf(error)) : error;
  }
}

function fromVariables(environment: Environment, command: Command): string[] {
  return command.options.flatMap(option => {
    const text = environment[`POSTEL_${wordOf(option).toUpperCase().replaceAll("-", "_")}`];
    return text === undefined || text === "" ? [] : argumentsOf(option, text.split(","));
  });
}

function fromFile(path: string | undefined, command: Command): string[] {
  if (path === undefined || path === "") return [];
  const content = parseObject(readFileSync(path, "utf8"), path);
  return Object.entries(content).flatMap(([key, value]) => {
    const option = command.options.find(each => wordOf(each) === key);
    if (option === undefined)
      throw new Failure(`The file ${path} has a setting "${key}", which there is not.`);
    return argumentsOf(option, [value].flat().map(String));
  });
}

function parseObject(text: string, path: string): object {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  } catch {
    // Told below.
  }
  throw new Failure(`The file ${path} is not a JSON object, such as { "link": "user", "loss": "2%" }.`);
}

function fromRun(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  try {
    const values: unknown = JSON.parse(text);
    if (Array.isArray(values) && values.every(value => typeof value === "string")) return values;
  } catch {
    // Told below.
  }
  throw new Failure(`${OPTIONS_VARIABLE} is not a list in JSON, such as ["--loss", "2%"].`);
}

const OFF: readonly string[] = ["off", "false", "0", "no"];

/** "--no-offload" is the setting "offload". */
function wordOf({ long, negate }: Option): string {
  return (long ?? "").slice(negate ? "--no-".length : "--".length);
}

function argumentsOf(option: Option, values: readonly string[]): string[] {
  const { long } = option;
  if (long === undefined || long === null) return [];
  const isOff = OFF.includes(values[0] ?? "");
  if (option.negate) return isOff ? [long] : [];
  if (option.isBoolean()) return isOff ? [] : [long];
  return values.map(value => `${long}=${value}`);
}

/** Commander's, without its form. */
function sentenceOf({ message }: CommanderError): string {
  const sentence = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return `The program's network cannot be opened: ${sentence}`;
}
