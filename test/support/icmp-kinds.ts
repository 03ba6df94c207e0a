/**
 * Frames of every kind of ICMP, ICMPv6 and neighbor discovery message that `wire/` can write.
 */
import { IpAddress, ip } from "../../src/wire/address.ts";
import { ICMPV4_TYPE } from "../../src/wire/icmpv4.ts";
import { ICMPV6_TYPE } from "../../src/wire/icmpv6.ts";
import {
  NeighborAdvertisement,
  NeighborSolicitation,
  Redirect,
  RouterAdvertisement,
  RouterSolicitation,
} from "../../src/wire/ndp.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { TCP_FLAG } from "../../src/wire/tcp.ts";
import { TcpOptions } from "../../src/wire/tcp-options.ts";
import {
  bytes,
  type Draw,
  type Ends,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  type Maker,
  ndp,
  tcp,
  udp,
  v4Frame,
  v6Frame,
} from "./packet-layers.ts";

/** An ICMP message of this type, code and second word over IPv4. */
function icmpv4Frame(draw: Draw, type: number, code: number, rest: number, inner: Layer): Layer {
  return v4Frame(draw, ipv4(draw, draw.v4(), IP_PROTOCOL.icmpv4, icmpv4(type, code, rest, inner)));
}

/** An IPv4 packet to be quoted. */
function quotedV4(draw: Draw, i: number): Layer {
  const ends = draw.v4();
  return i % 2 === 0
    ? ipv4(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload(60)))
    : ipv4(draw, ends, IP_PROTOCOL.tcp, tcp(draw, ends, TCP_FLAG.ack, new TcpOptions(), draw.payload(60)));
}

export const icmpv4Kinds: Record<string, Maker> = {
  "ICMP echo request and reply (RFC 792)": (draw, i) =>
    icmpv4Frame(
      draw,
      i % 2 === 0 ? ICMPV4_TYPE.echoRequest : ICMPV4_TYPE.echoReply,
      0,
      draw.int32(),
      bytes(draw.bytes(56)),
    ),
  "ICMP timestamp request and reply": (draw, i) =>
    icmpv4Frame(draw, ICMPV4_TYPE.timestampRequest + (i % 2), 0, draw.int32(), bytes(draw.bytes(12))),
  "ICMP destination unreachable, each code": (draw, i) =>
    icmpv4Frame(draw, ICMPV4_TYPE.destinationUnreachable, [0, 1, 2, 3, 13][i] ?? 0, 0, quotedV4(draw, i)),
  "ICMP fragmentation needed (RFC 1191)": (draw, i) =>
    icmpv4Frame(draw, ICMPV4_TYPE.destinationUnreachable, 4, 68 + draw.upTo(1_400), quotedV4(draw, i)),
  "ICMP time exceeded": (draw, i) => icmpv4Frame(draw, ICMPV4_TYPE.timeExceeded, i % 2, 0, quotedV4(draw, i)),
  "ICMP parameter problem": (draw, i) =>
    icmpv4Frame(draw, ICMPV4_TYPE.parameterProblem, 0, draw.upTo(59) << 24, quotedV4(draw, i)),
};

/** An ICMPv6 message of this type, code and second word. */
function icmpv6Frame(draw: Draw, type: number, code: number, rest: number, inner: Layer): Layer {
  const ends = draw.v6();
  return v6Frame(draw, ipv6(draw, ends, IP_PROTOCOL.icmpv6, icmpv6(ends, type, code, rest, inner)));
}

/** An IPv6 packet to be quoted. */
function quotedV6(draw: Draw, i: number): Layer {
  const ends = draw.v6();
  return i % 2 === 0
    ? ipv6(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload(60)))
    : ipv6(draw, ends, IP_PROTOCOL.tcp, tcp(draw, ends, TCP_FLAG.ack, new TcpOptions(), draw.payload(60)));
}

