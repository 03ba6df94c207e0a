/** All scenes, in the order in which one may watch them: what is read of each, without the plays. */
import type { SceneDescription } from "./description.ts";
import { congestionControl } from "./texts/congestion-control.ts";
import { fastRetransmit } from "./texts/fast-retransmit.ts";
import { fourSegmentClose } from "./texts/four-segment-close.ts";
import { lostThirdAck } from "./texts/lost-third-ack.ts";
import { nagleDelayedAck } from "./texts/nagle-delayed-ack.ts";
import { pathMtu } from "./texts/path-mtu.ts";
import { powerOff } from "./texts/power-off.ts";
import { retransmissionTimeout } from "./texts/retransmission-timeout.ts";
import { simultaneous } from "./texts/simultaneous.ts";
import { synFlood } from "./texts/syn-flood.ts";
import { threeWayHandshake } from "./texts/three-way-handshake.ts";
import { zeroWindow } from "./texts/zero-window.ts";

export const CATALOG: readonly SceneDescription[] = [
  threeWayHandshake,
  lostThirdAck,
  fourSegmentClose,
  simultaneous,
  retransmissionTimeout,
  fastRetransmit,
  zeroWindow,
  congestionControl,
  nagleDelayedAck,
  synFlood,
  pathMtu,
  powerOff,
];
