/**
 * What real programs and the kernel send, our codecs read as tshark does: every packet of a capture that is
 * made here, between two network namespaces, with each kind of packet that ping, curl and `traffic.py`
 * provoke.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingTools } from "../support/capture-tools.ts";
import { frameFields } from "../support/frame-fields.ts";
import { COMPARED_FIELDS } from "../support/header-fields.ts";
import { type FieldValues, found, framesOf, told, tsharkFields } from "../support/tshark.ts";
import { Namespace, requireRoot } from "./namespace.ts";

const skipped = requireRoot() ?? missingTools("tshark", "tcpdump", "ping", "curl", "tc");
const title = skipped === undefined ? "" : ` [skipped: ${skipped}]`;
const PEER = join(import.meta.dirname, "peers", "traffic.py");

let frames: Uint8Array[] = [];
let seen: FieldValues[] = [];
const namespaces: Namespace[] = [];

/** Two hosts on one wire, `left` and `right`; `right` also routes to a network with a small MTU. */
async function wire(): Promise<{ left: Namespace; right: Namespace }> {
  const [left, right] = [await Namespace.create(), await Namespace.create()];
  namespaces.push(left, right);
  await left.ip("link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", right.name);
  // tcpdump shows what is handed to the device: no partial checksums then, and no super-segments.
  for (const side of [left, right]) await side.exec("python3", [PEER, "offload-off", "wire"]);
  return { left, right };
}

/** Starts tcpdump on the wire, and answers how to end it. */
async function capture(left: Namespace, file: string): Promise<() => Promise<void>> {
  await left.ip("link", "set", "wire", "up");
  const command = `exec tcpdump -i wire -U -w ${file} -Z root --immediate-mode 2>&1`;
  const tcpdump = left.spawn("sh", ["-c", command]);
  await new Promise<void>((resolve, reject) => {
    let said = "";
    tcpdump.stdout.on("data", chunk => {
      said += chunk;
      if (said.includes("listening on")) resolve();
    });
    tcpdump.once("close", () => reject(new Error(`tcpdump ended: ${said}`)));
  });
  return async () => {
    tcpdump.kill("SIGINT");
    await once(tcpdump, "close");
  };
}

async function addresses({ left, right }: { left: Namespace; right: Namespace }): Promise<void> {
  for (const [side, host] of [
    [left, 1],
    [right, 2],
  ] as const) {
    await side.ip("addr", "add", `10.88.0.${host}/24`, "dev", "wire");
    await side.ip("addr", "add", `fd88::${host}/64`, "dev", "wire");
    await side.ip("link", "set", "wire", "up");
  }
  // A queue so short that a web page overflows it: holes for SACK to tell of.
  const queue = [
    "qdisc",
    "add",
    "dev",
    "wire",
    "root",
    "tbf",
    "rate",
    "20mbit",
    "burst",
    "3000",
    "limit",
    "15000",
  ];
  await right.exec("tc", queue);
  await right.ip("link", "add", "small", "type", "veth", "peer", "name", "beyond");
  await right.ip("link", "set", "beyond", "up");
  await right.ip("link", "set", "small", "mtu", "1300", "up");
  await right.ip("addr", "add", "10.99.0.1/24", "dev", "small");
  await right.ip("addr", "add", "fd99::1/64", "dev", "small", "nodad");
  const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
  await right.exec("sh", ["-c", forward]);
  for (const side of [left, right]) {
    await side.exec("sh", ["-c", "echo 3 > /proc/sys/net/ipv4/tcp_fastopen"]);
  }
  for (const network of ["10.99.0.0/16", "fd99::/32"]) {
    const gateway = network.includes(":") ? "fd88::2" : "10.88.0.2";
    await left.ip("route", "add", network, "via", gateway);
  }
}

/** Pings that shall and pings that shall not be answered. */
const PINGS = [
  "-c 2 -i 0.2 10.88.0.2",
  "-c 1 -s 4000 10.88.0.2",
  "-c 1 -R 10.88.0.2",
  "-c 1 -T tsandaddr 10.88.0.2",
  "-c 1 -W 0.1 -t 1 10.99.0.9",
  "-c 1 -W 0.1 10.99.77.9",
  "-c 1 -W 0.1 -M do -s 1372 10.99.0.9",
  "-c 2 -i 0.2 fd88::2",
  "-c 1 -s 4000 fd88::2",
  "-c 1 -W 0.1 -t 1 fd99::9",
  "-c 1 -W 0.1 fd99:0:7::9",
  "-c 1 -W 0.1 -M do -s 1372 fd99::9",
];

async function traffic({ left, right }: { left: Namespace; right: Namespace }): Promise<void> {
  const server = right.spawn("python3", [PEER, "serve"]);
  await once(server.stdout, "data");
  for (const args of PINGS) await left.exec("ping", ["-q", ...args.split(" ")], { mayFail: true });
  for (const host of ["10.88.0.2", "[fd88::2]"]) {
    await left.exec("curl", ["-sS", "-g", "-o", "/dev/null", `http://${host}:8000/`]);
    await left.exec("curl", ["-sS", "-g", "-o", "/dev/null", `http://${host}:8001/`], { mayFail: true });
  }
  await left.exec("python3", [PEER, "talk", "10.88.0.2"]);
  await left.exec("python3", [PEER, "talk", "fd88::2"]);
}

