/** `-4` and `-6`: which family a name is looked up in. */
import { type Command, Option } from "commander";
import type { IpFamily } from "../wire/address.ts";

export interface FamilyOptions {
  readonly ipv4?: true;
  readonly ipv6?: true;
}

export function addFamilyOptions(command: Command): Command {
  return command
    .addOption(new Option("-4, --ipv4", "use IPv4 only"))
    .addOption(new Option("-6, --ipv6", "use IPv6 only").conflicts("ipv4"));
}

export function familyOf({ ipv4, ipv6 }: FamilyOptions): IpFamily | undefined {
  if (ipv6 === true) return 6;
  return ipv4 === true ? 4 : undefined;
}
