/**
 * Postel behind two routers that the kernel plays, with a link between them that carries less:
 *
 *     Postel ── 10.77.0.1 router 10.78.0.1 ──(MTU 1,300)── 10.78.0.2 router 10.79.0.1 ── 10.79.0.2 far host
 */
import { describe, expect } from "vitest";
import type { IcmpError } from "../../src/net/transport.ts";
import { listenTcp } from "../../src/socket/tcp-listener.ts";
import { connectTcp } from "../../src/socket/tcp-stream.ts";
import { openUdp } from "../../src/socket/udp-socket.ts";
import { type IpFamily, ip } from "../../src/wire/address.ts";
import { missingTools } from "../support/capture-tools.ts";
import { exchange, failing } from "./kernel-connection.ts";
import {
  FAMILIES,
  KERNEL,
  type KernelHost,
  type KernelHostOptions,
  KINDS,
  POSTEL,
  withKernelHost,
} from "./kernel-host.ts";
import { type Namespace, withNamespace } from "./namespace.ts";
import { type ListeningReport, tcpPeer, udpEchoPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

const NARROW = 1_300;
const SECOND = { 4: "10.78.0.2", 6: "fd78::2" } as const;
const FAR = { 4: "10.79.0.2", 6: "fd79::2" } as const;
const LINKS = KINDS.flatMap(kind => FAMILIES.map(family => [kind, family] as const));

const FORWARDING = { "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1 };
/** Routers that use their link-local addresses at once: without one they do not even ask for neighbors. */
const NO_DAD = { "net.ipv6.conf.default.accept_dad": 0 };

/** Joins two namespaces by a link; addresses end in 1 and 2. */
async function join(left: Namespace, right: Namespace, subnet: number, mtu: number): Promise<void> {
  const [from, to] = [`to${subnet}`, `from${subnet}`];
  await left.ip("link", "add", from, "type", "veth", "peer", "name", to, "netns", right.name);
  for (const [namespace, device, host] of [
    [left, from, 1],
    [right, to, 2],
  ] as const) {
    await namespace.ip("address", "add", `10.${subnet}.0.${host}/24`, "dev", device);
    await namespace.ip("address", "add", `fd${subnet}::${host}/64`, "dev", device, "nodad");
    await namespace.ip("link", "set", "dev", device, "mtu", String(mtu), "up");
  }
}

async function set(namespace: Namespace, settings: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await namespace.exec("sysctl", ["-q", "-w", `${name}=${value}`]);
  }
}

async function route(namespace: Namespace, ...route: string[]): Promise<void> {
  await namespace.ip("route", "add", ...route);
}

function withRouters(
  options: KernelHostOptions,
  body: (kernelHost: KernelHost, far: Namespace) => Promise<void>,
): Promise<void> {
  return withNamespace(second =>
    withNamespace(far =>
      withKernelHost({ ...options, sysctl: NO_DAD }, async kernelHost => {
        const first = kernelHost.namespace;
        for (const namespace of [second, far]) await set(namespace, NO_DAD);
        for (const namespace of [first, second]) await set(namespace, FORWARDING);
        await join(first, second, 78, NARROW);
        await join(second, far, 79, 1_500);
        await route(first, "10.79.0.0/24", "via", SECOND[4]);
        await route(first, "fd79::/64", "via", SECOND[6]);
        await route(second, "10.77.0.0/24", "via", "10.78.0.1");
        await route(second, "fd77::/64", "via", "fd78::1");
        await route(far, "default", "via", "10.79.0.1");
        await route(far, "default", "via", "fd79::1");
        for (const family of FAMILIES) {
          kernelHost.host.addDefaultRoute(ip(KERNEL[family]), kernelHost.interface.index);
        }
        await body(kernelHost, far);
      }),
    ),
  );
}

/**
 * Who answers a ping of the far host that lives for so many hops: routers by an error, the host by a reply.
 */
function hop({ host }: KernelHost, family: IpFamily, hopLimit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const ping = host.net.openPing(family, {
      reply: ({ source }) => resolve(`reply ${source}`),
      error: ({ kind, reporter }: IcmpError) => resolve(`${kind} ${reporter}`),
    });
    const code = ping?.send(ip(FAR[family]), 1, new Uint8Array(56), { hopLimit });
    if (code !== undefined) reject(new Error(code));
  });
}

