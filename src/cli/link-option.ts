/** `--link` and what belongs to it: where a command's host is attached. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { NetDevice } from "../link/net-device.ts";
import type { Driver } from "../node/driver.ts";
import type { IpAddress } from "../wire/address.ts";
import { addBusyPollOption, type BusyPollOption } from "./busy-poll-option.ts";
import { CaptureRecorder } from "./capture-recorder.ts";
import { type CongestionOptions, tcpOf } from "./congestion-option.ts";
import { Failure } from "./failure.ts";
import { addImpairmentOptions, type ImpairmentOptions, impaired } from "./impairment-options.ts";
import type { CommandLink } from "./links/command-link.ts";
import type { KernelDeviceName } from "./links/kernel-device.ts";
import { openKernelLink } from "./links/kernel-link.ts";
import { openSimLink } from "./links/sim-link.ts";
import { openUserLink } from "./links/user-link.ts";
import { addOffloadOption, type OffloadOption } from "./offload-option.ts";
import { type AddressWithPrefix, collecting, parseAddress, parseAddressWithPrefix } from "./quantities.ts";

export type LinkChoice = { readonly kind: "sim" | "user" } | KernelDeviceName;

export interface LinkOptions extends ImpairmentOptions, CongestionOptions, OffloadOption, BusyPollOption {
  readonly link: LinkChoice;
  readonly address?: readonly AddressWithPrefix[];
  readonly gateway?: readonly IpAddress[];
  readonly pcap?: string;
}

export function parseLink(text: string): LinkChoice {
  const [, kind, name] = /^(sim|user|tun|tap|packet)(?::(.+))?$/.exec(text) ?? [];
  if ((kind === "sim" || kind === "user") && name === undefined) return { kind };
  if (kind === "tun" || kind === "tap") return { kind, name };
  if (kind === "packet" && name !== undefined) return { kind, name };
  throw new InvalidArgumentError("Give sim, user, tun[:NAME], tap[:NAME] or packet:NAME.");
}

function isKernel(link: LinkChoice): link is KernelDeviceName {
  return link.kind !== "sim" && link.kind !== "user";
}

export function addLinkOptions(command: Command, usual: "sim" | "user"): Command {
  command
    .optionsGroup("The link:")
    .addOption(
      new Option(
        "--link <link>",
        "sim: a small simulated internet (router1, router2, target); user: this machine's network (TCP and " +
          "UDP), without root; tun[:NAME] or tap[:NAME]: a device of the kernel (root); packet:NAME: an " +
          "interface that the kernel has already, such as one end of a veth pair (root)",
      )
        .argParser(parseLink)
        .default({ kind: usual }, usual),
    )
    .addOption(
      new Option(
        "--address <address/length>",
        "of our host on a tun, tap or packet link, one a family (default: 10.77.0.2/24, fd77::2/64)",
      ).argParser(collecting(parseAddressWithPrefix)),
    )
    .addOption(
      new Option(
        "--gateway <address>",
        "of the kernel or the router there, one a family (default: 10.77.0.1, fd77::1)",
      ).argParser(collecting(parseAddress)),
    )
    .option("--pcap <file>", "record the link's packets to a pcapng file");
  addOffloadOption(command);
  addBusyPollOption(command);
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
  const { link, address, gateway, offload, busyPoll, pcap } = options;
  const forKernel = [address, gateway, offload === false || undefined, busyPoll];
  if (!isKernel(link) && forKernel.some(value => value !== undefined)) {
    throw new Failure(
      "--address, --gateway, --no-offload and --busy-poll are for --link tun, tap and packet.",
    );
  }
  const recorder = pcap === undefined ? undefined : new CaptureRecorder(pcap);
  const decorate = (device: NetDevice, driver: Driver): NetDevice => {
    const wire = impaired(device, options, driver);
    return watch(recorder?.watch(wire) ?? wire);
  };
  const opened = await open(options, decorate);
  for (const note of opened.notes ?? []) process.stderr.write(`postel: ${note}\n`);
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
  const { link, offload, busyPoll, address: addresses, gateway: gateways } = options;
  const tcp = tcpOf(options);
  if (!isKernel(link)) return link.kind === "sim" ? openSimLink(decorate, tcp) : openUserLink(decorate, tcp);
  // Nothing can go on without the device, whatever the command does.
  const onLost = (error: Error): never => {
    throw error;
  };
  return openKernelLink({ device: link, offload, busyPoll, addresses, gateways, onLost }, decorate, tcp);
}
