/**
 * The chain of headers in packets that we cut, put together, answer with an error, or find quoted in one:
 * RFC 8200 §4.
 *
 * Only where the parts begin matters here, so unlike `ExtensionChain` this walk judges nothing that the
 * headers say, and takes a quote that ends soon after them.
 */
import { readUint8, readUint16 } from "../../base/bytes.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { FRAGMENT_HEADER_SIZE } from "../../wire/ipv6-extensions.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";

export interface HeaderChain {
  /** The first header that is not an extension header, and where it begins. */
  readonly protocol: number;
  readonly at: number;
  /** The packet is a fragment other than the first: at `at` is the middle of something. */
  readonly isLaterFragment: boolean;
}

/** The chain of the packet in `bytes[network, end)`; undefined when it ends before the upper header. */
export function walkHeaderChain(bytes: Uint8Array, network: number, end: number): HeaderChain | undefined {
  let at = network + IPV6_HEADER_SIZE;
  if (at > end) return undefined;
  let protocol = readUint8(bytes, network + 6);
  while (isExtensionHeader(protocol)) {
    const length = extensionLength(protocol, bytes, at, end);
    if (length === 0) return undefined;
    const isLaterFragment = protocol === IP_PROTOCOL.fragment && (readUint16(bytes, at + 2) & 0xfff8) !== 0;
    protocol = readUint8(bytes, at);
    at += length;
    if (isLaterFragment) return { protocol, at, isLaterFragment };
  }
  return { protocol, at, isLaterFragment: false };
}

/** Where the headers end that every fragment must carry: RFC 8200 §4.5, "Per-Fragment headers". */
export interface PerFragmentHeaders {
  readonly end: number;
  /** Where the byte stands that names the header behind them. */
  readonly nextHeaderAt: number;
}

/**
 * All headers up to the routing header if there is one, else up to the hop-by-hop options if there are any.
 * Undefined when the chain is broken.
 */
export function perFragmentHeaders(
  bytes: Uint8Array,
  network: number,
  end: number,
): PerFragmentHeaders | undefined {
  let at = network + IPV6_HEADER_SIZE;
  let nextHeaderAt = network + 6;
  let last: PerFragmentHeaders = { end: at, nextHeaderAt };
  if (at > end) return undefined;
  for (;;) {
    const protocol = readUint8(bytes, nextHeaderAt);
    const isCarried = protocol === IP_PROTOCOL.hopByHop || protocol === IP_PROTOCOL.routing;
    if (!isCarried && protocol !== IP_PROTOCOL.destinationOptions) return last;
    const length = extensionLength(protocol, bytes, at, end);
    if (length === 0) return undefined;
    nextHeaderAt = at;
    at += length;
    if (isCarried) last = { end: at, nextHeaderAt };
  }
}

/**
 * RFC 7112 §5: whether a first fragment whose piece is `bytes[from, end)` holds every header up to the
 * upper one.
 */
export function holdsHeaderChain(protocol: number, bytes: Uint8Array, from: number, end: number): boolean {
  let next = protocol;
  let at = from;
  while (isExtensionHeader(next)) {
    const length = extensionLength(next, bytes, at, end);
    if (length === 0) return false;
    next = readUint8(bytes, at);
    at += length;
  }
  return at + upperHeaderLength(next) <= end;
}

function upperHeaderLength(protocol: number): number {
  switch (protocol) {
    case IP_PROTOCOL.tcp:
      return 20;
    case IP_PROTOCOL.udp:
      return 8;
    case IP_PROTOCOL.icmpv6:
      return 4;
    default:
      return 0;
  }
}

function isExtensionHeader(protocol: number): boolean {
  switch (protocol) {
    case IP_PROTOCOL.hopByHop:
    case IP_PROTOCOL.routing:
    case IP_PROTOCOL.fragment:
    case IP_PROTOCOL.destinationOptions:
      return true;
    default:
      return false;
  }
}

/** In bytes; 0 when the header does not fit. RFC 8200 §4.3: they count units of 8 beyond the first. */
function extensionLength(protocol: number, bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end) return 0;
  const isFragment = protocol === IP_PROTOCOL.fragment;
  const length = isFragment ? FRAGMENT_HEADER_SIZE : (readUint8(bytes, at + 1) + 1) * 8;
  return at + length > end ? 0 : length;
}
