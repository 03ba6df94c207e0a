/**
 * A listener under a SYN flood through a TUN device, while a client of the kernel's fetches pages: RFC 4987.
 * The flood is bounded, in a namespace without a way out; how it looks at 200,000 a second the bench tells.
 */
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { Host } from "../../src/host/host.ts";
import { Driver } from "../../src/node/driver.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { CryptoRandom } from "../../src/node/random.ts";
import { openTun, type TunDevice } from "../../src/node/tun.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { ip } from "../../src/wire/address.ts";
import { type Namespace, withNamespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

const FLOOD = fileURLToPath(new URL("peers/syn-flood.py", import.meta.url));
const DEVICE = "postel0";
const PORT = 80;
const BACKLOG = 64;
const PER_SECOND = 15_000;
const SECONDS = 4;
const PAGES = 200;
const PAGE = new Uint8Array(4_000);
const REQUEST_SIZE = 64;
/** Bytes: a record of 100 bytes for each of the strangers would be six million. */
const LITTLE = 3_000_000;

const CLIENT = `
import socket, sys
arrived = 0
for page in range(int(sys.argv[3])):
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
    s.sendall(bytes(${REQUEST_SIZE}))
    got = 0
    while piece := s.recv(65536): got += len(piece)
    s.close()
    if got == ${PAGE.length}: arrived += 1
print(arrived)
`;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A page for each request, then the end. */
function servePages(host: Host): void {
  const request = new Uint8Array(REQUEST_SIZE);
  const answer = (connection: TcpConnection): void => {
    if (connection.readable < REQUEST_SIZE || connection.sendClosed) return;
    connection.receive(request);
    connection.send(PAGE);
    connection.close();
  };
  const observer = {
    connectionEvent(connection: TcpConnection, events: number): void {
      if ((events & CONNECTION_EVENT.readable) !== 0) answer(connection);
    },
  };
  host.tcp.listen({ port: PORT, backlog: BACKLOG }).observer = {
    acceptable(listener) {
      for (let connection = listener.accept(); connection; connection = listener.accept()) {
        connection.observe(observer);
        answer(connection);
      }
    },
  };
}

/** Runs a body with a host at 10.77.0.2, whose gateway 10.77.0.1 is the namespace's kernel. */
function withServer(body: (host: Host, namespace: Namespace) => Promise<void>): Promise<void> {
  return withNamespace(async namespace => {
    const driver = new Driver();
    const device: TunDevice = openTun({
      kind: "tun",
      name: DEVICE,
      netns: namespace.name,
      scheduler: driver,
    });
    try {
      const host = new Host({ clock: driver, random: new CryptoRandom(), scheduler: driver });
      host.attach(device, {
        addresses: [{ address: ip("10.77.0.2"), prefixLength: 24 }],
        gateways: [ip("10.77.0.1")],
        duplicateDetection: false,
      });
      driver.add(host);
      await configureKernelSide(DEVICE, { addresses: ["10.77.0.1/24"], up: true, netns: namespace.name });
      servePages(host);
      await body(host, namespace);
    } finally {
      device.close();
      driver.close();
    }
  });
}

rootTest(
  "every page arrives while strangers send SYNs, and nothing of them is kept",
  () =>
    withServer(async (host, namespace) => {
      const fetchPages = async (count: number): Promise<number> => {
        const args = ["-c", CLIENT, "10.77.0.2", String(PORT), String(count)];
        return Number((await namespace.exec("python3", args, { timeout: 100_000 })).stdout);
      };
      expect(await fetchPages(20)).toBe(20);
      const before = heap();
      const args = [FLOOD, DEVICE, "10.77.0.2", PORT, PER_SECOND, SECONDS].map(String);
      const flood = namespace.exec("python3", args, { timeout: 100_000 });
      expect(await fetchPages(PAGES)).toBe(PAGES);
      expect((await flood).stdout).toContain(String(PER_SECOND * SECONDS));
      expect(heap() - before).toBeLessThan(LITTLE);
      expect(host.tcpCounters.synCookiesSent).toBeGreaterThan((PER_SECOND * SECONDS) / 10);
      expect([...host.tcp.halfOpen()].length).toBeLessThanOrEqual(BACKLOG + 1);
    }),
  120_000,
);