async function makeCapture(file: string): Promise<void> {
  const hosts = await wire();
  const stop = await capture(hosts.left, file);
  await addresses(hosts);
  // Duplicate address detection takes a second.
  await hosts.left.exec("python3", [PEER, "await-address", "fd88::1"]);
  await hosts.right.exec("python3", [PEER, "await-address", "fd88::2"]);
  await traffic(hosts);
  await stop();
}

beforeAll(async () => {
  if (skipped !== undefined) return;
  const directory = mkdtempSync(join(tmpdir(), "postel-wire-"));
  try {
    const file = join(directory, "real.pcap");
    await makeCapture(file);
    frames = framesOf(readFileSync(file));
    seen = tsharkFields(file, COMPARED_FIELDS);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

afterAll(async () => {
  for (const namespace of namespaces) await namespace.close();
});

/** What the capture must hold, or the comparison would prove less than it seems to. */
const KINDS: Array<[string, Record<string, string>]> = [
  ["ARP request", { "arp.opcode": "1" }],
  ["ARP reply", { "arp.opcode": "2" }],
  ["IPv4 fragment", { "ip.flags.mf": "1" }],
  ["IPv4 record route", { "ip.rec_rt": "10.88.0.1" }],
  ["IPv4 timestamps", { "ip.opt.flag": "1" }],
  ["ICMP echo reply", { "icmp.type": "0" }],
  ["ICMP port unreachable", { "icmp.type": "3", "icmp.code": "3" }],
  ["ICMP network unreachable", { "icmp.type": "3", "icmp.code": "0" }],
  ["ICMP fragmentation needed", { "icmp.type": "3", "icmp.code": "4", "icmp.mtu": "1300" }],
  ["ICMP time exceeded", { "icmp.type": "11" }],
  ["IPv6 hop-by-hop router alert", { "ipv6.opt.router_alert": "0" }],
  ["IPv6 fragment", { "ipv6.fraghdr.more": "1" }],
  ["ICMPv6 echo reply", { "icmpv6.type": "129" }],
  ["ICMPv6 no route", { "icmpv6.type": "1", "icmpv6.code": "0" }],
  ["ICMPv6 port unreachable", { "icmpv6.type": "1", "icmpv6.code": "4" }],
  ["ICMPv6 packet too big", { "icmpv6.type": "2", "icmpv6.mtu": "1300" }],
  ["ICMPv6 time exceeded", { "icmpv6.type": "3" }],
  ["router solicitation", { "icmpv6.type": "133" }],
  ["duplicate address detection", { "icmpv6.nd.ns.target_address": "fd88::1", "ipv6.src": "::" }],
  ["neighbor advertisement", { "icmpv6.type": "136", "icmpv6.nd.na.flag.s": "1" }],
  ["UDP over IPv4", { "udp.checksum.status": "1", "ip.proto": "17" }],
  ["UDP without a checksum", { "udp.checksum.status": "3" }],
  ["UDP over IPv6", { "udp.checksum.status": "1", "ipv6.nxt": "17" }],
  ["TCP SYN over IPv4", { "tcp.flags": "2", "tcp.options.sack_perm": "present", "ip.proto": "6" }],
  ["TCP SYN over IPv6", { "tcp.flags": "2", "tcp.options.sack_perm": "present", "ipv6.nxt": "6" }],
  ["TCP reset", { "tcp.flags": "20" }],
  ["TCP urgent data", { "tcp.flags": "56", "tcp.urgent_pointer": "1" }],
  ["TCP SACK block", { "tcp.flags": "16", "tcp.options.sack_le": "*" }],
  ["TCP fast open request", { "tcp.options.tfo.request": "present" }],
  ["TCP fast open cookie", { "tcp.options.tfo.cookie": "*", "tcp.flags": "2" }],
  ["TCP MD5 signature", { "tcp.options.md5.digest": "*" }],
];

describe.skipIf(skipped !== undefined)(`the capture holds${title}`, () => {
  test.each(KINDS)("%s", (_name, fields) => {
    const isSuch = (values: Record<string, readonly string[]>): boolean =>
      Object.entries(fields).every(([name, value]) =>
        value === "*" ? values[name] !== undefined : values[name]?.[0] === value,
      );
    expect(seen.some(values => isSuch(found(values)))).toBe(true);
  });
});

test.skipIf(skipped !== undefined)(`every packet is read as tshark reads it, checksums too${title}`, () => {
  expect(seen.length).toBe(frames.length);
  const differences = frames.flatMap((frame, i) => {
    const ours = told(frameFields(frame));
    const theirs = found(seen[i]);
    return COMPARED_FIELDS.filter(name => `${ours[name]}` !== `${theirs[name]}`).map(
      name => `frame ${i + 1}, ${name}: ${ours[name]}, but tshark ${theirs[name]}`,
    );
  });
  expect(differences.slice(0, 20)).toEqual([]);
});
