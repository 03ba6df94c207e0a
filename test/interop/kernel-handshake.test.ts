/**
 * The handshake's defences and options against the kernel: signatures both ways (RFC 2385), a flood of SYNs
 * with strangers' addresses while the kernel connects (RFC 4987), and listeners that share a port.
 */
import { describe, expect } from "vitest";
import { listenTcp, type TcpListener } from "../../src/socket/tcp-listener.ts";
import { Signatures } from "../../src/tcp/md5-signatures.ts";
import { ip } from "../../src/wire/address.ts";
import { connect } from "./kernel-connection.ts";
import { FAMILIES, KERNEL, type KernelHost, POSTEL, sleep, withKernelHost } from "./kernel-host.ts";
import { rootTest } from "./root-test.ts";

/** A socket of the kernel's, with a key for its peer if one is given. */
const SOCKET = `
import socket, struct, sys
def signed(family, peer, key):
    s = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6)
    s.settimeout(2)
    if key:
        address = socket.inet_pton(s.family, peer)
        name = struct.pack('=HH', s.family, 0) + (address if family == 4 else bytes(4) + address)
        s.setsockopt(6, 14, name.ljust(128, b'\\0') + struct.pack('=BBHi', 0, 0, len(key), 0) + key.ljust(80, b'\\0'))
    return s
`;

async function python(
  kernelHost: KernelHost,
  program: string,
  ...args: Array<string | number>
): Promise<string> {
  const { stdout } = await kernelHost.namespace.exec("python3", [
    "-c",
    SOCKET + program,
    ...args.map(String),
  ]);
  return stdout.trim();
}

function keys(address: string, key: string): Signatures {
  const signatures = new Signatures();
  signatures.set(ip(address), ip(address).family === 4 ? 32 : 128, new TextEncoder().encode(key));
  return signatures;
}

/** Sends back what comes. */
async function echo(listener: TcpListener): Promise<void> {
  for await (const stream of listener) void stream.readable.pipeTo(stream.writable).catch(() => {});
}

const CLIENT = `
s = signed(int(sys.argv[1]), sys.argv[2], sys.argv[4].encode())
try:
    s.connect((sys.argv[2], int(sys.argv[3])))
    s.sendall(b'x' * 100000)
    s.shutdown(socket.SHUT_WR)
    got = 0
    while True:
        piece = s.recv(65536)
        if not piece: break
        got += len(piece)
    print(got)
except socket.timeout:
    print('timeout')
`;

const SERVER = `
l = signed(int(sys.argv[1]), sys.argv[2], sys.argv[4].encode())
l.bind((sys.argv[5], int(sys.argv[3])))
l.listen()
c, _ = l.accept()
got = 0
while True:
    piece = c.recv(65536)
    if not piece: break
    got += len(piece)
print(got)
`;

describe.each(FAMILIES)("MD5 signatures over IPv%i", family => {
  rootTest(
    "the kernel connects with the key, and is not heard without it or with another",
    () =>
      withKernelHost({}, async kernelHost => {
        const { host } = kernelHost;
        const config = { signatures: keys(KERNEL[family], "secret") };
        const listener = listenTcp(host, { port: 7_000, config });
        void echo(listener);
        const attempt = (key: string) => python(kernelHost, CLIENT, family, POSTEL[family], 7_000, key);
        expect(await attempt("secret")).toBe("100000");
        expect(await attempt("Secret")).toBe("timeout");
        expect(await attempt("")).toBe("timeout");
        expect(host.tcpCounters.md5Wrong).toBeGreaterThan(0);
        expect(host.tcpCounters.md5Missing).toBeGreaterThan(0);
        listener.close();
      }),
    30_000,
  );

  rootTest(
    "Postel connects to the kernel with the key",
    () =>
      withKernelHost({}, async kernelHost => {
        const serving = python(kernelHost, SERVER, family, POSTEL[family], 7_001, "secret", KERNEL[family]);
        await sleep(500);
        const config = { signatures: keys(KERNEL[family], "secret") };
        const stream = connect(kernelHost, family, 7_001, { config });
        await stream.opened;
        const writer = stream.writable.getWriter();
        await writer.write(new Uint8Array(50_000));
        await writer.close();
        expect(await serving).toBe("50000");
        // Headers, and 20 bytes of each segment for the signature.
        expect(stream.info().sendMss).toBe(1_500 - (family === 4 ? 40 : 60) - 20);
      }),
    30_000,
  );
});

/** SYNs from addresses of 10.78.0.0/16, through a raw socket; answered to nobody. */
const FLOOD = `
import os
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def sum16(b):
    t = sum(struct.unpack('!%dH' % (len(b) // 2), b))
    while t >> 16: t = (t & 65535) + (t >> 16)
    return ~t & 65535
target = socket.inet_aton(sys.argv[1])
for i in range(int(sys.argv[3])):
    source = bytes([10, 78, i >> 8 & 255, i & 255])
    seq = int.from_bytes(os.urandom(4), 'big')
    tcp = struct.pack('!HHIIBBHHH', 1024 + i % 60000, int(sys.argv[2]), seq, 0, 80, 2, 65535, 0, 0)
    pseudo = source + target + struct.pack('!BBH', 0, 6, 20)
    tcp = tcp[:16] + struct.pack('!H', sum16(pseudo + tcp)) + tcp[18:]
    head = struct.pack('!BBHHHBBH4s4s', 69, 0, 40, 0, 0, 64, 6, 0, source, target)
    raw.sendto(head + tcp, (sys.argv[1], 0))
print('sent')
`;

describe("a flood of SYNs from strangers", () => {
  rootTest(
    "the kernel's clients connect meanwhile, and the half-open queue keeps its limit",
    () =>
      withKernelHost({}, async kernelHost => {
        const { host } = kernelHost;
        host.addDefaultRoute(ip(KERNEL[4]), kernelHost.interface.index);
        const listener = listenTcp(host, { port: 7_002, backlog: 16 });
        void echo(listener);
        const flooding = python(kernelHost, FLOOD, POSTEL[4], 7_002, 20_000);
        await sleep(300);
        for (let i = 0; i < 5; i++) {
          expect(await python(kernelHost, CLIENT, 4, POSTEL[4], 7_002, "")).toBe("100000");
        }
        expect(await flooding).toBe("sent");
        expect([...host.tcp.halfOpen()].length).toBeLessThanOrEqual(17);
        expect(host.tcpCounters.synCookiesSent).toBeGreaterThan(1_000);
        listener.close();
      }),
    60_000,
  );
});

describe("several listeners on one port (SO_REUSEPORT)", () => {
  rootTest(
    "the kernel's connections are spread over them",
    () =>
      withKernelHost({}, async kernelHost => {
        const listeners = [0, 1, 2].map(() => listenTcp(kernelHost.host, { port: 7_003, reusePort: true }));
        const counts = [0, 0, 0];
        listeners.forEach(async (listener, i) => {
          for await (const stream of listener) {
            counts[i] = (counts[i] ?? 0) + 1;
            void stream.closed.catch(() => {});
          }
        });
        await python(
          kernelHost,
          "import time\nall = [socket.create_connection((sys.argv[1], 7003)) for _ in range(60)]\ntime.sleep(.3)",
          POSTEL[4],
        );
        expect(counts.reduce((sum, count) => sum + count)).toBe(60);
        for (const count of counts) expect(count).toBeGreaterThan(5);
        for (const listener of listeners) listener.close();
      }),
    30_000,
  );
});
