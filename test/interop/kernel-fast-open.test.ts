/**
 * Fast Open with the kernel, both ways (RFC 7413): the first connection gets a cookie, the second one's SYN
 * carries the request, and both sides' TCP_INFO say so.
 */
import { describe, expect } from "vitest";
import { listenTcp } from "../../src/socket/tcp-listener.ts";
import { connectTcp } from "../../src/socket/tcp-stream.ts";
import { FAST_OPEN } from "../../src/tcp/handshake/fast-open/modes.ts";
import { ip } from "../../src/wire/address.ts";
import { FAMILIES, KERNEL, type KernelHost, POSTEL, withKernelHost } from "./kernel-host.ts";
import { Peer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

const PORT = 7_413;
const BOTH = FAST_OPEN.client | FAST_OPEN.server;
const options = { tcp: { fastOpen: BOTH }, sysctl: { "net.ipv4.tcp_fastopen": BOTH } };

const PRELUDE = `
import json, socket, sys
TCP_FASTOPEN, MSG_FASTOPEN, SYN_DATA = 23, 0x20000000, 32
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
address = (sys.argv[1], int(sys.argv[2]))

def read_to_end(s):
    return b"".join(iter(lambda: s.recv(4096), b"")).decode()

def went_with_the_syn(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5] & SYN_DATA != 0
`;

const CLIENT = `${PRELUDE}
for request in ("first", "second"):
    with socket.socket(family) as s:
        s.sendto(request.encode(), MSG_FASTOPEN, address)
        s.shutdown(socket.SHUT_WR)
        print(json.dumps([read_to_end(s), went_with_the_syn(s)]))
`;

const SERVER = `${PRELUDE}
listener = socket.socket(family)
listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
listener.bind(address)
listener.listen(8)
print(json.dumps("listening"))
for _ in range(2):
    s, _ = listener.accept()
    request = read_to_end(s)
    print(json.dumps([request, went_with_the_syn(s)]))
    s.sendall(request.encode())
    s.close()
`;

function runs({ namespace }: KernelHost, program: string, host: string): Peer {
  return new Peer(namespace.spawn("python3", ["-B", "-u", "-c", program, host, String(PORT)]));
}

const ANSWERS = [
  ["first", false],
  ["second", true],
];

describe.each(FAMILIES)("Fast Open with the kernel, IPv%i", family => {
  rootTest("the kernel's client and our server", () =>
    withKernelHost(options, async kernelHost => {
      const { host } = kernelHost;
      const listener = listenTcp(host, { port: PORT, fastOpen: 8 });
      const serving = (async () => {
        for await (const { readable, writable } of listener) await readable.pipeTo(writable);
      })();
      const client = runs(kernelHost, CLIENT, POSTEL[family]);
      expect([await client.next(), await client.next()]).toEqual(ANSWERS);
      expect(host.tcpCounters).toMatchObject({ fastOpenCookieRequests: 1, fastOpenPassives: 1 });
      listener.close();
      await serving;
    }),
  );

  rootTest("our client and the kernel's server", () =>
    withKernelHost(options, async kernelHost => {
      const { host } = kernelHost;
      const server = runs(kernelHost, SERVER, KERNEL[family]);
      expect(await server.next()).toBe("listening");
      for (const answer of ANSWERS) {
        const fastOpen = new TextEncoder().encode(String(answer[0]));
        const stream = connectTcp(host, { remote: ip(KERNEL[family]), remotePort: PORT, fastOpen });
        await stream.writable.close();
        expect(await new Response(stream.readable).text()).toBe(answer[0]);
        expect(await server.next()).toEqual(answer);
      }
      expect(host.tcpCounters).toMatchObject({ fastOpenActives: 1, fastOpenActiveFails: 0 });
    }),
  );
});
