/** Why a TUN or TAP device could not be opened or set up, in one sentence that says what to do. */
import { OperationError } from "./operation-error.ts";

export class DeviceError extends OperationError {
  override readonly name = "DeviceError";
}

export function cannotOpenControl(code: string): DeviceError {
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new DeviceError(code, "Opening /dev/net/tun is not permitted: run this as root (sudo).");
    case "ENOENT":
    case "ENODEV":
    case "ENXIO":
      return new DeviceError(
        code,
        "This machine has no /dev/net/tun: load the kernel's module (sudo modprobe tun), " +
          "or give the container the device (--device /dev/net/tun).",
      );
    default:
      return new DeviceError(code, `Opening /dev/net/tun failed with ${code}.`);
  }
}

export function cannotAttach(
  code: string,
  kind: "tun" | "tap",
  name: string | undefined,
  hasQueues = false,
): DeviceError {
  const device = `${kind.toUpperCase()} device${name === undefined ? "" : ` ${name}`}`;
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new DeviceError(
        code,
        `Making the ${device} needs root or CAP_NET_ADMIN: run this as root (sudo), ` +
          `or let root make it for you (sudo ip tuntap add dev ${name ?? "NAME"} mode ${kind} user $USER).`,
      );
    case "EBUSY":
      return new DeviceError(
        code,
        `The ${device} is in use by another program: stop that program or choose another name.`,
      );
    case "EINVAL":
      return new DeviceError(
        code,
        `There is an interface ${name ?? ""} already that is no ${kind.toUpperCase()} device` +
          `${hasQueues ? " with several queues" : ""}: choose another name.`,
      );
    default:
      return new DeviceError(code, `Making the ${device} failed with ${code}.`);
  }
}

export function cannotSetMtu(code: string, name: string, mtu: number): DeviceError {
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new DeviceError(
        code,
        `Setting the MTU of ${name} needs root: run this as root (sudo), or ` +
          `let root do it (sudo ip link set ${name} mtu ${mtu}).`,
      );
    case "EINVAL":
      return new DeviceError(code, `${mtu} is no MTU that ${name} can have: choose one from 68 to 65521.`);
    default:
      return new DeviceError(code, `Setting the MTU of ${name} to ${mtu} failed with ${code}.`);
  }
}

export function cannotEnter(code: string, netns: string): DeviceError {
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new DeviceError(code, `Entering the network namespace ${netns} needs root: run this with sudo.`);
    case "ENOENT":
      return new DeviceError(
        code,
        `There is no network namespace ${netns}: make it first (sudo ip netns add ${netns}).`,
      );
    case "EINVAL":
      return new DeviceError(code, `${netns} is not a network namespace.`);
    default:
      return new DeviceError(code, `Entering the network namespace ${netns} failed with ${code}.`);
  }
}

/** The kernel takes 15 bytes; "/", ":" and white space are refused, and "%" would be a pattern. */
export function checkName(name: string): void {
  if (Buffer.byteLength(name) > 15) {
    throw new DeviceError(
      "ENAMETOOLONG",
      `The device name ${name} is too long: choose one of at most 15 bytes.`,
    );
  }
  if (!/^[^\s/:%\0]+$/.test(name) || name === "." || name === "..") {
    throw new DeviceError("EINVAL", `"${name}" is not a device name: use letters, digits, "-" and "_".`);
  }
}
