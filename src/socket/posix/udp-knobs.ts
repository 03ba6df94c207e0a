/** What the options of a UDP socket do to its endpoint. */
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import { AF_INET, SOL_IP, SOL_IPV6, SOL_SOCKET, SOL_UDP } from "./constants.ts";
import * as name from "./option-names.ts";
import type { SocketFile } from "./socket-file.ts";

export function applyTo(endpoint: UdpEndpoint, socket: SocketFile): void {
  const { options } = socket;
  const isV4 = socket.domain === AF_INET;
  const of = (four: number, six: number): number | undefined =>
    isV4 ? options.get(SOL_IP, four) : options.get(SOL_IPV6, six);
  endpoint.broadcast = options.isSet(SOL_SOCKET, name.SO_BROADCAST);
  endpoint.hopLimit = of(name.IP_TTL, name.IPV6_UNICAST_HOPS) ?? 0;
  endpoint.trafficClass = of(name.IP_TOS, name.IPV6_TCLASS) ?? 0;
  endpoint.multicastHopLimit = of(name.IP_MULTICAST_TTL, name.IPV6_MULTICAST_HOPS) ?? 1;
  endpoint.multicastLoop = of(name.IP_MULTICAST_LOOP, name.IPV6_MULTICAST_LOOP) !== 0;
  const discovery = of(name.IP_MTU_DISCOVER, name.IPV6_MTU_DISCOVER) ?? name.IP_PMTUDISC_WANT;
  const mayNotCut = !isV4 && options.isSet(SOL_IPV6, name.IPV6_DONTFRAG);
  endpoint.dontFragment = discovery >= name.IP_PMTUDISC_DO || mayNotCut;
  endpoint.takesJoined = options.isSet(SOL_UDP, name.UDP_GRO);
  endpoint.receiveBufferSize = options.get(SOL_SOCKET, name.SO_RCVBUF) ?? socket.defaultReceiveBuffer;
}
