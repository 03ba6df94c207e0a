import { describe, expect, test } from "vitest";
import {
  accepted,
  closeWait,
  closing,
  established,
  FULL,
  finWait1,
  finWait2,
  lastAck,
  synSent,
} from "../../../test/tcp/fixtures.ts";
import { ack, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("the peer's urgent pointer: RFC 9293 §3.10.7.4, sixth step, §3.8.5 (MUST-62)", () => {
  test.each([
    ["ESTABLISHED", established],
    ["FIN-WAIT-1", finWait1],
    ["FIN-WAIT-2", finWait2],
  ] as const)(
    "in %s the user hears that there is urgent data, and where it ends (MUST-31, MUST-32)",
    (_, fixture) => {
      const { peer, user, connection } = fixture();
      peer.sends(text("abc", { urgent: 2, ack: 1 }));
      expect(user.heard()).toContain("urgent");
      expect(connection.tcb.rcv.up).toBe(103);
      expect(user.reads()).toBe("abc");
    },
  );

  test.each([
    ["CLOSE-WAIT", closeWait],
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
  ] as const)("in %s it is ignored", (_, fixture) => {
    const { peer, user } = fixture();
    peer.sends(ack({ seq: 102, ack: 1, urgent: 5 }));
    expect(user.heard()).not.toContain("urgent");
  });

  test("it may point to text that has not come yet (MUST-30)", () => {
    const { peer, user, connection } = accepted();
    peer.sends(ack({ urgent: 500 }));
    expect(user.heard()).toEqual(["urgent"]);
    expect(connection.tcb.rcv.up).toBe(601);
  });

  test("the same pointer again is no news; a farther one is", () => {
    const { peer, user } = accepted();
    peer.sends(text("a", { urgent: 100 }), text("b", { urgent: 99 }));
    expect(user.heard().filter(name => name === "urgent")).toHaveLength(1);
    peer.sends(text("c", { urgent: 200 }));
    expect(user.heard()).toContain("urgent");
  });

  test("a pointer to what has been received already is no news", () => {
    const { peer, user, connection } = accepted();
    peer.sends(text("abcdef"));
    user.heard();
    peer.sends(text("cdefg", { seq: 103, urgent: 2 }));
    expect(user.heard()).toEqual(["readable"]);
    expect(connection.tcb.rcv.up).toBe(101);
  });

  test("it counts from the segment's own number, also when its front is old", () => {
    const { peer, connection } = accepted();
    peer.sends(text("abcd"));
    peer.sends(text("cdefgh", { seq: 103, urgent: 5 }));
    expect(connection.tcb.rcv.up).toBe(108);
  });

  test("with the window closed, the URG of a segment at RCV.NXT counts (MUST-66)", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 3 } });
    peer.sends(text("abc"));
    user.heard();
    peer.sends(ack({ seq: 104, urgent: 10 }));
    expect(user.heard()).toEqual(["urgent"]);
  });

  test("the pointer of a SYN-ACK counts from its SYN", () => {
    const { peer, connection } = synSent();
    peer.sends(synAck({ seq: 100, ack: 1, text: "abc", urgent: 3 }));
    expect(connection.tcb.rcv.up).toBe(103);
  });

  test("a pointer without URG means nothing", () => {
    const { peer, user } = accepted();
    const bytes = peer.writes(text("abc", { urgent: 2 }));
    bytes[13] = (bytes[13] as number) & ~32;
    // The checksum has to follow.
    const sum = ((((bytes[16] as number) << 8) | (bytes[17] as number)) + 32) % 0xffff;
    bytes[16] = sum >> 8;
    bytes[17] = sum & 0xff;
    expect(peer.sendsBytes(bytes)).toBeUndefined();
    expect(user.heard()).toEqual(["readable"]);
  });
});

describe("our urgent pointer: RFC 9293 §3.8.5, RFC 6093", () => {
  test("points to the octet after the urgent data", () => {
    const { peer, user } = established();
    user.sends("abc", { urgent: true });
    peer.expects(text("abc", { seq: 1, urgent: 3 }));
  });

  test("each segment before its end announces it; those after do not", () => {
    const { peer, user } = established({ config: { noDelay: true } });
    user.sends("x".repeat(2 * FULL), { urgent: true });
    user.sends("later");
    peer.expects(text(FULL, { seq: 1, urgent: 2 * FULL }));
    peer.expects(text(FULL, { seq: 1 + FULL, urgent: FULL }));
    peer.expects(text("later", { seq: 1 + 2 * FULL }));
  });

  test("is announced by a bare ACK while the window is closed", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 0 } });
    peer.window = 0;
    user.sends("abc", { urgent: true });
    peer.sends(text("x"));
    peer.advance(milliseconds(40));
    peer.expects(ack({ seq: 1, ack: 102, urgent: 3 }));
  });

  test("ends with the acknowledgment of the urgent data", () => {
    const { peer, user } = established();
    user.sends("abc", { urgent: true });
    peer.takes();
    peer.sends(ack({ ack: 4 }));
    user.sends("def");
    peer.expects(text("def", { seq: 4 }));
  });

  test("a retransmission announces it again", () => {
    const { peer, user } = established();
    user.sends("abc", { urgent: true });
    peer.takes();
    peer.advance(seconds(1));
    peer.expects(text("abc", { seq: 1, urgent: 3 }));
  });

  test("reaches as far as 65535", () => {
    const { peer, user } = established();
    user.sends("x".repeat(65_535), { urgent: true });
    peer.expects(text(FULL, { seq: 1, urgent: 65_535 }));
  });

  test("and no farther", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 0xffff }, config: { noDelay: true } });
    user.sends("x".repeat(70_000), { urgent: true });
    for (const seen of peer.takes()) expect(seen.seq + (seen.urgent ?? 0)).toBeLessThanOrEqual(70_001);
  });
});
