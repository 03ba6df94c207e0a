/** Requirements of RFC 9293 that no other test shows: docs/rfc-ledger.md. */
import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../test/tcp/bench.ts";
import { closed, established, FULL } from "../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../test/tcp/peer.ts";
import { ack, syn, synAck, text } from "../../test/tcp/segments.ts";
import { milliseconds } from "../base/time.ts";

const { host, peer: remote, second } = ADDRESSES[4];

test("a window of 65,535 is no negative number (MUST-1)", () => {
  const { peer, connection } = established();
  peer.sends(ack({ window: 1 }), ack({ window: 0xffff }));
  expect(connection.info().sendWindow).toBe(65_535);
});

test("the first segment goes out again whatever the window says now (MAY-7)", () => {
  const { peer, user } = established();
  user.sends(FULL);
  peer.expects(text(FULL, { seq: 1 }));
  peer.sends(ack({ ack: 1, window: 100 }));
  peer.advance(milliseconds(250));
  peer.expects(text(FULL, { seq: 1 }));
});

test("no segment but a SYN has the MSS option (MUST-65)", () => {
  const { peer, user } = established();
  user.sends(FULL);
  peer.sends(text("abc"));
  peer.advance(milliseconds(50));
  user.closes();
  const sent = peer.takes();
  expect(sent.length).toBeGreaterThan(1);
  for (const { mss } of sent) expect(mss).toBe(-1);
});

describe("the passive OPEN", () => {
  test("of a port that is taken is an error, and what is there goes on (MUST-41)", () => {
    const { tcp, user, peer } = closed();
    tcp.listen({ port: HOST_PORT });
    expect(user.fails(() => tcp.listen({ port: HOST_PORT }))).toBe("EADDRINUSE");
    peer.hostPort = HOST_PORT;
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ ack: 101 }));
  });

  test("is possible while the same port is being opened actively (MUST-42)", () => {
    const { tcp, peer } = closed();
    const opening = tcp.connect({ remote, remotePort: PEER_PORT, localPort: HOST_PORT });
    tcp.pump();
    peer.takes();
    const listener = tcp.listen({ port: HOST_PORT });
    expect(listener.port).toBe(HOST_PORT);
    expect(opening.state).toBe("SYN-SENT");
  });
});

describe("the local address", () => {
  test("that nobody named is the one that IP would send from (MUST-44)", () => {
    const { tcp } = closed();
    expect(tcp.connect({ remote, remotePort: PEER_PORT }).local.equals(host)).toBe(true);
  });

  test("stays, though IP would take another (MUST-45)", () => {
    const { tcp, peer } = closed();
    const connection = tcp.connect({ remote, remotePort: PEER_PORT, local: second });
    tcp.pump();
    peer.takes();
    const { path } = connection;
    connection.send(new Uint8Array(10));
    tcp.pump();
    expect(connection.path).toBe(path);
    expect(path.local.equals(second)).toBe(true);
  });
});

test("the user's Differentiated Services field and TTL are those of the segments' path (MUST-48, MUST-49, SHLD-21, SHLD-22)", () => {
  const { peer, user, connection } = established();
  connection.path.trafficClass = 0x10;
  connection.path.hopLimit = 33;
  user.sends("abc");
  expect(peer.expects(text("abc")).trafficClass).toBe(0x10);
  connection.path.trafficClass = 0x28;
  peer.sends(ack());
  user.sends("def");
  expect(peer.expects(text("def")).trafficClass).toBe(0x28);
  expect(connection.path.hopLimit).toBe(33);
});
