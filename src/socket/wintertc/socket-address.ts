/** Whom to connect to: the WinterTC Sockets API, "SocketAddress dictionary" and "AnySocketAddress type". */
import { SocketError } from "./socket-error.ts";

export interface SocketAddress {
  /** A name, or an address; of IPv6 with or without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** "example.com:443", "[2001:db8::1]:443", or the two parts. */
export type AnySocketAddress = string | SocketAddress;

/** @throws a `SocketError` when it is none. */
export function readSocketAddress(address: AnySocketAddress): SocketAddress {
  const { hostname, port } = typeof address === "string" ? split(address) : address;
  const isPort = Number.isInteger(port) && port > 0 && port <= 65_535;
  if (typeof hostname !== "string" || hostname === "" || !isPort) {
    throw new SocketError(`"${textOf(address)}" is not a host and a port`);
  }
  return { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** "10.0.0.1:80", "[fd00::1]:80". */
export function socketAddressText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function split(text: string): SocketAddress {
  const [, hostname = "", port = ""] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
  return { hostname, port: Number(port) };
}

function textOf(address: AnySocketAddress): string {
  return typeof address === "string" ? address : `${address?.hostname}:${address?.port}`;
}
