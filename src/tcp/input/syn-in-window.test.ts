import { describe, expect, test } from "vitest";
import { established, MODERN, SYNCHRONIZED, simultaneouslyOpened } from "../../../test/tcp/fixtures.ts";
import { ack, segment, syn, synAck } from "../../../test/tcp/segments.ts";
import { seconds } from "../../base/time.ts";

describe.each(SYNCHRONIZED)("SYN in $state: RFC 5961 §4.2", ({ fixture, rcvNxt, sndNxt }) => {
  test("in the window it is challenged with an ACK, and changes nothing", () => {
    const { peer, connection, context } = fixture();
    const { state } = peer;
    const { segmentsOut: _segmentsOut, segmentsIn: _segmentsIn, ...before } = connection.info();
    expect(peer.sends(syn({ seq: rcvNxt + 50 }))).toBe("tcp-syn-in-window");
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
    peer.expectsNothing();
    expect(peer.state).toBe(state);
    expect(connection.info()).toMatchObject(before);
    expect(context.counters.synChallenges).toBe(1);
  });

  test("at RCV.NXT too", () => {
    const { peer } = fixture();
    expect(peer.sends(syn({ seq: rcvNxt }))).toBe("tcp-syn-in-window");
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
  });

  test("outside of the window it is acknowledged as any unacceptable segment", () => {
    const { peer } = fixture();
    expect(peer.sends(syn({ seq: rcvNxt + 3_000_000 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
  });

  test("with an ACK, text or FIN it is no better", () => {
    const { peer } = fixture();
    const { state } = peer;
    expect(peer.sends(synAck({ seq: rcvNxt, ack: sndNxt }))).toBe("tcp-syn-in-window");
    peer.advance(seconds(1));
    const odd = segment("SAF", { seq: rcvNxt, ack: sndNxt, text: "x" });
    expect(peer.sends(odd)).toBe("tcp-syn-in-window");
    expect(peer.state).toBe(state);
  });
});

test("a repeated SYN-ACK, because our ACK was lost, is acknowledged again (RFC 9293 figure 9)", () => {
  const { peer } = established();
  expect(peer.sends(synAck({ seq: 100, ack: 1 }))).toBe("tcp-out-of-window");
  peer.expects(ack({ seq: 1, ack: 101 }));
  expect(peer.state).toBe("ESTABLISHED");
});

test("in a simultaneous open the SYN has come twice: that is reported by D-SACK (RFC 2883 §4)", () => {
  const { peer } = simultaneouslyOpened({ offer: MODERN });
  expect(peer.sends(synAck({ seq: 100, ack: 1, ...MODERN }))).toBeUndefined();
  expect(peer.state).toBe("ESTABLISHED");
  expect(peer.expects(ack({ seq: 1, ack: 101 })).sack).toEqual([[100, 101]]);
});

test.each([
  ["acknowledges nothing of ours", { seq: 100, ack: 0 }],
  ["begins elsewhere", { seq: 99, ack: 1 }],
])("there a SYN-ACK that %s completes nothing", (_, numbers) => {
  const { peer } = simultaneouslyOpened();
  peer.sends(synAck(numbers));
  expect(peer.state).toBe("SYN-RECEIVED");
});
