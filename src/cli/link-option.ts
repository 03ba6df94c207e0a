/** `--link` and what belongs to it: where a command's host is attached. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { NetDevice } from "../link/net-device.ts";
import type { Driver } from "../node/driver.ts";
import type { Inspection } from "../node/inspector/inspect.ts";
import type { IpAddress } from "../wire/address.ts";
import { addBusyPollOption, type BusyPollOption } from "./busy-poll-option.ts";
import { CaptureRecorder } from "./capture-recorder.ts";
import { type CongestionOptions, tcpOf } from "./congestion-option.ts";
import { Failure } from "./failure.ts";
import {
  addImpairmentOptions,
  type ImpairmentOptions,
  impaired,
  impairmentOf,
} from "./impairment-options.ts";
import {
  addInspectOptions,
  type InspectOptions,
  isInspected,
  openInspection,
  traceOf,
  whereText,
} from "./inspect-option.ts";
import { watchInterrupts } from "./interrupts.ts";
import type { CommandLink } from "./links/command-link.ts";
import type { KernelDeviceName } from "./links/kernel-device.ts";
import { addOffloadOption, type OffloadOption } from "./offload-option.ts";
import { type AddressWithPrefix, collecting, parseAddress, parseAddressWithPrefix } from "./quantities.ts";
import { SteerableWires } from "./steerable-wire.ts";

export type LinkChoice =
  | { readonly kind: "sim" | "user" | "loopback" }
  | { readonly kind: "qemu"; readonly path: string }
  | KernelDeviceName;

export interface LinkOptions
  extends ImpairmentOptions,
    CongestionOptions,
    OffloadOption,
    BusyPollOption,
    InspectOptions {
  readonly link: LinkChoice;
  readonly address?: readonly AddressWithPrefix[];
  readonly gateway?: readonly IpAddress[];
  readonly pcap?: string;
}

export function parseLink(text: string): LinkChoice {
  const [, kind, name] = /^(sim|user|loopback|tun|tap|packet|qemu)(?::(.+))?$/.exec(text) ?? [];
  if ((kind === "sim" || kind === "user" || kind === "loopback") && name === undefined) return { kind };
  if (kind === "qemu" && name !== undefined) return { kind, path: name };
  if (kind === "tun" || kind === "tap") return { kind, name };
  if (kind === "packet" && name !== undefined) return { kind, name };
  throw new InvalidArgumentError(
    "Give sim, user, loopback, tun[:NAME], tap[:NAME], packet:NAME or qemu:PATH.",
  );
}

export function addLinkOptions(command: Command, usual: "sim" | "user" | "loopback"): Command {
  command
    .optionsGroup("The link:")
    .addOption(
      new Option(
        "--link <link>",
        "sim: a small simulated internet (router1, router2, target); user: this machine's network (TCP and " +
          "UDP), without root; loopback: none; tun[:NAME] or tap[:NAME]: a device of the kernel (root); " +
          "packet:NAME: an interface that the kernel has already, such as one end of a veth pair (root); " +
          "qemu:PATH: the wire of a virtual machine, by the socket of its -netdev stream",
      )
        .argParser(parseLink)
        .default({ kind: usual }, usual),
    )
    .addOption(
      new Option(
        "--address <address/length>",
        "of our host on a tun, tap, packet or qemu link, one a family (default: 10.77.0.2/24, fd77::2/64)",
      ).argParser(collecting(parseAddressWithPrefix)),
    )
    .addOption(
      new Option(
        "--gateway <address>",
        "of the kernel or the router there, one a family (default: 10.77.0.1, fd77::1; none on a qemu link)",
      ).argParser(collecting(parseAddress)),
    )
    .option("--pcap <file>", "record the link's packets to a pcapng file");
  addInspectOptions(command);
  addOffloadOption(command);
  addBusyPollOption(command);
  return addImpairmentOptions(command);
}

/** Who is at the other end of the wire. */
function neighborOn({ kind }: LinkChoice): string {
  switch (kind) {
    case "sim":
      return "router1";
    case "user":
      return "gate";
    case "qemu":
      return "guest";
    default:
      return "kernel";
  }
}

/**
 * The wire of a command's host: with somebody who looks on it may be made bad at any time, where it is ours.
 */
