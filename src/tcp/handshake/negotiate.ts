/**
 * What the two ends agree on by the options of SYN and SYN-ACK: MSS (RFC 9293 §3.7.1: MUST-14,
 * MUST-67; that of the link's MTU, SHLD-6), window scale (RFC 7323
 * §2.2: only when both offer it), timestamps (§3.2), SACK (RFC 2018 §2).
 */

import { TCP_FLAG, TCP_HEADER_SIZE } from "../../wire/tcp.ts";
import { MAX_WINDOW_SCALE, type TcpOptions } from "../../wire/tcp-options.ts";
import { type InitialWindowConfig, windowScaleFor } from "../receive/initial-window.ts";
import { ECN_FIELD, ECN_MODE } from "../send/ecn.ts";

/** RFC 9293 §3.7.1 (MUST-15): what a peer that says nothing takes. */
export const DEFAULT_MSS_V4 = 536;
export const DEFAULT_MSS_V6 = 1_220;
/** Linux's TCP_MIN_SND_MSS: a peer that claims less would make every packet mostly header. */
const SMALLEST_MSS = 48;

/** What one end offers. */
export interface Offer {
  readonly mss: number;
  /** −1: not offered. */
  readonly windowScale: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  /** RFC 3168 §6.1.1; ours: we are willing to. */
  readonly ecn: boolean;
}

export interface OfferConfig extends InitialWindowConfig {
  readonly timestamps: boolean;
  readonly windowScaling: boolean;
  readonly sack: boolean;
  readonly ecn: number;
  /** 0: no more than the path's. */
  readonly maximumSegment: number;
}

/**
 * What an end with this configuration offers on a link of this MTU.
 *
 * @param routeMss what the route says, if anything
 */
export function ourOffer(
  config: OfferConfig,
  linkMtu: number,
  ipHeaderSize: number,
  routeMss = linkMtu - ipHeaderSize - TCP_HEADER_SIZE,
): Offer {
  return {
    mss: Math.min(routeMss, config.maximumSegment || 0xffff, 0xffff),
    windowScale: config.windowScaling ? windowScaleFor(config) : -1,
    timestamps: config.timestamps,
    sack: config.sack,
    ecn: config.ecn !== ECN_MODE.off,
  };
}

/** What a SYN or SYN-ACK offers by its options, and whether ECN by its flags. */
export function peerOffer(options: TcpOptions, family: 4 | 6, ecn = false): Offer {
  return {
    ecn,
    mss: peerMss(options.mss, family),
    windowScale: Math.min(options.windowScale, MAX_WINDOW_SCALE),
    timestamps: options.hasTimestamps,
    sack: options.sackPermitted,
  };
}

function peerMss(mss: number, family: 4 | 6): number {
  if (mss <= 0) return family === 4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
  return Math.max(mss, SMALLEST_MSS);
}

/** What holds for the connection. */
export interface Agreement {
  /** The peer's MSS: no segment's text and options together exceed it. */
  readonly peerMss: number;
  readonly windowScaling: boolean;
  /** The shift of the windows that we receive, and of those that we send. */
  readonly sendScale: number;
  readonly receiveScale: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly ecn: boolean;
}

export function agree(ours: Offer, theirs: Offer): Agreement {
  const scaling = ours.windowScale >= 0 && theirs.windowScale >= 0;
  return {
    peerMss: theirs.mss,
    windowScaling: scaling,
    sendScale: scaling ? theirs.windowScale : 0,
    receiveScale: scaling ? ours.windowScale : 0,
    timestamps: ours.timestamps && theirs.timestamps,
    sack: ours.sack && theirs.sack,
    ecn: agreeOnEcn(ours, theirs),
  };
}

/** A server's answer says ECE when it has been asked, and wants to. */
export function agreeOnEcn(ours: Offer, theirs: Offer): boolean {
  return ours.ecn && theirs.ecn;
}

/**
 * RFC 3168 §6.1.1: a SYN asks for ECN with ECE and CWR, and its packet is not marked. One with AE asks for
 * more (RFC 9768 §3.1.1), may be marked, and takes this as well.
 */
export function synAsksForEcn(flags: number, trafficClass: number): boolean {
  const asked = TCP_FLAG.ece | TCP_FLAG.cwr;
  const isUnmarked = (trafficClass & ECN_FIELD.mask) === ECN_FIELD.notEct;
  return (flags & asked) === asked && (isUnmarked || (flags & TCP_FLAG.ae) !== 0);
}

/** RFC 3168 §6.1.1: a SYN-ACK agrees with ECE alone; both flags are what a mirror sends. */
export function synAckAgreesToEcn(flags: number): boolean {
  return (flags & (TCP_FLAG.ece | TCP_FLAG.cwr)) === TCP_FLAG.ece;
}

/** What we answer in a SYN-ACK: only what was offered to us (RFC 7323 §1.3). */
export function answer(ours: Offer, theirs: Offer): Offer {
  return {
    mss: ours.mss,
    windowScale: theirs.windowScale >= 0 ? ours.windowScale : -1,
    timestamps: ours.timestamps && theirs.timestamps,
    sack: ours.sack && theirs.sack,
    ecn: agreeOnEcn(ours, theirs),
  };
}

/** Nearly all connections of a host offer and agree on the same: what equals the last one is that. */
export class SharedTerms {
  #offer: Offer | undefined = undefined;
  #agreement: Agreement | undefined = undefined;

  offer(offer: Offer): Offer {
    const last = this.#offer;
    const isSame =
      last !== undefined &&
      last.mss === offer.mss &&
      last.windowScale === offer.windowScale &&
      last.timestamps === offer.timestamps &&
      last.sack === offer.sack &&
      last.ecn === offer.ecn;
    if (isSame) return last;
    this.#offer = offer;
    return offer;
  }

  agreement(agreement: Agreement): Agreement {
    const last = this.#agreement;
    const isSame =
      last !== undefined &&
      last.peerMss === agreement.peerMss &&
      last.windowScaling === agreement.windowScaling &&
      last.sendScale === agreement.sendScale &&
      last.receiveScale === agreement.receiveScale &&
      last.timestamps === agreement.timestamps &&
      last.sack === agreement.sack &&
      last.ecn === agreement.ecn;
    if (isSame) return last;
    this.#agreement = agreement;
    return agreement;
  }
}
