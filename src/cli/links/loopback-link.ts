/** No link at all: a host by itself, which has 127.0.0.0/8 and ::1. */
import { Driver } from "../../node/driver.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { type CommandLink, endLink, newHost, resolveByKernel } from "./command-link.ts";

export function openLoopbackLink(tcp: Partial<TcpConfig> = {}, driver: Driver = new Driver()): CommandLink {
  const host = newHost(driver, "us", tcp);
  return {
    driver,
    host,
    hosts: [host],
    resolve: (name, family) => resolveByKernel(host, name, family),
    end: hurry => endLink({ driver, host, hosts: [host] }, hurry),
  };
}