export function wireFor(
  device: NetDevice,
  driver: Driver,
  options: LinkOptions,
  steered: SteerableWires,
): NetDevice {
  if (!isInspected(options)) return impaired(device, options, driver);
  const { link } = options;
  const [near, far] = [link.kind === "sim" || link.kind === "user" ? "us" : "postel", neighborOn(link)];
  const isOurs = link.kind === "sim" || link.kind === "user" || link.kind === "qemu";
  return isOurs ? steered.behind(device, driver, near, far) : steered.ifBad(device, driver, near, far);
}

/** A user has no raw sockets: what must see ICMP of others cannot work there. */
export function refuseUserLink({ link }: LinkOptions): void {
  if (link.kind !== "user") return;
  throw new Failure("The user link carries TCP and UDP only: use --link sim, or as root --link tun or tap.");
}

/** @throws Failure, when there are options that belong to another link. */
export function refuseForeignOptions(options: LinkOptions): void {
  const { link, address, gateway, offload, busyPoll, pcap } = options;
  const isKernel = link.kind === "tun" || link.kind === "tap" || link.kind === "packet";
  if (!isKernel && (offload === false || busyPoll !== undefined))
    throw new Failure("--no-offload and --busy-poll are for --link tun, tap and packet.");
  const hasWire = isKernel || link.kind === "qemu";
  if (!hasWire && (address !== undefined || gateway !== undefined))
    throw new Failure("--address and --gateway are for --link tun, tap, packet and qemu.");
  if (link.kind === "loopback" && (pcap !== undefined || impairmentOf(options) !== undefined))
    throw new Failure("A loopback has no wire to record or to make bad: choose another --link.");
}

/** A link that is open, until `end`. */
export async function openLink(
  options: LinkOptions,
  watch: (device: NetDevice) => NetDevice = device => device,
): Promise<CommandLink> {
  const { pcap } = options;
  refuseForeignOptions(options);
  const recorder = pcap === undefined ? undefined : new CaptureRecorder(pcap);
  const steered = new SteerableWires(options);
  const decorate = (device: NetDevice, driver: Driver): NetDevice => {
    const wire = wireFor(device, driver, options, steered);
    return watch(recorder?.watch(wire) ?? wire);
  };
  const opened = await open(options, decorate);
  for (const note of opened.notes ?? []) tell(note);
  const trace = await traceOf(opened.hosts, options.link.kind, options);
  const inspection = await inspectLink(opened, steered, options);
  const end = async (hurry?: AbortSignal): Promise<void> => {
    await opened.end(hurry);
    recorder?.close();
    trace?.close();
    await inspection?.close();
  };
  return { ...opened, end };
}

function tell(sentence: string): void {
  process.stderr.write(`postel: ${sentence}\n`);
}

/** The inspector is loaded for who wants it. */
async function inspectLink(
  { hosts }: CommandLink,
  { wires }: SteerableWires,
  options: LinkOptions,
): Promise<Inspection | undefined> {
  if (!isInspected(options)) return undefined;
  const inspection = await openInspection({ hosts, wires, title: options.link.kind }, options);
  tell(whereText(inspection));
  return inspection;
}

/** Of the links only the one that is opened is loaded. */
async function open(
  options: LinkOptions,
  decorate: (device: NetDevice, driver: Driver) => NetDevice,
): Promise<CommandLink> {
  const { link, offload, busyPoll, address: addresses, gateway: gateways } = options;
  const tcp = tcpOf(options);
  // Nothing can go on without the device, whatever the command does.
  const onLost = (error: Error): never => {
    throw error;
  };
  switch (link.kind) {
    case "loopback": {
      const { openLoopbackLink } = await import("./links/loopback-link.ts");
      return openLoopbackLink(tcp);
    }
    case "sim": {
      const { openSimLink } = await import("./links/sim-link.ts");
      return openSimLink(decorate, tcp);
    }
    case "user": {
      const { openUserLink } = await import("./links/user-link.ts");
      return openUserLink(decorate, tcp);
    }
    case "qemu": {
      const { openQemuLink } = await import("./links/qemu-link.ts");
      const { first: interrupted, stop } = watchInterrupts();
      const onWaiting = (): void => tell(`Waiting for a virtual machine to connect to ${link.path}.`);
      const chosen = { path: link.path, addresses, gateways, onLost, onWaiting, interrupted };
      return openQemuLink(chosen, decorate, tcp).finally(stop);
    }
    default: {
      const { openKernelLink } = await import("./links/kernel-link.ts");
      return openKernelLink({ device: link, offload, busyPoll, addresses, gateways, onLost }, decorate, tcp);
    }
  }
}
