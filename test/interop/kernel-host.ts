/**
 * A Postel host joined to the Linux kernel by a TUN or TAP device in a namespace of its own:
 *
 *     kernel 10.77.0.1, fd77::1 ── device ── capture ── impairment ── Postel 10.77.0.2, fd77::2
 *
 * The driver runs in the test's process. What the capture shows is what the kernel saw and said; each is
 * given to tshark in the end, which must find every frame well-formed and every checksum right.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { CaptureRecorder } from "../../src/cli/capture-recorder.ts";
import { Host } from "../../src/host/host.ts";
import { type ImpairedDevice, type Impairment, impair } from "../../src/link/impair.ts";
import type { NetInterface } from "../../src/net/interface.ts";
import type { NetOptions } from "../../src/net/net-context.ts";
import { Driver } from "../../src/node/driver.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { CryptoRandom } from "../../src/node/random.ts";
import { openTun } from "../../src/node/tun.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpProbe } from "../../src/tcp/tcp-probe.ts";
import { ip } from "../../src/wire/address.ts";
import type { MacAddress } from "../../src/wire/mac-address.ts";
import { captureComplaints } from "./capture-complaints.ts";
import { type Namespace, withNamespace } from "./namespace.ts";

export const KINDS = ["tun", "tap"] as const;
export type DeviceKind = (typeof KINDS)[number];
export const FAMILIES = [4, 6] as const;

export const KERNEL = { 4: "10.77.0.1", 6: "fd77::1" } as const;
export const POSTEL = { 4: "10.77.0.2", 6: "fd77::2" } as const;
export const POSTEL_MAC = 0x02_77_00_00_00_02 as MacAddress;
/** The device's name inside of the namespace. */
export const DEVICE = "postel0";

const PREFIX = { 4: 24, 6: 64 } as const;
/** RFC 8200 §5: the kernel gives IPv6 up on a link that carries less. */
const LEAST_MTU_OF_IPV6 = 1_280;

export interface KernelHostOptions {
  readonly kind?: DeviceKind | undefined;
  readonly mtu?: number | undefined;
  /** Both directions alike. */
  readonly impairment?: Impairment | undefined;
  readonly seed?: number | undefined;
  readonly tcp?: Partial<TcpConfig> | undefined;
  readonly net?: NetOptions | undefined;
  readonly probe?: TcpProbe | undefined;
  /** Settings of the namespace, before the device is there: `{ "net.ipv4.tcp_sack": 0 }`. */
  readonly sysctl?: Readonly<Record<string, number>> | undefined;
  /** Whether our addresses wait until nobody else was seen to have them. */
  readonly duplicateDetection?: boolean | undefined;
}

export class KernelHost {
  readonly namespace: Namespace;
  readonly driver = new Driver();
  readonly host: Host;
  readonly interface: NetInterface;
  /** Its impairments may be changed at any time. */
  readonly wire: ImpairedDevice;
  readonly #directory = mkdtempSync(join(tmpdir(), "postel-interop-"));
  readonly #recorder: CaptureRecorder;

  constructor(namespace: Namespace, options: KernelHostOptions) {
    this.namespace = namespace;
    const { driver } = this;
    const { kind = "tun", impairment = {}, duplicateDetection = false } = options;
    const device = openTun({
      kind,
      name: DEVICE,
      mtu: options.mtu,
      netns: namespace.name,
      scheduler: driver,
    });
    this.#recorder = new CaptureRecorder(join(this.#directory, "wire.pcapng"));
    this.wire = impair(this.#recorder.watch(device), {
      scheduler: driver,
      random: new SeededRandom(options.seed ?? 1),
      transmit: impairment,
      receive: impairment,
    });
    const { tcp, net, probe } = options;
    const random = new CryptoRandom();
    this.host = new Host({ clock: driver, random, scheduler: driver, name: "postel", tcp, net, probe });
    const addresses = FAMILIES.map(family => ({
      address: ip(POSTEL[family]),
      prefixLength: PREFIX[family],
    }));
    this.interface = this.host.attach(this.wire, { addresses, mac: POSTEL_MAC, duplicateDetection });
    driver.add(this.host);
  }

  /** Ends the capture, and answers its path: a pcapng file that is there until the host is closed. */
  endCapture(): string {
    this.#recorder.close();
    return this.#recorder.path;
  }

  /** Nothing passes from now on, in either direction. */
  cutCable(): void {
    this.wire.transmitImpairment = { loss: 1 };
    this.wire.receiveImpairment = { loss: 1 };
  }

  /** All passes again. */
  mendCable(): void {
    this.wire.transmitImpairment = {};
    this.wire.receiveImpairment = {};
  }

  /** Waits until something holds, looking at it every few milliseconds. */
  async until(holds: () => boolean | Promise<boolean>, what: string, limit = 10_000): Promise<void> {
    const end = performance.now() + limit;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`still not after ${limit} ms: ${what}`);
      await sleep(5);
    }
  }

  close(): void {
    this.host.close();
    this.driver.close();
    this.#recorder.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

/** Runs a test body with a host that the kernel can reach, and has tshark check what crossed the device. */
export function withKernelHost<Result>(
  options: KernelHostOptions,
  body: (kernelHost: KernelHost) => Promise<Result>,
): Promise<Result> {
  return withNamespace(async namespace => {
    for (const [name, value] of Object.entries(options.sysctl ?? {})) {
      await namespace.exec("sysctl", ["-q", "-w", `${name}=${value}`]);
    }
    const kernelHost = new KernelHost(namespace, options);
    try {
      const families = FAMILIES.filter(family => family === 4 || (options.mtu ?? 1_500) >= LEAST_MTU_OF_IPV6);
      const addresses = families.map(family => `${KERNEL[family]}/${PREFIX[family]}`);
      await configureKernelSide(DEVICE, { addresses, up: true, netns: namespace.name });
      const result = await body(kernelHost);
      expect(await captureComplaints(kernelHost.endCapture())).toEqual([]);
      return result;
    } finally {
      kernelHost.close();
    }
  });
}
