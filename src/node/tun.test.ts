import { constants } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { superSegment } from "../../test/support/super-segment.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { NO_OFFLOAD } from "../link/net-device.ts";
import { FULL_OFFLOAD, SegmentCutter } from "../link/segmentation.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { DescriptorDevice } from "./descriptor-device.ts";
import { DeviceError } from "./device-error.ts";
import { Driver } from "./driver.ts";
import { EAGAIN, type Libc, type Ready } from "./ffi.ts";
import { openTun } from "./tun.ts";

const IFF_VNET_HDR = 0x4000;
const TUNSETIFF = 0x4004_54ca;
const TUNGETFEATURES = 0x8004_54cf;
const TUNSETVNETHDRSZ = 0x4004_54d8;
const SIOCGIFMTU = 0x8921;

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
    expect(closed).toEqual([33, 33]);
  });
});

describe("offloads that the kernel refuses are done without, and the device says why", () => {
  /** A kernel that grants these offloads and no others. */
  function opened(
    grants: { headers?: boolean; size?: boolean; offloads: readonly number[] },
    offload = true,
  ) {
    const attached: boolean[] = [];
    let descriptor = 40;
    const closed: number[] = [];
    const libc = fakeLibc({
      open: () => ++descriptor,
      close: which => closed.push(which),
      ioctl(_descriptor, request, argument) {
        const fields = new DataView(argument.buffer);
        const hasHeaders = (at: number) => (fields.getUint16(at, true) & IFF_VNET_HDR) !== 0;
        if (request === TUNGETFEATURES)
          fields.setUint32(0, grants.headers === false ? 0 : IFF_VNET_HDR, true);
        if (request === TUNSETIFF) attached.push(hasHeaders(16));
        if (request === SIOCGIFMTU) fields.setInt32(16, 1_500, true);
        return request === TUNSETVNETHDRSZ && grants.size === false ? -1 : 0;
      },
      ioctlValue: (_descriptor, _request, flags) => (grants.offloads.includes(flags) ? 0 : -1),
      socket: () => 7,
      watch: () => ({ wantWritable() {}, ref() {}, unref() {}, close() {} }),
      errno: () => errnoOf("EINVAL"),
    });
    const device = openTun({ kind: "tun", name: "t0", scheduler: newDriver(), offload }, libc);
    return { device, attached, closed: closed.filter(which => which !== 7) };
  }

  const CSUM = 0x01;
  const TSO = CSUM | 0x02 | 0x04;
  const USO = TSO | 0x20 | 0x40;

  test("all are granted: nothing is to be said", () => {
    const { device, attached } = opened({ offloads: [USO, TSO, CSUM, 0] });
    expect([device.offload, device.notes, attached]).toEqual([FULL_OFFLOAD, [], [true]]);
  });

  test.each([
    ["no UDP", [TSO, CSUM, 0], "This kernel joins no datagrams of UDP (Linux 6.2 and later do)"],
    ["no segmentation", [CSUM, 0], "This kernel hands over no super-segments"],
    ["nothing", [0], "This kernel hands over neither super-segments nor unfinished checksums"],
    ["not even that", [], "This kernel hands over neither super-segments nor unfinished checksums"],
  ])("%s: what the kernel takes from us needs no leave", (_what, offloads, note) => {
    const { device } = opened({ offloads });
    expect(device.offload).toEqual({ ...FULL_OFFLOAD, cutsUdp: false });
    expect(device.notes).toEqual([expect.stringContaining(note)]);
  });

  test("no virtio headers, or not of our size: frames pass as they are", () => {
    const without = opened({ headers: false, offloads: [USO] });
    expect([without.device.offload, without.attached]).toEqual([NO_OFFLOAD, [false]]);
    const refused = opened({ size: false, offloads: [USO] });
    expect([refused.device.offload, refused.attached]).toEqual([NO_OFFLOAD, [true, false]]);
    expect([without.closed, refused.closed]).toEqual([[41], [41]]);
    for (const { device } of [without, refused]) {
      expect(device.notes).toEqual([expect.stringContaining("no virtio headers")]);
    }
  });

  test("who wants none is told nothing", () => {
    const { device, attached } = opened({ offloads: [USO] }, false);
    expect([device.offload, device.notes, attached]).toEqual([NO_OFFLOAD, [], [false]]);
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
      { descriptor: 9, name: "fake0", medium: "ip", mtu: 1_500, offload: NO_OFFLOAD },
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

  test("segments of a burst come as one where the kernel hands them over one by one", () => {
    const frames: Uint8Array[] = [];
    const flags = TCP_FLAG.ack;
    const whole = superSegment({
      family: 4,
      text: 7_000,
      flags,
      sequence: 7,
      options: 12,
      segmentSize: 1_000,
    });
    new SegmentCutter().cut(whole, segment => frames.push(segment.view().slice()));
    const { device, ready } = faked({
      read(_descriptor, into) {
        const frame = frames.shift();
        if (frame === undefined) return -1;
        into.set(frame);
        return frame.length;
      },
      errno: () => EAGAIN,
    });
    const received: number[][] = [];
    device.attach({
      receive: ({ length, segmentSize }) => void received.push([length - 52, segmentSize]),
      writable() {},
    });
    while (frames.length > 0) ready({ readable: true });
    expect(received).toEqual([
      [1_000, 0],
      [2_000, 1_000],
      [4_000, 1_000],
    ]);
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
    uringSetup: () => -1,
    uringEnter: unexpected,
    share: unexpected,
    unshare: unexpected,
    errno: () => 0,
    watch: unexpected,
    ...overrides,
  };
}

function errnoOf(name: string): number {
  return constants.errno[name as keyof typeof constants.errno];
}
