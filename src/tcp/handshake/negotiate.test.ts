import { describe, expect, test } from "vitest";
import { TcpOptions } from "../../wire/tcp-options.ts";
import { tcpConfig } from "../tcp-config.ts";
import { agree, answer, type Offer, ourOffer, peerOffer } from "./negotiate.ts";

const CONFIG = tcpConfig();
const OURS: Offer = { mss: 1_460, windowScale: 7, timestamps: true, sack: true, ecn: true };
const NOTHING: Offer = { mss: 536, windowScale: -1, timestamps: false, sack: false, ecn: false };

describe("what we offer", () => {
  test.each([
    [1_500, 20, 1_460],
    [1_500, 40, 1_440],
    [65_536, 20, 65_496],
    [1 << 20, 20, 65_535],
  ])("with a link MTU of %d and %d bytes of IP header the MSS is %d (MUST-67)", (mtu, header, mss) => {
    expect(ourOffer(CONFIG, mtu, header).mss).toBe(mss);
  });

  test("the scale is that of the largest buffer there may be", () => {
    expect(ourOffer(CONFIG, 1_500, 20).windowScale).toBe(10);
    expect(ourOffer({ ...CONFIG, receiveBufferLimit: 0 }, 1_500, 20).windowScale).toBe(7);
    expect(ourOffer({ ...CONFIG, windowScaling: false }, 1_500, 20).windowScale).toBe(-1);
  });

  test("timestamps and SACK as configured", () => {
    expect(ourOffer({ ...CONFIG, timestamps: false, sack: false }, 1_500, 20)).toMatchObject({
      timestamps: false,
      sack: false,
    });
  });
});

describe("what the peer offers", () => {
  test.each([
    [4, 536],
    [6, 1_220],
  ] as const)("without the option, in IPv%d: an MSS of %d (MUST-15)", (family, mss) => {
    expect(peerOffer(new TcpOptions(), family)).toEqual({ ...NOTHING, mss });
  });

  test("an MSS of 0 is none; one too small to be useful is 48", () => {
    const options = new TcpOptions();
    options.mss = 0;
    expect(peerOffer(options, 4).mss).toBe(536);
    options.mss = 1;
    expect(peerOffer(options, 4).mss).toBe(48);
    options.mss = 48;
    expect(peerOffer(options, 4).mss).toBe(48);
  });

  test("a scale beyond 14 is 14 (RFC 7323 §2.3)", () => {
    const options = new TcpOptions();
    options.windowScale = 200;
    expect(peerOffer(options, 4).windowScale).toBe(14);
  });
});

describe("what holds then", () => {
  test("everything that both offered", () => {
    expect(agree(OURS, { ...OURS, mss: 1_000, windowScale: 3 })).toEqual({
      peerMss: 1_000,
      windowScaling: true,
      sendScale: 3,
      receiveScale: 7,
      timestamps: true,
      sack: true,
      ecn: true,
    });
  });

  test.each([
    ["peer", OURS, NOTHING],
    ["we", { ...NOTHING, mss: 1_460 }, { ...OURS, mss: 536 }],
  ] as const)(
    "nothing that the %s did not offer: both windows are unscaled (RFC 7323 §1.3)",
    (_, ours, theirs) => {
      expect(agree(ours, theirs)).toEqual({
        peerMss: 536,
        windowScaling: false,
        sendScale: 0,
        receiveScale: 0,
        timestamps: false,
        sack: false,
        ecn: false,
      });
    },
  );

  test("a scale of 0 is an offer", () => {
    expect(agree(OURS, { ...OURS, windowScale: 0 })).toMatchObject({
      windowScaling: true,
      sendScale: 0,
      receiveScale: 7,
    });
  });

  test("the SYN-ACK offers what was offered, and our own MSS", () => {
    expect(answer(OURS, NOTHING)).toEqual({ ...NOTHING, mss: 1_460 });
    expect(answer(OURS, { ...OURS, windowScale: 2 })).toEqual(OURS);
    expect(answer({ ...OURS, sack: false }, OURS).sack).toBe(false);
  });
});