export const icmpv6Kinds: Record<string, Maker> = {
  "ICMPv6 echo request and reply (RFC 4443)": (draw, i) =>
    icmpv6Frame(draw, ICMPV6_TYPE.echoRequest + (i % 2), 0, draw.int32(), bytes(draw.bytes(56))),
  "ICMPv6 destination unreachable, each code": (draw, i) =>
    icmpv6Frame(draw, ICMPV6_TYPE.destinationUnreachable, [0, 1, 3, 4, 6][i] ?? 0, 0, quotedV6(draw, i)),
  "ICMPv6 packet too big": (draw, i) =>
    icmpv6Frame(draw, ICMPV6_TYPE.packetTooBig, 0, 1_280 + draw.upTo(0x7fff_0000), quotedV6(draw, i)),
  "ICMPv6 time exceeded": (draw, i) =>
    icmpv6Frame(draw, ICMPV6_TYPE.timeExceeded, i % 2, 0, quotedV6(draw, i)),
  "ICMPv6 parameter problem": (draw, i) =>
    icmpv6Frame(draw, ICMPV6_TYPE.parameterProblem, i % 3, draw.upTo(1_200), quotedV6(draw, i)),
};

/** A message between link-local neighbors, with the hop limit that RFC 4861 asks for. */
function ndpFrame(
  draw: Draw,
  message: Parameters<typeof ndp>[1],
  ends: Ends = { source: linkLocal(draw), destination: linkLocal(draw) },
): Layer {
  return v6Frame(draw, ipv6(draw, ends, IP_PROTOCOL.icmpv6, ndp(ends, message), { hopLimit: 255 }));
}

function linkLocal(draw: Draw): IpAddress {
  return IpAddress.v6(0xfe80_0000, 0, draw.int32() | 1, draw.int32() | 1);
}

export const ndpKinds: Record<string, Maker> = {
  "neighbor solicitation (RFC 4861 §4.3)": (draw, i) => {
    const message = new NeighborSolicitation();
    message.target = linkLocal(draw);
    if (i > 0) message.options.sourceLinkLayer = draw.mac();
    return ndpFrame(draw, message);
  },
  "duplicate address detection (RFC 4862 §5.4.2)": draw => {
    const message = new NeighborSolicitation();
    message.target = linkLocal(draw);
    return ndpFrame(draw, message, { source: ip("::"), destination: ip("ff02::1:ff00:1") });
  },
  "neighbor advertisement (§4.4)": draw => {
    const message = new NeighborAdvertisement();
    message.isRouter = draw.flag();
    message.solicited = draw.flag();
    message.override = draw.flag();
    message.target = linkLocal(draw);
    message.options.targetLinkLayer = draw.mac();
    return ndpFrame(draw, message);
  },
  "router solicitation (§4.1)": (draw, i) => {
    const message = new RouterSolicitation();
    if (i > 0) message.options.sourceLinkLayer = draw.mac();
    return ndpFrame(draw, message);
  },
  "router advertisement (§4.2)": (draw, i) => {
    const message = new RouterAdvertisement();
    message.hopLimit = draw.upTo(255);
    message.managed = draw.flag();
    message.otherConfig = draw.flag();
    message.routerLifetime = draw.upTo(0xffff);
    message.reachableTimeMs = draw.upTo(0xffff_ffff);
    message.retransTimerMs = draw.upTo(0xffff_ffff);
    message.options.sourceLinkLayer = draw.mac();
    message.options.mtu = 1_280 + draw.upTo(8_000);
    for (let n = 0; n < i; n++) {
      message.options.prefixes.push({
        prefix: IpAddress.v6(0x2001_0db8, draw.int32(), 0, 0),
        length: draw.upTo(128),
        onLink: draw.flag(),
        autonomous: draw.flag(),
        validLifetime: draw.upTo(0xffff_ffff),
        preferredLifetime: draw.upTo(0xffff_ffff),
      });
    }
    return ndpFrame(draw, message);
  },
  "redirect (§4.5)": (draw, i) => {
    const message = new Redirect();
    message.target = linkLocal(draw);
    message.destination = draw.v6().destination;
    message.options.targetLinkLayer = draw.mac();
    const about = redirected(draw);
    if (i > 0) message.options.redirectedHeader = about.bytes;
    const frame = ndpFrame(draw, message);
    return i === 0
      ? frame
      : {
          bytes: frame.bytes,
          fields: [...frame.fields, ...about.fields],
          checksums: [...frame.checksums, ...about.checksums],
        };
  },
};

/** A packet to be quoted by a redirect: of a size that needs no padding. */
function redirected(draw: Draw): Layer {
  const ends = draw.v6();
  const payload = bytes(new Uint8Array(8 * draw.upTo(10)).fill(0x2e));
  return ipv6(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, payload));
}
