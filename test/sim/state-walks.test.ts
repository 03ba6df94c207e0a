/**
 * Every edge of the state diagram is walked, at one end of a connection or the other, and every walk is
 * checked against the table of `tcp/states.ts`: each step must be in it (the recorder fails otherwise), and
 * all of it must be walked.
 */
import { afterAll, expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_A, ADDRESS_B } from "../../src/sim/sim-host.ts";
import { EDGES } from "../../src/tcp/states.ts";
import { isFin, isRst, isSyn, isSynAck, ONE_WAY, PORT, TcpWorld, text } from "./tcp-world.ts";

const walked = new Set<string>();

function walk(
  name: string,
  body: (w: TcpWorld) => void,
  options?: ConstructorParameters<typeof TcpWorld>[0],
): void {
  test(name, () => {
    const w = new TcpWorld(options);
    body(w);
    for (const edge of [...w.recordA.edges, ...w.recordB.edges]) walked.add(edge);
  });
}

const LONG = seconds(2_000);

walk("open, close from the client: the way round the diagram", w => {
  const { client, server, listener } = w.established();
  client.close();
  w.run(seconds(1));
  expect([client.state, server.state]).toEqual(["FIN-WAIT-2", "CLOSE-WAIT"]);
  server.close();
  w.run(seconds(1));
  expect(w.recordA.walk).toEqual([
    "CLOSED",
    "SYN-SENT",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
  ]);
  w.hosts.b.tcp.closeListener(listener);
  w.run(seconds(61));
  expect(w.recordA.walk.at(-1)).toBe("CLOSED");
  expect(w.recordB.edges).toEqual([
    "CLOSED → LISTEN",
    "LISTEN → SYN-RECEIVED",
    "SYN-RECEIVED → ESTABLISHED",
    "ESTABLISHED → CLOSE-WAIT",
    "CLOSE-WAIT → LAST-ACK",
    "LAST-ACK → CLOSED",
    "LISTEN → CLOSED",
  ]);
});

