/** The peers themselves, kernel against kernel in one namespace: what they report is what happened. */
import { connect } from "node:net";
import { expect } from "vitest";
import { type Namespace, withNamespace } from "./namespace.ts";
import { type ListeningReport, Peer, type TcpPeerOptions, tcpPeer, udpEchoPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

type Side = Partial<TcpPeerOptions>;

/** Runs a listener and a connector, and answers the reports of both. */
async function meeting(ns: Namespace, listener: Side, connector: Side, connections = 1) {
  const host = "127.0.0.1";
  const server = tcpPeer(ns, { role: "listen", host, port: 0, connections, ...listener });
  const { port } = await server.next<ListeningReport>();
  const client = tcpPeer(ns, { role: "connect", host, port, connections, ...connector });
  return Promise.all([server.reports(connections), client.reports(connections)]);
}

rootTest("bytes of a seed go each way, and both ends agree on their hash", () =>
  withNamespace(async ns => {
    const [[server], [client]] = await meeting(
      ns,
      { send: 3_000_000, seed: 5 },
      { send: 1_000_001, seed: 6, ending: "after-eof" },
    );
    expect(server).toMatchObject({ sent: 3_000_000, received: 1_000_001, ended: "fin" });
    expect(client).toMatchObject({ sent: 1_000_001, received: 3_000_000, ended: "fin" });
    expect(server?.sentSha256).toBe(client?.receivedSha256);
    expect(client?.sentSha256).toBe(server?.receivedSha256);
    expect(server?.sentSha256).not.toBe(client?.sentSha256);
  }),
);

rootTest("a half-close: an answer that is sent only after the other's end", () =>
  withNamespace(async ns => {
    const [[server], [client]] = await meeting(
      ns,
      { send: 70_000, afterEof: true },
      { send: 50_000, ending: "shutdown" },
    );
    expect(server).toMatchObject({ received: 50_000, sent: 70_000, ended: "fin" });
    expect(client).toMatchObject({ received: 70_000, sent: 50_000, ended: "fin" });
  }),
);

rootTest("a reset is ECONNRESET at the other end, and a close is not", () =>
  withNamespace(async ns => {
    const [[reset]] = await meeting(ns, {}, { send: 1_000, ending: "reset" });
    expect(reset?.ended).toBe("ECONNRESET");
    const [[closed]] = await meeting(ns, {}, { send: 1_000, ending: "close" });
    expect(closed).toMatchObject({ received: 1_000, ended: "fin" });
  }),
);

rootTest("a refused connection is reported", () =>
  withNamespace(async ns => {
    const client = tcpPeer(ns, { role: "connect", host: "127.0.0.1", port: 9 });
    expect(await client.reports(1)).toMatchObject([{ ended: "ECONNREFUSED" }]);
  }),
);

rootTest("100 connections at once, each with bytes of its own", () =>
  withNamespace(async ns => {
    const [servers, clients] = await meeting(
      ns,
      { ending: "after-eof" },
      { send: 10_000, ending: "shutdown" },
      100,
    );
    expect(servers.every(report => report.received === 10_000 && report.ended === "fin")).toBe(true);
    const sent = new Set(clients.map(report => report.sentSha256));
    expect(new Set(servers.map(report => report.receivedSha256))).toEqual(sent);
    expect(sent.size).toBe(100);
  }),
);

rootTest("datagrams come back", () =>
  withNamespace(async ns => {
    const echo = udpEchoPeer(ns, "::1", 0);
    const { port } = await echo.next<ListeningReport>();
    const script =
      "import socket,sys; s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); s.settimeout(5); " +
      "s.sendto(b'x'*9000,('::1',int(sys.argv[1]))); print(len(s.recv(65535)))";
    expect((await ns.exec("python3", ["-c", script, String(port)])).stdout).toBe("9000\n");
    echo.kill();
  }),
);

rootTest("a namespace is a network of its own, with Reno, and a failing command says why", () =>
  withNamespace(async ns => {
    const server = tcpPeer(ns, { role: "listen", host: "127.0.0.1", port: 4_242 });
    await server.next<ListeningReport>();
    const outside = connect({ host: "127.0.0.1", port: 4_242 });
    await expect(
      new Promise((resolve, reject) => outside.once("connect", resolve).once("error", reject)),
    ).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const { stdout } = await ns.exec("cat", ["/proc/sys/net/ipv4/tcp_congestion_control"]);
    expect(stdout).toBe("reno\n");
    expect((await ns.exec("wc", ["-c"], { input: "four" })).stdout.trim()).toBe("4");
    await expect(ns.exec("sh", ["-c", "echo why >&2; exit 3"])).rejects.toThrow(/exited with 3: why/);
    expect((await ns.exec("sh", ["-c", "exit 3"], { mayFail: true })).code).toBe(3);
    await expect(ns.exec("sleep", ["60"], { timeout: 50 })).rejects.toThrow(/was ended by SIGTERM/);
  }),
);

rootTest("a peer outside of a namespace refuses to run", async () => {
  const { spawn } = await import("node:child_process");
  const path = new URL("peers/udp-echo.py", import.meta.url).pathname;
  const child = spawn("python3", ["-B", path, "--host=127.0.0.1", "--port=0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await expect(new Peer(child as never).next()).rejects.toThrow("the peer ended");
});
