/**
 * A small internet of Postel hosts in real time, for which nobody needs root:
 *
 *   us ──LAN── router1 ──WAN── router2 ──LAN── target
 *
 * The target serves the web site on port 80 and echoes on port 7, by TCP and UDP.
 */

import { type Duration, milliseconds } from "../../base/time.ts";
import type { Host } from "../../host/host.ts";
import { impair } from "../../link/impair.ts";
import { createPair } from "../../link/pair.ts";
import { Driver } from "../../node/driver.ts";
import { CryptoRandom } from "../../node/random.ts";
import { listenTcp } from "../../socket/tcp-listener.ts";
import { openUdp } from "../../socket/udp-socket.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { type IpAddress, type IpFamily, ip } from "../../wire/address.ts";
import { Failure } from "../failure.ts";
import { OUR_ADDRESSES, PEER_ADDRESSES, PEER_V4, PEER_V6 } from "../network-plan.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { Site } from "../site/site.ts";
import {
  type CommandLink,
  type Decorate,
  endLink,
  literal,
  newHost,
  type ResolvedName,
} from "./command-link.ts";

/** RFC 5737 and RFC 3849: addresses for documentation. */
const WAN: readonly [Ends, Ends] = [
  ends("198.51.100.1/24", "2001:db8:1::1/64"),
  ends("198.51.100.2/24", "2001:db8:1::2/64"),
];
const FAR_LAN: readonly [Ends, Ends] = [
  ends("203.0.113.1/24", "2001:db8:2::1/64"),
  ends("203.0.113.10/24", "2001:db8:2::10/64"),
];
const NEAR_DELAY = milliseconds(0.4);
const WAN_DELAY = milliseconds(6);
const FAR_DELAY = milliseconds(1);
const HTTP_PORT = 80;
const ECHO_PORT = 7;

const NAMES: Readonly<Record<string, Record<IpFamily, IpAddress>>> = {
  router1: { 4: PEER_V4, 6: PEER_V6 },
  router2: WAN[1].byFamily,
  target: FAR_LAN[1].byFamily,
};

interface Ends {
  readonly assignments: readonly AddressWithPrefix[];
  readonly byFamily: Record<IpFamily, IpAddress>;
}

function ends(v4: string, v6: string): Ends {
  const assignments = [v4, v6].map(text => {
    const [address = "", prefixLength] = text.split("/");
    return { address: ip(address), prefixLength: Number(prefixLength) };
  });
  const [first, second] = assignments as [AddressWithPrefix, AddressWithPrefix];
  return { assignments, byFamily: { 4: first.address, 6: second.address } };
}

export function openSimLink(
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
  driver: Driver = new Driver(),
): CommandLink {
  const host = newHost(driver, "us", tcp);
  const router1 = newHost(driver, "router1", {}, { forwarding: true });
  const router2 = newHost(driver, "router2", {}, { forwarding: true });
  const target = newHost(driver, "target", tcp);
  join(
    driver,
    { host, addresses: OUR_ADDRESSES, gateways: [PEER_V4, PEER_V6], decorate },
    { host: router1, addresses: PEER_ADDRESSES },
    NEAR_DELAY,
  );
  join(
    driver,
    { host: router1, addresses: WAN[0].assignments, gateways: addressesOf(WAN[1]) },
    { host: router2, addresses: WAN[1].assignments },
    WAN_DELAY,
  );
  for (const near of OUR_ADDRESSES) addRoute(router2, near, WAN[0].byFamily[near.address.family]);
  join(
    driver,
    { host: router2, addresses: FAR_LAN[0].assignments },
    { host: target, addresses: FAR_LAN[1].assignments, gateways: addressesOf(FAR_LAN[0]) },
    FAR_DELAY,
  );
  serve(target);
  return {
    driver,
    host,
    hosts: [host, router1, router2, target],
    isIsland: true,
    resolve: async (name, family) => resolveInside(name, family),
    end: hurry => endLink({ driver, host, hosts: [host] }, hurry),
  };
}

interface Attachment {
  readonly host: Host;
  readonly addresses: readonly AddressWithPrefix[];
  readonly gateways?: readonly IpAddress[];
  readonly decorate?: Decorate;
}

/** Puts a wire between two hosts. */
function join(driver: Driver, a: Attachment, b: Attachment, delay: Duration): void {
  const names = [`${a.host.name}-${b.host.name}`, `${b.host.name}-${a.host.name}`] as const;
  const [deviceA, deviceB] = createPair(driver, { names });
  const random = new CryptoRandom();
  const far = impair(deviceB, { scheduler: driver, random, transmit: { delay }, receive: { delay } });
  const near = a.decorate?.(deviceA, driver) ?? deviceA;
  const duplicateDetection = false;
  a.host.attach(near, { addresses: a.addresses, gateways: a.gateways, duplicateDetection });
  b.host.attach(far, { addresses: b.addresses, gateways: b.gateways, duplicateDetection });
}

/** On the interface that was attached last. */
function addRoute(router: Host, to: AddressWithPrefix, gateway: IpAddress): void {
  const interfaceIndex = router.net.interfaces().at(-1)?.index ?? 0;
  const { address: destination, prefixLength } = to;
  router.net.routes.add({
    destination,
    prefixLength,
    gateway,
    interfaceIndex,
    metric: 0,
    source: undefined,
    mtu: undefined,
  });
}

function addressesOf({ byFamily }: Ends): IpAddress[] {
  return [byFamily[4], byFamily[6]];
}

function serve(target: Host): void {
  new Site(target).listen(HTTP_PORT);
  void echoStreams(target);
  void echoDatagrams(target);
}

async function echoStreams(target: Host): Promise<void> {
  for await (const stream of listenTcp(target, { port: ECHO_PORT })) {
    stream.readable.pipeTo(stream.writable).catch(() => stream.abort());
  }
}

async function echoDatagrams(target: Host): Promise<void> {
  const socket = openUdp(target, { port: ECHO_PORT });
  for await (const { bytes, source, sourcePort } of socket) {
    try {
      socket.send(bytes, { address: source, port: sourcePort });
    } catch {
      // Whoever cannot be answered is not.
    }
  }
}

function resolveInside(name: string, family: IpFamily | undefined): ResolvedName {
  const found = literal(name, family);
  if (found !== undefined) return found;
  const addresses = NAMES[name];
  if (addresses === undefined) {
    throw new Failure(
      `The simulated internet has no ${name}: its hosts are ${Object.keys(NAMES).join(", ")}.`,
    );
  }
  return { addresses: [addresses[family ?? 4]], by: "the simulated internet" };
}