describe.each(LINKS)("behind two routers, over %s, IPv%i", (kind, family) => {
  rootTest("a connection that we open finds the path's MTU, both ways (RFC 1191, RFC 8201)", () =>
    withRouters({ kind }, async ({ host }, far) => {
      const user = { host: FAR[family], port: 0, send: 2_000_000, seed: 3 };
      const peer = tcpPeer(far, { role: "listen", ...user });
      const { port } = await peer.next<ListeningReport>();
      const remote = ip(FAR[family]);
      expect(host.net.pathMtu.get(remote, host.now)).toBeUndefined();
      const stream = connectTcp(host, { remote, remotePort: port });
      await exchange({ stream, peer }, 2_000_000);
      expect(host.net.pathMtu.get(remote, host.now)).toBe(NARROW);
      const { pathMtu, sendMss, retransmissions } = stream.info();
      expect([pathMtu, sendMss]).toEqual([NARROW, NARROW - (family === 4 ? 20 : 40) - 20 - 12]);
      // What was too big went out again at the router's word, not when a timer ran out.
      expect(retransmissions.timeout).toBe(0);
    }),
  );

  rootTest("a connection that the far host opens, both ways", () =>
    withRouters({ kind }, async ({ host }, far) => {
      const listener = listenTcp(host, { port: 80 });
      const user = { host: POSTEL[family], port: 80, send: 2_000_000, seed: 3 };
      const peer = tcpPeer(far, { role: "connect", ...user });
      await exchange({ stream: await listener.accept(), peer }, 2_000_000);
      expect(host.net.pathMtu.get(ip(FAR[family]), host.now)).toBe(NARROW);
    }),
  );

  rootTest("a datagram that may not be cut fails with EMSGSIZE, and the next are made to fit", () =>
    withRouters({ kind }, async ({ host }, far) => {
      const peer = udpEchoPeer(far, FAR[family], 0);
      const { port } = await peer.next<ListeningReport>();
      const socket = openUdp(host);
      socket.connect(ip(FAR[family]), port);
      socket.endpoint.dontFragment = true;
      socket.send(new Uint8Array(1_400));
      await failing(socket.receive(), "EMSGSIZE");
      expect(() => socket.send(new Uint8Array(1_400))).toThrow("EMSGSIZE");
      socket.endpoint.dontFragment = false;
      // The far host learns of the narrow link by a packet that is lost.
      await far.exec("ping", ["-q", "-c", "1", "-W", "1", "-M", "do", "-s", "1400", POSTEL[family]], {
        mayFail: true,
      });
      for (const size of [1_200, 1_400, 30_000]) {
        socket.send(new Uint8Array(size));
        expect((await socket.receive()).bytes).toHaveLength(size);
      }
      socket.close();
    }),
  );

  rootTest("pings with few hops to live are answered by each router in turn", () =>
    withRouters({ kind }, async kernelHost => {
      expect(await hop(kernelHost, family, 1)).toBe(`time-exceeded ${KERNEL[family]}`);
      expect(await hop(kernelHost, family, 2)).toBe(`time-exceeded ${SECOND[family]}`);
      expect(await hop(kernelHost, family, 3)).toBe(`reply ${FAR[family]}`);
    }),
  );

  const tool = "traceroute";
  const missing = missingTools(tool);
  rootTest(`the far host's ${tool} ends at us${missing === undefined ? "" : ` [skipped: ${missing}]`}`, () =>
    withRouters({ kind }, async (_kernelHost, far) => {
      if (missing !== undefined) return;
      const { stdout } = await far.exec(tool, [
        `-${family}`,
        "-n",
        "-q",
        "1",
        "-w",
        "2",
        "-m",
        "5",
        POSTEL[family],
      ]);
      const hops = stdout
        .split("\n")
        .slice(1, -1)
        .map(line => line.trim().split(/\s+/)[1]);
      const via = family === 4 ? ["10.79.0.1", "10.78.0.1"] : ["fd79::1", "fd78::1"];
      expect(hops).toEqual([...via, POSTEL[family]]);
    }),
  );
});

describe.each(LINKS)("Postel as the kernel's router, over %s, IPv%i", (kind, family) => {
  rootTest("a packet that has no hops left is told of, and one for nowhere too", () =>
    withKernelHost({ kind, net: { forwarding: true } }, async ({ host, interface: { index }, namespace }) => {
      const [somewhere, nowhere] = family === 4 ? ["10.98.0.1", "10.99.0.1"] : ["fd98::1", "fd99::1"];
      const through = { gateway: ip(KERNEL[family]), interfaceIndex: index, metric: 0 };
      const prefixLength = family === 4 ? 32 : 128;
      const unset = { source: undefined, mtu: undefined };
      host.net.routes.add({ destination: ip(somewhere), prefixLength, ...through, ...unset });
      for (const destination of [somewhere, nowhere])
        await route(namespace, destination, "via", POSTEL[family]);
      const ping = async (destination: string, ttl: number): Promise<string> => {
        const args = ["-n", "-c", "1", "-W", "3", "-t", String(ttl), destination];
        return (await namespace.exec("ping", args, { mayFail: true })).stdout;
      };
      const from = (what: string) => new RegExp(`From ${POSTEL[family]}.*${what}`, "i");
      expect(await ping(somewhere, 1)).toMatch(from("Time (to live )?exceeded"));
      expect(await ping(nowhere, 9)).toMatch(from("(Net Unreachable|No route)"));
    }),
  );
});
