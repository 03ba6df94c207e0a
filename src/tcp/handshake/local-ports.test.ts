import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../../test/tcp/bench.ts";
import { closed, established, listening, timeWait } from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { SeededRandom } from "../../base/random.ts";
import type { TcpRecord } from "../records.ts";
import { tcpConfig } from "../tcp-config.ts";
import { LocalPorts } from "./local-ports.ts";

const V4 = ADDRESSES[4];

describe("ports of connections: RFC 9293 §3.10.1, RFC 6056", () => {
  test("a four-tuple in use is EADDRINUSE; the same port to another peer is not", () => {
    const { tcp, user } = closed();
    const open = (remotePort: number) => tcp.connect({ remote: V4.peer, remotePort, localPort: 1_234 });
    open(5_000);
    expect(user.fails(() => open(5_000))).toBe("EADDRINUSE");
    expect(user.fails(() => open(5_001))).toBe("nothing");
  });

  test("a port that somebody listens on is EADDRINUSE", () => {
    const { tcp, user } = listening();
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 5_000, localPort: HOST_PORT });
    expect(user.fails(open)).toBe("EADDRINUSE");
  });

  test("a four-tuple in TIME-WAIT is in use", () => {
    const { tcp, user, connection } = timeWait();
    const open = () =>
      tcp.connect({ remote: V4.peer, remotePort: PEER_PORT, localPort: connection.localPort });
    expect(user.fails(open)).toBe("EADDRINUSE");
  });

  test("ephemeral ports come from the configured range, each once; then EADDRNOTAVAIL", () => {
    const { tcp, user } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_009 } });
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 5_000 }).localPort;
    const ports = Array.from({ length: 10 }, open).sort((a, b) => a - b);
    expect(ports).toEqual(Array.from({ length: 10 }, (_, i) => 40_000 + i));
    expect(user.fails(open)).toBe("EADDRNOTAVAIL");
    // Another peer is another four-tuple.
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 5_001 }))).toBe("nothing");
  });

  test("an ephemeral port is none that somebody listens on", () => {
    const { tcp, user } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 } });
    tcp.listen({ port: 40_000 });
    expect(tcp.connect({ remote: V4.peer, remotePort: 5_000 }).localPort).toBe(40_001);
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 5_000 }))).toBe("EADDRNOTAVAIL");
  });
});

describe("a port whose four-tuple is in TIME-WAIT (RFC 6191)", () => {
  const [ended] = [...timeWait().tcp.timeWaits()];
  const path = { local: V4.host, remote: V4.peer };

  /** What becomes of a port that is drawn, and of one that is asked for; and what the record was asked. */
  function chosen(letsGo: (wanted: boolean) => boolean, record: TcpRecord | undefined = ended) {
    const asked: boolean[] = [];
    const holders = {
      records: { lookup: (_: unknown, port: number) => (port === 40_000 ? record : undefined) },
      listeners: { conflicts: () => false, covers: () => false },
      timeWait: {
        mayReplace: (_: unknown, wanted: boolean) => {
          asked.push(wanted);
          return letsGo(wanted);
        },
      },
    };
    const config = tcpConfig({ firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 });
    const ports = new LocalPorts({ config, random: new SeededRandom(1) }, holders, { portOffset: () => 0 });
    const drawn = ports.forConnection(path, { remotePort: PEER_PORT });
    const given = ports.forConnection(path, { remotePort: PEER_PORT, localPort: 40_000 });
    return { drawn, given, asked };
  }

  test("is taken where the record lets go of it", () => {
    expect(chosen(() => true)).toEqual({ drawn: 40_000, given: 40_000, asked: [false, true] });
  });

  test("is passed over where it does not; who asked for it gets none", () => {
    expect(chosen(() => false)).toEqual({ drawn: 40_001, given: undefined, asked: [false, true] });
  });

  test("but never one of a connection that lives", () => {
    const living = established().connection;
    expect(chosen(() => true, living)).toEqual({ drawn: 40_001, given: undefined, asked: [] });
  });

  test("may be had by asking alone", () => {
    expect(chosen(wanted => wanted)).toEqual({ drawn: 40_001, given: 40_000, asked: [false, true] });
  });
});

describe("ports of listeners", () => {
  test("port 0 finds a free one", () => {
    const { tcp } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 } });
    const ports = [tcp.listen({ port: 0 }).port, tcp.listen({ port: 0 }).port];
    expect(ports.sort()).toEqual([40_000, 40_001]);
    expect(() => tcp.listen({ port: 0 })).toThrow("EADDRINUSE");
  });

  test("a port that is drawn is shared with nobody", () => {
    const { tcp } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 } });
    const ports = [1, 2].map(() => tcp.listen({ port: 0, reusePort: true }).port);
    expect(ports.toSorted()).toEqual([40_000, 40_001]);
    expect(() => tcp.listen({ port: 0, reusePort: true })).toThrow("EADDRINUSE");
  });
});
