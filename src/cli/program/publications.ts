/** `--publish`: which ports of a program are to be reached at this machine, and at which of its own. */
import { InvalidArgumentError } from "commander";
import { parseIpAddress } from "../../wire/address.ts";
import type { ListenAddress } from "../quantities.ts";

export interface Publication {
  readonly protocol: "tcp" | "udp";
  /** The program's. */
  readonly port: number;
  /** This machine's. */
  readonly at: ListenAddress;
}

/** Those in the list; or each port that the program opens, at 127.0.0.1 and the same number. */
export type Publications = readonly Publication[] | "all";

const FORM = /^(?:(?:\[([0-9a-fA-F:.]+)\]|(\d+\.[\d.]+)):)?(?:(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/;

/** For an option that may be given several times: "all", "none", or "[HOST:][PORT:]PORT[/udp]". */
export function parsePublication(text: string, before: Publications | undefined): Publications {
  if (text === "all") return "all";
  const list = before === undefined || before === "all" ? [] : before;
  if (text === "none") return [];
  const [, v6, v4, outer, inner, protocol = "tcp"] = FORM.exec(text) ?? [];
  const port = Number(inner);
  const outerPort = Number(outer ?? inner);
  const host = v6 ?? v4 ?? "127.0.0.1";
  const isAddress = parseIpAddress(host)?.family === (v6 === undefined ? 4 : 6);
  if (inner === undefined || !isAddress || port < 1 || port > 65_535 || outerPort > 65_535) {
    throw new InvalidArgumentError(
      "Give all, none or [ADDRESS:][PORT:]PORT[/udp], such as 3000, 8080:3000, 0.0.0.0:8080:3000 or " +
        "[::1]:8080:3000.",
    );
  }
  const at = { host, port: outerPort };
  return [...list, { protocol: protocol as "tcp" | "udp", port, at }];
}

/** Where a port that the program has opened is to be published; undefined: nowhere. */
export function publicationOf(
  publications: Publications,
  protocol: "tcp" | "udp",
  port: number,
): Publication | undefined {
  if (publications === "all") return { protocol, port, at: { host: "127.0.0.1", port } };
  return publications.find(each => each.port === port && each.protocol === protocol);
}
