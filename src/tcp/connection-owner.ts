/** What a connection needs of the host's TCP: the world outside, the ways to be heard, and what all share. */
import type { Fold } from "../base/fold.ts";
import type { Instant } from "../base/time.ts";
import type { AtWork } from "./at-work.ts";
import type { Orphans } from "./closing/orphans.ts";
import type { FastOpenMemory } from "./handshake/fast-open/host-memory.ts";
import type { Listener } from "./handshake/listener.ts";
import type { SharedTerms } from "./handshake/negotiate.ts";
import type { AckNews } from "./loss/ack-news.ts";
import type { SpareParts } from "./parts-at-work.ts";
import type { Segment } from "./segment.ts";
import type { SpareRanges } from "./send/sent-range.ts";
import type { TcpState } from "./states.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { TcpContext } from "./tcp-context.ts";

export interface ConnectionOwner {
  readonly context: TcpContext;
  pumpLater(connection: TcpConnection): void;
  eventsLater(connection: TcpConnection): void;
  /** The connection has reached CLOSED. */
  ended(connection: TcpConnection, from: TcpState): void;
  /** The peer is to be told by RST; built from the connection's numbers as they are now. */
  reset(connection: TcpConnection): void;
  /** A segment that makes no sense here is answered with RST: RFC 9293 §3.10.7.1. */
  resetFor(segment: Segment, connection: TcpConnection): void;
  /** A passive open has succeeded. */
  acceptable(connection: TcpConnection, listener: Listener): void;
  readonly orphans: Orphans;
  readonly challengeBudget: { take(now: Instant, limit: number): boolean };
  readonly fastOpen: FastOpenMemory;
  /** What the acknowledgment at hand told: one for all connections, as each is read to its end. */
  readonly news: AckNews;
  /** Records of what is sent that no connection uses. */
  readonly spareRanges: SpareRanges;
  /** Connections that may soon rest, and what folds them. */
  readonly atWork: AtWork;
  readonly fold: Fold;
  readonly spareParts: SpareParts;
  readonly terms: SharedTerms;
}
