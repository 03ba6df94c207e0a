/** The room's door: guided scenes, each a small simulation that tells what happens in it. */

import { congestionControlScene } from "./plays/congestion-control.ts";
import { fastRetransmitScene } from "./plays/fast-retransmit.ts";
import { fourSegmentCloseScene } from "./plays/four-segment-close.ts";
import { lostThirdAckScene } from "./plays/lost-third-ack.ts";
import { nagleDelayedAckScene } from "./plays/nagle-delayed-ack.ts";
import { pathMtuScene } from "./plays/path-mtu.ts";
import { powerOffScene } from "./plays/power-off.ts";
import { retransmissionTimeoutScene } from "./plays/retransmission-timeout.ts";
import { simultaneousScene } from "./plays/simultaneous.ts";
import { synFloodScene } from "./plays/syn-flood.ts";
import { threeWayHandshakeScene } from "./plays/three-way-handshake.ts";
import { zeroWindowScene } from "./plays/zero-window.ts";
import type { Scene } from "./scene.ts";

export { CATALOG } from "./catalog.ts";
export type { Remark, SceneDescription, SceneEnd, SceneView, Words } from "./description.ts";
export { remarksOf } from "./description.ts";
export { Performance, type PerformanceOptions } from "./performance.ts";
export type { Play, Scene } from "./scene.ts";

/** In the order of the catalog. */
export const SCENES: readonly Scene[] = [
  threeWayHandshakeScene,
  lostThirdAckScene,
  fourSegmentCloseScene,
  simultaneousScene,
  retransmissionTimeoutScene,
  fastRetransmitScene,
  zeroWindowScene,
  congestionControlScene,
  nagleDelayedAckScene,
  synFloodScene,
  pathMtuScene,
  powerOffScene,
];

export function sceneNamed(id: string): Scene | undefined {
  return SCENES.find(({ description }) => description.id === id);
}
