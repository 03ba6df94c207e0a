/**
 * What the network layer counts, after the IP and ICMP groups of RFC 4293 and RFC 5097. Drops are counted by
 * reason elsewhere.
 */
export interface IpCounters {
  received: number;
  delivered: number;
  sent: number;
  forwarded: number;
  fragmentsReceived: number;
  reassembled: number;
  /** Packets that were cut, and what they were cut into. */
  fragmented: number;
  fragmentsSent: number;
}

export interface IcmpCounters {
  received: number;
  sent: number;
  echoesAnswered: number;
  errorsReceived: number;
  errorsSent: number;
}

export interface NeighborCounters {
  requestsSent: number;
  requestsReceived: number;
  repliesSent: number;
  repliesReceived: number;
  conflicts: number;
}

export interface NetCounters {
  readonly ipv4: IpCounters;
  readonly ipv6: IpCounters;
  readonly icmpv4: IcmpCounters;
  readonly icmpv6: IcmpCounters;
  readonly arp: NeighborCounters;
  readonly ndp: NeighborCounters;
}

const newIpCounters = (): IpCounters => ({
  received: 0,
  delivered: 0,
  sent: 0,
  forwarded: 0,
  fragmentsReceived: 0,
  reassembled: 0,
  fragmented: 0,
  fragmentsSent: 0,
});

const newIcmpCounters = (): IcmpCounters => ({
  received: 0,
  sent: 0,
  echoesAnswered: 0,
  errorsReceived: 0,
  errorsSent: 0,
});

const newNeighborCounters = (): NeighborCounters => ({
  requestsSent: 0,
  requestsReceived: 0,
  repliesSent: 0,
  repliesReceived: 0,
  conflicts: 0,
});

export function newNetCounters(): NetCounters {
  return {
    ipv4: newIpCounters(),
    ipv6: newIpCounters(),
    icmpv4: newIcmpCounters(),
    icmpv6: newIcmpCounters(),
    arp: newNeighborCounters(),
    ndp: newNeighborCounters(),
  };
}
