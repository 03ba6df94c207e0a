/** `--congestion`: by which rules TCP sends. */
import { type Command, Option } from "commander";
import { congestionControlNames } from "../tcp/congestion/congestion-controls.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";

export interface CongestionOptions {
  readonly congestion?: string;
}

export function addCongestionOption(command: Command): Command {
  return command.addOption(
    new Option("--congestion <name>", "the congestion control of TCP (default: cubic, as on Linux)").choices(
      congestionControlNames(),
    ),
  );
}

export function tcpOf({ congestion }: CongestionOptions): Partial<TcpConfig> {
  return congestion === undefined ? {} : { congestionControl: congestion };
}
