import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../../test/tcp/bench.ts";
import { closed, connects } from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { rstAck, syn } from "../../../test/tcp/segments.ts";
import { ip } from "../../wire/address.ts";

const V4 = ADDRESSES[4];

describe("active OPEN: RFC 9293 §3.10.1", () => {
  test("sends SYN with our MSS, window scale, SACK and timestamps (MUST-14, SHLD-5, MAY-3)", () => {
    const bench = closed();
    connects(bench);
    const first = bench.peer.expects(syn({ seq: 0, mss: 1_460, sackPermitted: true, windowScale: 10 }));
    expect(first.timestamps).toEqual([expect.any(Number), 0]);
    expect(first.window).toBe(44 * 1_460);
    expect(bench.state).toBe("SYN-SENT");
    expect(bench.context.counters.activeOpens).toBe(1);
  });

  test.each([
    [6, 1_500, 1_440],
    [4, 9_000, 8_960],
    [4, 576, 536],
  ] as const)("in IPv%d with an MTU of %d our MSS is %d (MUST-67, SHLD-6)", (family, mtu, mss) => {
    const { peer } = ((): ReturnType<typeof closed> => {
      const bench = closed({ family, mtu });
      connects(bench);
      return bench;
    })();
    peer.expects(syn({ mss }));
  });

  test("options that are configured off are not offered", () => {
    const bench = closed({ config: { timestamps: false, windowScaling: false, sack: false } });
    connects(bench);
    bench.peer.expects(syn({ timestamps: "none", windowScale: -1, sackPermitted: false }));
  });

  test("a connection's own configuration is offered, not the host's", () => {
    const bench = closed();
    bench.tcp.connect({
      remote: V4.peer,
      remotePort: PEER_PORT,
      config: { timestamps: false, sack: false, receiveBuffer: 10_000, receiveBufferLimit: 10_000 },
    });
    bench.settleIfWoken();
    bench.peer.expects(syn({ timestamps: "none", sackPermitted: false, windowScale: 7, window: 6 * 1_460 }));
  });

  test("no route is ENETUNREACH or EHOSTUNREACH, as the context says", () => {
    const { tcp, user, context } = closed();
    context.unreachable = "ENETUNREACH";
    const open = () => tcp.connect({ remote: V4.peer, remotePort: PEER_PORT });
    expect(user.fails(open)).toBe("ENETUNREACH");
    context.unreachable = "EHOSTUNREACH";
    expect(user.fails(open)).toBe("EHOSTUNREACH");
    expect(context.counters.activeOpens).toBe(0);
  });

  test.each(["224.0.0.1", "255.255.255.255", "0.0.0.0", "ff02::1", "::"])(
    "a connection to %s is refused (MUST-46)",
    address => {
      const { tcp, user } = closed();
      expect(user.fails(() => tcp.connect({ remote: ip(address), remotePort: 80 }))).toBe("ENETUNREACH");
    },
  );

  test("a local address that is not ours is EADDRNOTAVAIL", () => {
    const { tcp, user } = closed();
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 80, local: ip("10.9.9.9") });
    expect(user.fails(open)).toBe("EADDRNOTAVAIL");
  });

  test("the local address and port that the user asks for are used (MUST-43)", () => {
    const { tcp, peer } = closed();
    const connection = tcp.connect({
      remote: V4.peer,
      remotePort: PEER_PORT,
      local: V4.second,
      localPort: 1_234,
    });
    tcp.pump();
    expect(connection.local.toString()).toBe("10.0.0.9");
    expect(peer.takes()[0]?.sourcePort).toBe(1_234);
  });

  test("port 0 of the peer is a port as any other, as on Linux: its refusal says the rest", () => {
    const bench = closed();
    const { peer } = bench;
    peer.port = 0;
    const connection = bench.tcp.connect({ remote: V4.peer, remotePort: 0 });
    bench.settleIfWoken();
    peer.expects(syn({ seq: 0 }));
    peer.sends(rstAck({ seq: 0, ack: 1 }));
    expect(connection.error).toBe("ECONNREFUSED");
  });

  test("a port beyond 65535 is EADDRNOTAVAIL", () => {
    const { tcp, user } = closed();
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 65_536 }))).toBe("EADDRNOTAVAIL");
  });

  test("the device fills the checksum in where it can", () => {
    const bench = closed();
    bench.path.offload = { checksum: true, maxSuperSegment: 0, gathers: false };
    connects(bench);
    expect(bench.peer.takes()).toHaveLength(1);
  });
});
