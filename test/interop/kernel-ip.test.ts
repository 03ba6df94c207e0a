/**
 * IP with the Linux kernel at the other end: pings whole and in fragments, datagrams, neighbors, duplicate
 * addresses.
 */
import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import type { ErrorCode } from "../../src/base/errors.ts";
import { SeededRandom } from "../../src/base/random.ts";
import type { AddressState } from "../../src/net/addresses.ts";
import type { PingReply } from "../../src/net/icmp/ping.ts";
import { openUdp, type UdpSocket } from "../../src/socket/udp-socket.ts";
import { type IpFamily, ip, LIMITED_BROADCAST } from "../../src/wire/address.ts";
import { macText } from "../../src/wire/mac-address.ts";
import { failing } from "./kernel-connection.ts";
import {
  DEVICE,
  FAMILIES,
  KERNEL,
  type KernelHost,
  KINDS,
  POSTEL,
  POSTEL_MAC,
  withKernelHost,
} from "./kernel-host.ts";
import { type ListeningReport, udpEchoPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

const LINKS = KINDS.flatMap(kind => FAMILIES.map(family => [kind, family] as const));
/** 1,472 bytes fill an IPv4 packet; the others from there on are cut. */
const SIZES = [0, 56, 1_472, 4_000, 20_000, 65_000];
const BROADCAST = ip("10.77.0.255");

async function python({ namespace }: KernelHost, program: string): Promise<string> {
  return (await namespace.exec("python3", ["-c", `import socket, hashlib\n${program}`])).stdout.trim();
}

/** Pings the kernel, and answers what came back or why nothing was sent. */
function ping({ host }: KernelHost, family: IpFamily, payload: Uint8Array): Promise<Uint8Array | ErrorCode> {
  return new Promise((resolve, reject) => {
    const ping = host.net.openPing(family, {
      reply: (reply: PingReply) => resolve(reply.payload.slice()),
      error: error => reject(new Error(error.kind)),
    });
    const code = ping?.send(ip(KERNEL[family]), 1, payload);
    if (code !== undefined) resolve(code);
  });
}

function seeded(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(length).fill(bytes);
  return bytes;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Answers each datagram with itself, until the host is closed. */
async function echo(socket: UdpSocket): Promise<void> {
  for await (const { bytes, source, sourcePort } of socket) {
    socket.send(bytes, { address: source, port: sourcePort });
  }
}

describe.each(LINKS)("ping over %s, IPv%i", (kind, family) => {
  rootTest(`of the kernel, with ${SIZES.join(", ")} bytes, is answered`, () =>
    withKernelHost({ kind }, async ({ host, namespace }) => {
      for (const size of SIZES) {
        // Of several, ping would wait for the last one only as long as the others took.
        const { stdout } = await namespace.exec("ping", [
          "-q",
          "-c",
          "1",
          "-s",
          String(size),
          POSTEL[family],
        ]);
        expect(stdout).toContain("1 packets transmitted, 1 received");
      }
      const { reassembled, fragmented } = family === 4 ? host.net.counters.ipv4 : host.net.counters.ipv6;
      // An IPv6 header leaves room for 1,452 bytes.
      expect([reassembled, fragmented]).toEqual(family === 4 ? [3, 3] : [4, 4]);
    }),
  );

  rootTest(`of ours, with ${SIZES.join(", ")} bytes, comes back as it was sent`, () =>
    withKernelHost({ kind }, async kernelHost => {
      for (const size of SIZES) {
        const payload = seeded(size);
        const reply = await ping(kernelHost, family, payload);
        expect(typeof reply === "string" ? reply : Buffer.compare(reply, payload)).toBe(0);
      }
    }),
  );
});

describe.each(LINKS)("datagrams over %s, IPv%i", (kind, family) => {
  const socketFamily = family === 4 ? "socket.AF_INET" : "socket.AF_INET6";
  const newSocket = `s = socket.socket(${socketFamily}, socket.SOCK_DGRAM); s.settimeout(5)`;

  rootTest("of the kernel, empty, small and in fragments, are received and echoed", () =>
    withKernelHost({ kind }, async kernelHost => {
      const socket = openUdp(kernelHost.host, { port: 7 });
      void echo(socket);
      const program =
        `${newSocket}; s.connect(("${POSTEL[family]}", 7))\n` +
        "for size in (0, 1, 1472, 1473, 60000):\n" +
        "  sent = bytes(i * 31 & 255 for i in range(size)); s.send(sent)\n" +
        "  print(size, s.recv(65535) == sent)";
      const expected = [0, 1, 1_472, 1_473, 60_000].map(size => `${size} True`);
      expect((await python(kernelHost, program)).split("\n")).toEqual(expected);
      socket.close();
    }),
  );

  rootTest("of ours come back from the kernel: 60,000 bytes in fragments", () =>
    withKernelHost({ kind }, async kernelHost => {
      const peer = udpEchoPeer(kernelHost.namespace, KERNEL[family], 0);
      const { port } = await peer.next<ListeningReport>();
      const socket = openUdp(kernelHost.host);
      socket.connect(ip(KERNEL[family]), port);
      for (const size of [0, 1_472, 60_000]) {
        socket.send(seeded(size));
        const { bytes, sourcePort, source } = await socket.receive();
        expect(sha256(bytes)).toBe(sha256(seeded(size)));
        expect([source.toString(), sourcePort]).toEqual([KERNEL[family], port]);
      }
      socket.close();
    }),
  );

  rootTest("to a port that nobody has: ECONNREFUSED at the kernel's socket, and at ours", () =>
    withKernelHost({ kind }, async kernelHost => {
      const program =
        `${newSocket}; s.connect(("${POSTEL[family]}", 9)); s.send(b"?")\n` +
        "try: s.recv(1)\nexcept ConnectionRefusedError: print('refused')";
      expect(await python(kernelHost, program)).toBe("refused");
      const socket = openUdp(kernelHost.host);
      socket.connect(ip(KERNEL[family]), 9);
      socket.send(seeded(10));
      await failing(socket.receive(), "ECONNREFUSED");
      socket.close();
    }),
  );
});

describe.each(KINDS)("broadcast over %s", kind => {
  rootTest("of the kernel reaches our socket, to the subnet and to all", () =>
    withKernelHost({ kind }, async kernelHost => {
      const socket = openUdp(kernelHost.host, { port: 7 });
      void echo(socket);
      const program =
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)\n" +
        `s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n` +
        `s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"${DEVICE}")\n` +
        `for to in ("${BROADCAST}", "255.255.255.255"):\n` +
        `  s.sendto(b"who?", (to, 7)); print(s.recvfrom(10))`;
      const reply = `(b'who?', ('${POSTEL[4]}', 7))`;
      expect((await python(kernelHost, program)).split("\n")).toEqual([reply, reply]);
      socket.close();
    }),
  );

  rootTest("of ours reaches the kernel's socket, and needs to be asked for", () =>
    withKernelHost({ kind }, async kernelHost => {
      const peer = udpEchoPeer(kernelHost.namespace, "0.0.0.0", 0);
      const { port } = await peer.next<ListeningReport>();
      const socket = openUdp(kernelHost.host);
      for (const address of [BROADCAST, LIMITED_BROADCAST]) {
        socket.endpoint.broadcast = false;
        expect(() => socket.send(seeded(10), { address, port })).toThrow("EACCES");
        socket.endpoint.broadcast = true;
        socket.send(seeded(10), { address, port });
        const { source, bytes } = await socket.receive();
        expect([source.toString(), sha256(bytes)]).toEqual([KERNEL[4], sha256(seeded(10))]);
      }
      socket.close();
    }),
  );
});

describe("neighbors on Ethernet", () => {
  const kind = "tap";

  for (const family of FAMILIES) {
    rootTest(`IPv${family}: the kernel finds us, and holds us for reachable`, () =>
      withKernelHost({ kind }, async ({ namespace }) => {
        await namespace.exec("ping", ["-q", "-c", "1", POSTEL[family]]);
        const neighbor = await namespace.ip("neigh", "show", POSTEL[family], "dev", DEVICE);
        expect(neighbor.trim()).toBe(`${POSTEL[family]} lladdr ${macText(POSTEL_MAC)} REACHABLE`);
      }),
    );

    rootTest(`IPv${family}: we find the kernel, and hold it for reachable`, () =>
      withKernelHost({ kind }, async kernelHost => {
        await ping(kernelHost, family, seeded(10));
        const neighbors = kernelHost.host.net.neighbors();
        const { mac, state } = neighbors.find(n => n.address.equals(ip(KERNEL[family]))) ?? {};
        expect(state).toBe("reachable");
        const link = await kernelHost.namespace.ip("-o", "link", "show", "dev", DEVICE);
        expect(link).toContain(`link/ether ${mac === undefined ? "unknown" : macText(mac)}`);
      }),
    );

    rootTest(`IPv${family}: an address that the kernel has is a duplicate, another one becomes ours`, () =>
      withKernelHost({ kind }, async ({ host, interface: { index }, namespace, until }) => {
        const free = family === 4 ? "10.77.0.77" : "fd77::77";
        for (const address of [KERNEL[family], free])
          host.net.addAddress(index, ip(address), family === 4 ? 24 : 64);
        const state = (address: string): AddressState | undefined =>
          host.net.addresses().find(a => a.address.equals(ip(address)))?.state;
        expect([state(KERNEL[family]), state(free)]).toEqual(["tentative", "tentative"]);
        await until(() => state(free) !== "tentative", "the detection has ended");
        expect([state(KERNEL[family]), state(free)]).toEqual(["duplicate", "preferred"]);
        await namespace.exec("ping", ["-q", "-c", "1", free]);
      }),
    );
  }

  rootTest("the kernel's duplicate address detection finds that we have the address (RFC 4862 §5.4)", () =>
    withKernelHost({ kind }, async kernelHost => {
      const { namespace } = kernelHost;
      await namespace.ip("address", "add", `${POSTEL[6]}/64`, "dev", DEVICE);
      await kernelHost.until(
        async () => (await namespace.ip("-6", "address", "show", "dev", DEVICE)).includes("dadfailed"),
        "the kernel gives the address up",
      );
      await namespace.ip("address", "delete", `${POSTEL[6]}/64`, "dev", DEVICE);
      await namespace.exec("ping", ["-q", "-c", "1", POSTEL[6]]);
    }),
  );

  // 02:77:00:00:00:99 broadcasts an ARP request for our address, from 0.0.0.0 or as if the address were its
  // own.
  const asks = (senderIp: string) =>
    `s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x806)); s.bind(("${DEVICE}", 0))\n` +
    "us = bytes.fromhex('027700000099'); s.settimeout(5); ours = socket.inet_aton('10.77.0.2')\n" +
    "s.send(b'\\xff' * 6 + us + bytes.fromhex('08060001080006040001') + us + " +
    `socket.inet_aton('${senderIp}') + bytes(6) + ours)\n` +
    "while True:\n" +
    "  frame = s.recv(100)\n" +
    `  if frame[6:12] == bytes.fromhex('${macText(POSTEL_MAC).replaceAll(":", "")}'): break\n` +
    "print(frame[0:6].hex(), int.from_bytes(frame[20:22], 'big'), socket.inet_ntoa(frame[28:32]))";

  rootTest("an ARP probe for our address is answered (RFC 5227 §2.1.1)", () =>
    withKernelHost({ kind }, async kernelHost => {
      expect(await python(kernelHost, asks("0.0.0.0"))).toBe("027700000099 2 10.77.0.2");
    }),
  );

  rootTest(
    "another station that claims our address by ARP: we announce that it is ours (RFC 5227 §2.4)",
    () =>
      withKernelHost({ kind }, async kernelHost => {
        expect(await python(kernelHost, asks("10.77.0.2"))).toBe("ffffffffffff 1 10.77.0.2");
        expect(kernelHost.host.net.counters.arp.conflicts).toBe(1);
      }),
  );
});
