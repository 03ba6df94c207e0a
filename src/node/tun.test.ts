import { constants } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { DescriptorDevice } from "./descriptor-device.ts";
import { DeviceError } from "./device-error.ts";
import { Driver } from "./driver.ts";
import { EAGAIN, type Libc, type Ready } from "./ffi.ts";
import { openTun } from "./tun.ts";

const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function newDriver(): Driver {
  const driver = new Driver();
  cleanups.push(() => driver.close());
  return driver;
}

function thrownBy(action: () => unknown): DeviceError {
  try {
    action();
  } catch (error) {
    if (error instanceof DeviceError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("what cannot be opened says what to do", () => {
  test("a name that is too long or malformed, before anything is touched", () => {
    const open = (name: string) => () => openTun({ kind: "tun", name, scheduler: newDriver() }, fakeLibc());
    expect(thrownBy(open("sixteen-bytes-xx")).message).toBe(
      "The device name sixteen-bytes-xx is too long: choose one of at most 15 bytes.",
    );
    for (const name of ["a/b", "a b", "", "..", "x%d"]) {
      expect(thrownBy(open(name)).message).toContain("is not a device name");
    }
  });

  test.each([
    ["EPERM", "run this as root (sudo)"],
    ["EACCES", "run this as root (sudo)"],
    ["ENOENT", "sudo modprobe tun"],
    ["ENODEV", "sudo modprobe tun"],
  ])("/dev/net/tun with %s: … %s", (code, advice) => {
    const libc = fakeLibc({ open: () => -1, errno: () => errnoOf(code) });
    const error = thrownBy(() => openTun({ kind: "tun", scheduler: newDriver() }, libc));
    expect(error).toMatchObject({ code, name: "DeviceError" });
    expect(error.message).toContain(advice);
    expect(error.message).not.toContain("\n");
  });

  test("a device that may not be made: the descriptor is closed again", () => {
    const closed: number[] = [];
    const libc = fakeLibc({
      open: () => 33,
      ioctl: () => -1,
      errno: () => errnoOf("EPERM"),
      close: descriptor => closed.push(descriptor),
    });
    const error = thrownBy(() => openTun({ kind: "tap", name: "t0", scheduler: newDriver() }, libc));
    expect(error.message).toBe(
      "Making the TAP device t0 needs root or CAP_NET_ADMIN: run this as root (sudo), " +
        "or let root make it for you (sudo ip tuntap add dev t0 mode tap user $USER).",
    );
    expect(closed).toEqual([33]);
  });
});

describe("the device's side of the contract", () => {
  /** A device over system calls that the test answers. */
  function faked(overrides: Partial<Libc> = {}) {
    let onReady: (ready: Ready) => void = () => {};
    const wanted: boolean[] = [];
    const driver = newDriver();
    const libc = fakeLibc({
      watch: (_descriptor, callback) => {
        onReady = callback;
        return { wantWritable: on => void wanted.push(on), ref() {}, unref() {}, close() {} };
      },
      ...overrides,
    });
    const device = new DescriptorDevice(
      libc,
      { descriptor: 9, name: "fake0", medium: "ip", mtu: 1_500, offload: false },
      { scheduler: driver },
    );
    return { device, driver, wanted, ready: (ready: Partial<Ready>) => onReady({ ...IDLE, ...ready }) };
  }

  test("after EAGAIN transmit answers false and takes nothing until the descriptor is writable", async () => {
    let room = false;
    const written: number[] = [];
    const { device, wanted, ready } = faked({
      write: (_descriptor, from) => (room ? written.push(from.length) : -1),
      errno: () => EAGAIN,
    });
    const writable = new Promise<void>(resolve => device.attach({ receive() {}, writable: resolve }));
    const frame = PacketBuffer.from(new Uint8Array(100));
    expect(device.transmit(frame)).toBe(false);
    expect(wanted).toEqual([true]);
    room = true;
    expect(device.transmit(frame)).toBe(false);
    ready({ writable: true });
    await writable;
    expect(wanted).toEqual([true, false]);
    expect(device.transmit(frame)).toBe(true);
    expect(written).toEqual([100]);
    expect(device.counters).toMatchObject({ transmittedFrames: 1, transmittedBytes: 100, dropped: 0 });
  });

  test("a frame above the MTU is dropped, not written", () => {
    const { device } = faked({
      write: () => {
        throw new Error("written");
      },
    });
    expect(device.transmit(PacketBuffer.from(new Uint8Array(1_501)))).toBe(true);
    expect(device.counters.dropped).toBe(1);
  });

  test("a lone frame is answered at once; bursts grow to 64 frames while there are more", async () => {
    let left = 300;
    const bursts: number[] = [];
    let received = 0;
    const { device, driver, ready } = faked({ read: () => (left-- > 0 ? 20 : -1), errno: () => EAGAIN });
    const node = {
      onWork: undefined as (() => void) | undefined,
      poll() {
        if (received > 0) bursts.push(received);
        received = 0;
        return Number.POSITIVE_INFINITY as never;
      },
    };
    driver.add(node);
    device.attach({
      receive() {
        received++;
        node.onWork?.();
      },
      writable() {},
    });
    ready({ readable: true });
    expect(bursts[0]).toBe(1);
    while (left >= 0 || received > 0) await new Promise(resolve => setImmediate(resolve));
    expect(bursts).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64, 45]);
    left = 3;
    ready({ readable: true });
    expect(bursts.slice(10)).toEqual([3]);
  });

  test("a device that is closed in the middle of a burst reads no more", async () => {
    let reads = 0;
    const { device, driver, ready } = faked({
      read() {
        reads++;
        return 20;
      },
    });
    device.attach({ receive: () => device.close(), writable() {} });
    ready({ readable: true });
    await new Promise<void>(resolve => driver.schedule(driver.now(), resolve));
    expect(reads).toBe(1);
  });
});

const IDLE: Ready = { readable: false, writable: false, failed: false };

function fakeLibc(overrides: Partial<Libc> = {}): Libc {
  const unexpected = () => {
    throw new Error("unexpected system call");
  };
  return {
    open: unexpected,
    close: () => 0,
    read: unexpected,
    write: unexpected,
    writev: unexpected,
    addressOf: unexpected,
    pointerSize: 8,
    ioctl: unexpected,
    ioctlValue: unexpected,
    socket: unexpected,
    bind: unexpected,
    setsockopt: unexpected,
    setns: unexpected,
    errno: () => 0,
    watch: unexpected,
    ...overrides,
  };
}

function errnoOf(name: string): number {
  return constants.errno[name as keyof typeof constants.errno];
}
