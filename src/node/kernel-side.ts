/**
 * The kernel's end of a TUN or TAP device: its addresses, its MTU, and whether it is up. Done by iproute2's
 * `ip`, as an administrator would.
 */
import { execFile } from "node:child_process";
import { DeviceError } from "./device-error.ts";

export interface KernelSide {
  /** With their prefix lengths: "10.77.0.1/24", "fd77::1/64". */
  readonly addresses?: readonly string[] | undefined;
  readonly mtu?: number | undefined;
  readonly up?: boolean | undefined;
  /** The name or the path of the network namespace that the device is in. */
  readonly netns?: string | undefined;
}

/**
 * Packets that the kernel holds for us. Its own 500 overflow on a clean wire: a full window of TCP is more.
 */
const QUEUE_LENGTH = 1_000;

/** @throws DeviceError, with a sentence for the user. */
export async function configureKernelSide(name: string, side: KernelSide): Promise<void> {
  const ip = (...args: string[]) => runIp(args, name, side.netns);
  await ip("link", "set", "dev", name, "txqueuelen", String(QUEUE_LENGTH));
  if (side.mtu !== undefined) await ip("link", "set", "dev", name, "mtu", String(side.mtu));
  for (const address of side.addresses ?? []) {
    // Nobody else is on this link: an address need not wait a second for duplicate detection.
    const flags = address.includes(":") ? ["nodad"] : [];
    await ip("address", "replace", address, "dev", name, ...flags);
  }
  if (side.up !== undefined) await ip("link", "set", "dev", name, side.up ? "up" : "down");
}

function runIp(args: readonly string[], name: string, netns: string | undefined): Promise<void> {
  const [command, all] = commandFor(args, netns);
  return new Promise((resolve, reject) => {
    execFile(command, all, { encoding: "utf8" }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(explain(error, command, stderr.trim(), name));
    });
  });
}

function commandFor(args: readonly string[], netns: string | undefined): [string, string[]] {
  if (netns === undefined) return ["ip", [...args]];
  if (netns.includes("/")) return ["nsenter", [`--net=${netns}`, "ip", ...args]];
  return ["ip", ["-n", netns, ...args]];
}

function explain(
  error: Error & { code?: unknown },
  command: string,
  stderr: string,
  name: string,
): DeviceError {
  if (error.code === "ENOENT") {
    return new DeviceError(
      "ENOENT",
      `The program ${command} was not found: install iproute2 and util-linux.`,
    );
  }
  if (/not permitted|permission denied/i.test(stderr)) {
    return new DeviceError(
      "EPERM",
      `Setting up the kernel's side of ${name} needs root: run this with sudo.`,
    );
  }
  const reason = stderr.split("\n")[0] ?? "";
  return new DeviceError("EINVAL", `Setting up the kernel's side of ${name} failed: ${reason}`);
}
