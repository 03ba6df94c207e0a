/**
 * The link of a whole program: opened by its settings, on the program's driver. Those that need nobody's
 * answer are open when the call returns, for `--require`, which cannot wait. What a link needs is loaded for
 * that link alone: a program may want to be the first that loads `http`, and not to wait for what it has not
 * asked for.
 */
import { resolve } from "node:path";
import { milliseconds } from "../../base/time.ts";
import type { NetDevice } from "../../link/net-device.ts";
import { Driver } from "../../node/driver.ts";
import { CaptureRecorder } from "../capture-recorder.ts";
import { tcpOf } from "../congestion-option.ts";
import { impairmentOf } from "../impairment-options.ts";
import { isInspected } from "../inspect-option.ts";
import { refuseForeignOptions, wireFor } from "../link-option.ts";
import type { CommandLink, Decorate } from "../links/command-link.ts";
import { openLoopbackLink } from "../links/loopback-link.ts";
import { openUserLink } from "../links/user-link.ts";
import { SteerableWires } from "../steerable-wire.ts";
import type { ProgramSettings } from "./settings.ts";

/**
 * Programs know a loopback on which what was sent has arrived when the call returns: what goes on between the
 * sockets of one process is not to be seen from it half done.
 */
const SLICE = milliseconds(100);
/** Tells those that a process starts which capture has been begun. */
const BEGUN_VARIABLE = "POSTEL_CAPTURE_BEGUN";

export interface ProgramLink {
  readonly link: CommandLink;
  readonly recorder: CaptureRecorder | undefined;
  readonly steered: SteerableWires;
}

export function openProgramLink(settings: ProgramSettings): ProgramLink | Promise<ProgramLink> {
  refuseForeignOptions(settings);
  const recorder = settings.pcap === undefined ? undefined : recorderFor(settings.pcap);
  const steered = new SteerableWires(settings);
  const decorate = (device: NetDevice, driver: Driver): NetDevice => {
    const wire = wireFor(device, driver, settings, steered);
    return recorder?.watch(wire) ?? wire;
  };
  const driver = new Driver({ slice: SLICE, busyPoll: settings.busyPoll });
  const opened = open(settings, decorate, driver);
  const complete = (link: CommandLink): ProgramLink => ({ link, recorder, steered });
  return opened instanceof Promise ? opened.then(complete) : complete(opened);
}

/** Nobody wants to see what passes the wire, and nothing happens to it there. */
function isPlain(settings: ProgramSettings): boolean {
  const { pcap, trace } = settings;
  const isSeen = pcap !== undefined || trace !== undefined || isInspected(settings);
  return !isSeen && impairmentOf(settings) === undefined;
}

/** Every process and thread of the program adds to the file that the first of them has begun. */
function recorderFor(path: string): CaptureRecorder {
  const file = resolve(path);
  const goesOn = process.env[BEGUN_VARIABLE] === file;
  const recorder = new CaptureRecorder(path, goesOn);
  process.env[BEGUN_VARIABLE] = file;
  return recorder;
}

function open(
  settings: ProgramSettings,
  decorate: Decorate,
  driver: Driver,
): CommandLink | Promise<CommandLink> {
  const { link, offload, busyPoll, address: addresses, gateway: gateways } = settings;
  const tcp = tcpOf(settings);
  const onLost = (error: Error): void => {
    process.stderr.write(`postel: The link is gone: ${error.message}\n`);
  };
  switch (link.kind) {
    case "loopback":
      return openLoopbackLink(tcp, driver);
    case "sim":
      return import("../links/sim-link.ts").then(({ openSimLink }) => openSimLink(decorate, tcp, driver));
    case "user":
      return openUserLink(decorate, tcp, { driver, isBackground: true, isPlain: isPlain(settings) });
    case "qemu": {
      const options = { path: link.path, addresses, gateways, onLost };
      return import("../links/qemu-link.ts").then(({ openQemuLink }) =>
        openQemuLink(options, decorate, tcp, driver),
      );
    }
    default: {
      const options = { device: link, offload, busyPoll, addresses, gateways, onLost };
      return import("../links/kernel-link.ts").then(({ openKernelLink }) =>
        openKernelLink(options, decorate, tcp, driver),
      );
    }
  }
}
