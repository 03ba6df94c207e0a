/** What a page is told of a host once: its interfaces, and their addresses. */
import type { Host } from "../host/host.ts";
import type { HostDescription } from "./protocol.ts";

export function describeHost({ name, net }: Host): HostDescription {
  const interfaces = net.interfaces().map(({ index, device }) => ({
    name: device.name,
    mtu: device.mtu,
    addresses: net
      .addresses()
      .filter(({ interfaceIndex }) => interfaceIndex === index)
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`),
  }));
  return { name, interfaces };
}
