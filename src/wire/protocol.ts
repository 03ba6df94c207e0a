/** Assigned numbers: IP protocols (IANA "protocol-numbers") and EtherTypes that the stack speaks. */
export const IP_PROTOCOL = {
  hopByHop: 0,
  icmpv4: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  noNextHeader: 59,
  destinationOptions: 60,
} as const;

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
} as const;