walk("simultaneous open (figure 7)", w => {
  const { a, b } = w.hosts;
  const one = a.tcp.connect({ remote: ADDRESS_B, remotePort: 2_000, localPort: 1_000 });
  const two = b.tcp.connect({ remote: ADDRESS_A, remotePort: 1_000, localPort: 2_000 });
  w.run(seconds(1));
  expect([one.state, two.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  const through = ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"];
  expect([w.recordA.walk, w.recordB.walk]).toEqual([through, through]);
  one.send(text("both"));
  w.run(seconds(1));
  expect(two.readable).toBe(4);
});

walk("simultaneous close (figure 13)", w => {
  const { client, server } = w.established();
  client.close();
  server.close();
  w.run(seconds(1));
  expect(w.recordA.walk.slice(-3)).toEqual(["FIN-WAIT-1", "CLOSING", "TIME-WAIT"]);
  expect(w.recordB.walk.slice(-3)).toEqual(["FIN-WAIT-1", "CLOSING", "TIME-WAIT"]);
  w.run(seconds(61));
  expect([w.recordA.walk.at(-1), w.recordB.walk.at(-1)]).toEqual(["CLOSED", "CLOSED"]);
});

walk("close in SYN-SENT", w => {
  w.hosts.link.cut();
  w.connect().close();
  w.run(seconds(1));
  expect(w.recordA.walk).toEqual(["CLOSED", "SYN-SENT", "CLOSED"]);
});

walk("close in SYN-RECEIVED after a simultaneous open: FIN goes out behind the SYN", w => {
  const { a, b } = w.hosts;
  const one = a.tcp.connect({ remote: ADDRESS_B, remotePort: 2_000, localPort: 1_000 });
  const two = b.tcp.connect({ remote: ADDRESS_A, remotePort: 1_000, localPort: 2_000 });
  w.world.runUntil(() => one.state === "SYN-RECEIVED", seconds(1));
  one.close();
  expect(one.state).toBe("FIN-WAIT-1");
  w.run(seconds(1));
  expect(two.state).toBe("CLOSE-WAIT");
  two.close();
  w.run(seconds(1));
  expect(w.recordA.walk.at(-1)).toBe("TIME-WAIT");
});

walk("RST in SYN-RECEIVED after an active open ends it", w => {
  const { a, b } = w.hosts;
  const one = a.tcp.connect({ remote: ADDRESS_B, remotePort: 2_000, localPort: 1_000 });
  const two = b.tcp.connect({ remote: ADDRESS_A, remotePort: 1_000, localPort: 2_000 });
  w.world.runUntil(() => two.state === "SYN-RECEIVED" && one.state === "SYN-RECEIVED", seconds(1));
  two.abort();
  w.run(seconds(1));
  expect(one.error).toBe("ECONNREFUSED");
  expect(w.recordA.walk.slice(-2)).toEqual(["SYN-RECEIVED", "CLOSED"]);
});

walk("RST in SYN-RECEIVED after a passive open goes back to LISTEN", w => {
  w.listen();
  const client = w.connect();
  w.world.runUntil(() => [...w.hosts.b.tcp.halfOpen()].length === 1, seconds(1));
  // Whoever gives up in SYN-SENT has nothing to reset; but the SYN-ACK then finds no connection.
  client.abort();
  w.run(seconds(1));
  expect(w.recordB.edges.slice(-2)).toEqual(["LISTEN → SYN-RECEIVED", "SYN-RECEIVED → LISTEN"]);
});

walk("an active open of a listening socket", w => {
  const { a } = w.hosts;
  w.listen();
  const listener = a.tcp.listen({ port: 7_000, address: ADDRESS_A });
  const connection = a.tcp.connectListener(listener, ADDRESS_B, PORT);
  w.run(seconds(1));
  expect(connection.state).toBe("ESTABLISHED");
  expect(connection.localPort).toBe(7_000);
  expect(w.recordA.walk).toEqual(["CLOSED", "LISTEN", "SYN-SENT", "ESTABLISHED"]);
});

walk("refused: RST in SYN-SENT", w => {
  const client = w.connect();
  w.run(seconds(1));
  expect(client.error).toBe("ECONNREFUSED");
  expect(w.recordA.walk).toEqual(["CLOSED", "SYN-SENT", "CLOSED"]);
});

for (const state of [
  "ESTABLISHED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
] as const) {
  walk(`abort in ${state}`, w => {
    const { client, server } = w.established();
    const { link } = w.hosts;
    if (state === "FIN-WAIT-1" || state === "CLOSING") link.aToB.gate.drop(1, isFin);
    if (state === "CLOSING") link.bToA.gate.delay(milliseconds(1), 1, isFin);
    if (state !== "ESTABLISHED" && state !== "CLOSE-WAIT" && state !== "LAST-ACK") client.close();
    if (state === "CLOSE-WAIT" || state === "LAST-ACK" || state === "CLOSING") server.close();
    w.run(milliseconds(60));
    if (state === "LAST-ACK") {
      link.aToB.gate.drop(1, isFin);
      client.close();
    }
    expect(client.state).toBe(state);
    client.abort();
    expect(client.state).toBe("CLOSED");
    w.run(seconds(1));
    expect(w.recordA.walk.at(-2)).toBe(state);
    // §3.10.5: once both FINs are under way there is nothing left to reset.
    expect(server.state).toBe(state === "CLOSING" ? "FIN-WAIT-2" : "CLOSED");
  });
}

walk("a new connection from the same port ends TIME-WAIT (RFC 6191)", w => {
  const { client, server, listener } = w.established();
  server.close();
  w.run(seconds(1));
  client.close();
  w.run(seconds(1));
  expect([...w.hosts.b.tcp.timeWaits()].length).toBe(1);
  const again = w.connect();
  const accepted = w.accepted(listener);
  again.send(text("anew"));
  w.run(seconds(1));
  expect(accepted.readable).toBe(4);
  expect(w.recordB.edges).toContain("TIME-WAIT → SYN-RECEIVED");
});

walk("the user has gone and the peer never closes: FIN-WAIT-2 ends after its timeout", w => {
  const { client } = w.established();
  client.release();
  w.run(seconds(59));
  expect(client.state).toBe("FIN-WAIT-2");
  w.run(seconds(2));
  expect(client.state).toBe("CLOSED");
});

walk("the peer vanishes: every state ends by itself", w => {
  const { client, server } = w.established();
  server.send(text("?"));
  w.run(seconds(1));
  w.hosts.link.cut();
  client.close();
  server.send(text("anyone there?"));
  w.run(LONG);
  expect([client.state, server.state]).toEqual(["CLOSED", "CLOSED"]);
  expect([client.error, server.error]).toEqual(["ETIMEDOUT", "ETIMEDOUT"]);
});

walk("half-open connections end too: five repetitions of the SYN-ACK, then LISTEN", w => {
  w.listen();
  const client = w.connect();
  w.world.runUntil(() => [...w.hosts.b.tcp.halfOpen()].length === 1, seconds(1));
  w.hosts.link.cut();
  w.run(seconds(64));
  expect([...w.hosts.b.tcp.halfOpen()]).toEqual([]);
  expect(w.recordB.retransmissions).toEqual(["syn", "syn", "syn", "syn", "syn"]);
  // Four SYNs a second apart before the timeout doubles (net.ipv4.tcp_syn_linear_timeouts).
  w.run(seconds(68));
  expect(client.error).toBe("ETIMEDOUT");
  expect(w.recordA.retransmissions.length).toBe(10);
});

test("the matchers of this file hit what they say", () => {
  const w = new TcpWorld();
  const drops = [isSyn, isSynAck, isFin, isRst].map(matcher => w.hosts.link.aToB.gate.drop(1, matcher));
  w.listen();
  w.connect();
  w.run(ONE_WAY);
  expect(drops.map(drop => drop.fired)).toEqual([true, false, false, false]);
});

afterAll(() => {
  const missed = EDGES.map(edge => `${edge.from} → ${edge.to}`).filter(edge => !walked.has(edge));
  expect(missed, "edges of the table that no walk took").toEqual([]);
});
