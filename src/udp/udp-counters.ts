/** Counts of the whole room, after RFC 4113, and of one endpoint. */
export interface UdpCounters {
  receivedDatagrams: number;
  sentDatagrams: number;
  /** Nobody was there. */
  noPort: number;
  /** Bad lengths and checksums. */
  malformed: number;
  bufferFull: number;
  icmpErrors: number;
}

export function newUdpCounters(): UdpCounters {
  return {
    receivedDatagrams: 0,
    sentDatagrams: 0,
    noPort: 0,
    malformed: 0,
    bufferFull: 0,
    icmpErrors: 0,
  };
}

export interface UdpEndpointCounters {
  receivedDatagrams: number;
  receivedBytes: number;
  sentDatagrams: number;
  sentBytes: number;
  /** Datagrams that found the receive buffer full. */
  bufferFull: number;
  icmpErrors: number;
}

export function newUdpEndpointCounters(): UdpEndpointCounters {
  return {
    receivedDatagrams: 0,
    receivedBytes: 0,
    sentDatagrams: 0,
    sentBytes: 0,
    bufferFull: 0,
    icmpErrors: 0,
  };
}
