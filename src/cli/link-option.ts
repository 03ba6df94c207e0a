/** `--link` and what belongs to it: where a command's host is attached. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { NetDevice } from "../link/net-device.ts";
import type { Driver } from "../node/driver.ts";
import type { IpAddress } from "../wire/address.ts";
import { CaptureRecorder } from "./capture-recorder.ts";
import { type CongestionOptions, tcpOf } from "./congestion-option.ts";
import { Failure } from "./failure.ts";
import { addImpairmentOptions, type ImpairmentOptions, impaired } from "./impairment-options.ts";
import type { CommandLink } from "./links/command-link.ts";
import { openKernelLink } from "./links/kernel-link.ts";
import { openSimLink } from "./links/sim-link.ts";
import { openUserLink } from "./links/user-link.ts";
import { type AddressWithPrefix, collecting, parseAddress, parseAddressWithPrefix } from "./quantities.ts";

export interface LinkChoice {
  readonly kind: "sim" | "user" | "tun" | "tap";
  /** Of the device. */
  readonly name?: string | undefined;
}

export interface LinkOptions extends ImpairmentOptions, CongestionOptions {
  readonly link: LinkChoice;
  readonly address?: readonly AddressWithPrefix[];
  readonly gateway?: readonly IpAddress[];
  readonly pcap?: string;
}

export function parseLink(text: string): LinkChoice {
  const [, kind, name] = /^(sim|user|tun|tap)(?::(.+))?$/.exec(text) ?? [];
  const isKernel = kind === "tun" || kind === "tap";
  if (kind === undefined || (name !== undefined && !isKernel)) {
    throw new InvalidArgumentError("Give sim, user, tun[:NAME] or tap[:NAME].");
  }
  return { kind: kind as LinkChoice["kind"], name };
}

export function addLinkOptions(command: Command, usual: "sim" | "user"): Command {
  command
    .optionsGroup("The link:")
    .addOption(
      new Option(
        "--link <link>",
        "sim: a small simulated internet (router1, router2, target); user: this machine's network (TCP and " +
          "UDP), without root; tun[:NAME] or tap[:NAME]: a device of the kernel (root)",
      )
        .argParser(parseLink)
        .default({ kind: usual }, usual),
    )
    .addOption(
      new Option(
        "--address <address/length>",
        "of our host on a tun or tap link, one a family (default: 10.77.0.2/24, fd77::2/64)",
      ).argParser(collecting(parseAddressWithPrefix)),
    )
    .addOption(
      new Option(
        "--gateway <address>",
        "of the kernel there, one a family (default: 10.77.0.1, fd77::1)",
      ).argParser(collecting(parseAddress)),
    )
    .option("--pcap <file>", "record the link's packets to a pcapng file");
  return addImpairmentOptions(command);
}

/** A user has no raw sockets: what must see ICMP of others cannot work there. */
export function refuseUserLink({ link }: LinkOptions): void {
  if (link.kind !== "user") return;
  throw new Failure("The user link carries TCP and UDP only: use --link sim, or as root --link tun or tap.");
}

/** A link that is open, until `end`. */
export async function openLink(
  options: LinkOptions,
  watch: (device: NetDevice) => NetDevice = device => device,
): Promise<CommandLink> {
  const { link, address, gateway, pcap } = options;
  if ((address !== undefined || gateway !== undefined) && link.kind !== "tun" && link.kind !== "tap") {
    throw new Failure("--address and --gateway are for --link tun and --link tap.");
  }
  const recorder = pcap === undefined ? undefined : new CaptureRecorder(pcap);
  const decorate = (device: NetDevice, driver: Driver): NetDevice => {
    const wire = impaired(device, options, driver);
    return watch(recorder?.watch(wire) ?? wire);
  };
  const opened = await open(options, decorate);
  const end = async (hurry?: AbortSignal): Promise<void> => {
    await opened.end(hurry);
    recorder?.close();
  };
  return { ...opened, end };
}

function open(
  options: LinkOptions,
  decorate: (device: NetDevice, driver: Driver) => NetDevice,
): Promise<CommandLink> | CommandLink {
  const { kind, name } = options.link;
  const tcp = tcpOf(options);
  switch (kind) {
    case "sim":
      return openSimLink(decorate, tcp);
    case "user":
      return openUserLink(decorate, tcp);
    default: {
      const { address: addresses, gateway: gateways } = options;
      // Nothing can go on without the device, whatever the command does.
      const onLost = (error: Error): never => {
        throw error;
      };
      return openKernelLink({ kind, name, addresses, gateways, onLost }, decorate, tcp);
    }
  }
}
