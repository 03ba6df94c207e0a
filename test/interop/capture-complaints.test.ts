/**
 * The check that every interop test ends with can fail: frames of ours that are damaged on their way are
 * found.
 */
import { describe, expect } from "vitest";
import { openUdp } from "../../src/socket/udp-socket.ts";
import { ip } from "../../src/wire/address.ts";
import { missingTools } from "../support/capture-tools.ts";
import { captureComplaints } from "./capture-complaints.ts";
import { connect } from "./kernel-connection.ts";
import { FAMILIES, KERNEL, type KernelHost, sleep, withKernelHost } from "./kernel-host.ts";
import { rootTest } from "./root-test.ts";

const COUNT = 20;

/** Pings, datagrams and SYNs to the kernel, which may or may not understand them. */
async function speak(kernelHost: KernelHost): Promise<void> {
  const { host } = kernelHost;
  const socket = openUdp(host);
  for (const family of FAMILIES) {
    const ping = host.net.openPing(family, { reply: () => undefined, error: () => undefined });
    for (let i = 0; i < COUNT; i++) {
      ping?.send(ip(KERNEL[family]), i, new Uint8Array(100));
      socket.send(new Uint8Array(100), { address: ip(KERNEL[family]), port: 9 });
      const stream = connect(kernelHost, family, 9);
      stream.opened.catch(() => undefined);
    }
  }
  await sleep(100);
  socket.close();
  for (const connection of [...host.tcp.connections()]) connection.abort();
}

describe.skipIf(missingTools("tshark") !== undefined)("what tshark says of a capture", () => {
  rootTest("nothing of whole frames", () => withKernelHost({}, speak));

  rootTest("something of nearly each frame that lost a bit", async () => {
    let complaints = 0;
    const damaged = withKernelHost({}, async kernelHost => {
      kernelHost.wire.transmitImpairment = { corrupt: 1 };
      await speak(kernelHost);
      complaints = (await captureComplaints(kernelHost.endCapture())).length;
    });
    await expect(damaged).rejects.toThrow("to deeply equal []");
    // No checksum covers IPv6's header, and a bit of the version makes a packet that is none.
    expect(complaints).toBeGreaterThan(3 * COUNT);
  });
});
