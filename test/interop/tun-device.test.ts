/** TUN and TAP devices with the Linux kernel at the other end. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect } from "vitest";
import { writeUint16 } from "../../src/base/bytes.ts";
import { checksum } from "../../src/base/checksum.ts";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import type { FrameSink, NetDevice } from "../../src/link/net-device.ts";
import { DeviceError } from "../../src/node/device-error.ts";
import { Driver } from "../../src/node/driver.ts";
import { loadLibc } from "../../src/node/ffi.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { insideNetns, netnsPath } from "../../src/node/netns.ts";
import { openTun, type TunDevice, type TunOptions } from "../../src/node/tun.ts";
import { type Namespace, withNamespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

const noop: FrameSink = { receive() {}, writable() {} };
const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function newDriver(): Driver {
  const driver = new Driver();
  cleanups.push(() => driver.close());
  return driver;
}

function openIn(ns: Namespace, options: Partial<TunOptions> = {}): TunDevice {
  const device = openTun({ kind: "tun", netns: ns.name, scheduler: newDriver(), ...options });
  cleanups.push(() => device.close());
  return device;
}

/** Answers ICMP echo requests by turning them round: just enough of a host for `ping`. */
function answerEcho(device: NetDevice): void {
  device.attach({
    receive(frame) {
      const { bytes, start, end } = frame;
      if ((bytes[start] as number) >> 4 !== 4 || bytes[start + 9] !== 1) return;
      const icmp = start + 20;
      if (bytes[icmp] !== 8) return;
      const source = bytes.slice(start + 12, start + 16);
      bytes.copyWithin(start + 12, start + 16, start + 20);
      bytes.set(source, start + 16);
      bytes[icmp] = 0;
      writeUint16(bytes, icmp + 2, 0);
      writeUint16(bytes, icmp + 2, checksum(bytes, icmp, end));
      expect(device.transmit(frame)).toBe(true);
    },
    writable() {},
  });
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

describe("a device of the kernel", () => {
  rootTest("the kernel's pings are answered, each one", () =>
    withNamespace(async ns => {
      const device = openIn(ns);
      answerEcho(device);
      await configureKernelSide(device.name, { addresses: ["10.66.0.1/24"], up: true, netns: ns.name });
      for (const args of ["-c 3 -i 0.01", "-f -c 2000", "-f -l 20 -c 10000", "-c 3 -i 0.01 -s 1472"]) {
        const { stdout } = await ns.exec("ping", ["-q", ...args.split(" "), "10.66.0.2"]);
        expect(stdout).toContain(", 0% packet loss");
      }
      expect(device.counters.transmittedFrames).toBe(12_006);
      expect(device.counters.receivedFrames).toBeGreaterThanOrEqual(12_006);
      expect(device.counters.dropped).toBe(0);
    }),
  );

  rootTest("a TUN device carries IP packets, a TAP device Ethernet frames", () =>
    withNamespace(async ns => {
      for (const kind of ["tun", "tap"] as const) {
        const device = openIn(ns, { kind, name: `${kind}7`, mtu: 9_000 });
        expect(device).toMatchObject({
          name: `${kind}7`,
          medium: kind === "tun" ? "ip" : "ethernet",
          mtu: 9_000,
        });
        expect(await ns.ip("link", "show", "dev", `${kind}7`)).toContain("mtu 9000");
        const first = new Promise<number[]>(resolve =>
          device.attach({ receive: frame => resolve([...frame.view()]), writable() {} }),
        );
        await configureKernelSide(device.name, { addresses: ["10.66.1.1/24"], up: true, netns: ns.name });
        const frame = await first;
        // IPv6 router solicitation, or multicast listener report: the kernel speaks first.
        if (kind === "tun") expect(frame[0]).toBe(0x60);
        else expect(frame.slice(12, 14)).toEqual([0x86, 0xdd]);
        device.close();
      }
    }),
  );

  rootTest("the largest frame of 65,521 bytes arrives whole", () =>
    withNamespace(async ns => {
      const device = openIn(ns, { mtu: 65_521 });
      answerEcho(device);
      await configureKernelSide(device.name, { addresses: ["10.66.2.1/24"], up: true, netns: ns.name });
      const { stdout } = await ns.exec("ping", ["-q", "-c", "2", "-i", "0.01", "-s", "65493", "10.66.2.2"]);
      expect(stdout).toContain("2 packets transmitted, 2 received");
    }),
  );

  rootTest("close removes the interface, and its name can be used again at once", () =>
    withNamespace(async ns => {
      for (let i = 0; i < 3; i++) {
        const device = openIn(ns, { name: "again0" });
        device.attach(noop);
        expect(await ns.ip("-o", "link")).toContain("again0");
        device.close();
        expect(await ns.ip("-o", "link")).not.toContain("again0");
        expect(device.transmit(PacketBuffer.from(new Uint8Array(20)))).toBe(true);
        expect(device.counters).toMatchObject({ transmittedFrames: 0, dropped: 1 });
      }
    }),
  );

  rootTest("an interface that is deleted outside is reported and closed", () =>
    withNamespace(async ns => {
      const lost = new Promise<DeviceError>(resolve => openIn(ns, { name: "gone0", onLost: resolve }));
      await ns.ip("link", "delete", "gone0");
      expect((await lost).message).toBe("The device gone0 was removed.");
    }),
  );

  rootTest("a frame to an interface that is down is dropped and counted", () =>
    withNamespace(async ns => {
      const device = openIn(ns);
      const packet = new Uint8Array(20);
      packet[0] = 0x45;
      expect(device.transmit(PacketBuffer.from(packet))).toBe(true);
      expect(device.counters).toMatchObject({ transmittedFrames: 0, dropped: 1 });
    }),
  );

  rootTest("the thread returns from the namespace, also after a failure inside", () =>
    withNamespace(async ns => {
      const libc = loadLibc();
      const home = readFileSync("/proc/thread-self/net/dev", "utf8").includes("inside0");
      const device = openIn(ns, { name: "inside0" });
      expect(home).toBe(false);
      expect(readFileSync("/proc/thread-self/net/dev", "utf8")).not.toContain("inside0");
      const inside = insideNetns(libc, ns.name, () => readFileSync("/proc/thread-self/net/dev", "utf8"));
      expect(inside).toContain("inside0");
      expect(() =>
        insideNetns(libc, netnsPath(ns.name), () => {
          throw new Error("inside");
        }),
      ).toThrow("inside");
      expect(readFileSync("/proc/thread-self/net/dev", "utf8")).not.toContain("inside0");
      device.close();
    }),
  );
});

describe("what cannot be opened says what to do", () => {
  rootTest("a name in use", () =>
    withNamespace(async ns => {
      openIn(ns, { name: "busy0" });
      const error = thrownBy(() => openIn(ns, { name: "busy0" }));
      expect(error.code).toBe("EBUSY");
      expect(error.message).toBe(
        "The TUN device busy0 is in use by another program: stop that program or choose another name.",
      );
    }),
  );

  rootTest("an interface of another kind", () =>
    withNamespace(async ns => {
      expect(thrownBy(() => openIn(ns, { name: "lo" })).message).toBe(
        "There is an interface lo already that is no TUN device: choose another name.",
      );
    }),
  );

  rootTest("an MTU out of range leaves no device behind", () =>
    withNamespace(async ns => {
      expect(thrownBy(() => openIn(ns, { name: "mtu0", mtu: 70_000 })).message).toBe(
        "70000 is no MTU that mtu0 can have: choose one from 68 to 65521.",
      );
      expect(await ns.ip("-o", "link")).not.toContain("mtu0");
    }),
  );

  rootTest("a namespace that does not exist", () => {
    expect(thrownBy(() => openTun({ kind: "tun", netns: "nowhere", scheduler: newDriver() })).message).toBe(
      "There is no network namespace nowhere: make it first (sudo ip netns add nowhere).",
    );
  });

  rootTest("an address that the kernel refuses", () =>
    withNamespace(async ns => {
      const device = openIn(ns, { name: "odd0" });
      const failing = configureKernelSide(device.name, { addresses: ["10.0.0.999/24"], netns: ns.name });
      await expect(failing).rejects.toThrow(/^Setting up the kernel's side of odd0 failed: .*10\.0\.0\.999/);
    }),
  );
});

rootTest("a namespace is gone when its test ends, also by a failure", async () => {
  let name = "";
  await expect(
    withNamespace(async ns => {
      name = ns.name;
      ns.spawn("sleep", ["60"]);
      expect(existsSync(`/var/run/netns/${name}`)).toBe(true);
      throw new Error("the test fails");
    }),
  ).rejects.toThrow("the test fails");
  expect(existsSync(`/var/run/netns/${name}`)).toBe(false);
  expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).not.toContain(name);
});
