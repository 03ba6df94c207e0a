/**
 * Names of ports and protocols in filters: of IANA's "service-names-port-numbers" and "protocol-numbers"
 * those that are met most. A name is its number for every transport; libpcap asks the machine, which may
 * know one only.
 */
import { known } from "./known-name.ts";

export const PORT_NAMES: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  chargen: 19,
  "ftp-data": 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  time: 37,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  "netbios-ns": 137,
  "netbios-dgm": 138,
  "netbios-ssn": 139,
  imap2: 143,
  snmp: 161,
  "snmp-trap": 162,
  bgp: 179,
  ldap: 389,
  https: 443,
  "microsoft-ds": 445,
  isakmp: 500,
  syslog: 514,
  ripng: 521,
  "dhcpv6-client": 546,
  "dhcpv6-server": 547,
  submission: 587,
  ldaps: 636,
  "domain-s": 853,
  imaps: 993,
  pop3s: 995,
  "ms-sql-s": 1433,
  radius: 1812,
  nfs: 2049,
  mysql: 3306,
  postgresql: 5432,
  sip: 5060,
  mdns: 5353,
  amqp: 5672,
  redis: 6379,
  "http-alt": 8080,
};

/** Beside those that are keywords. */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  ipencap: 4,
  dccp: 33,
  ipv6: 41,
  "ipv6-route": 43,
  "ipv6-frag": 44,
  gre: 47,
  "ipv6-icmp": 58,
  "ipv6-nonxt": 59,
  "ipv6-opts": 60,
  ospf: 89,
  ipcomp: 108,
  l2tp: 115,
  udplite: 136,
};

/** The two ends of `http-https`; undefined: there is no way to divide it into two names or numbers. */
export function portRange(text: string): readonly [number, number] | undefined {
  for (let at = text.indexOf("-"); at > 0; at = text.indexOf("-", at + 1)) {
    const from = portOf(text.slice(0, at));
    const to = portOf(text.slice(at + 1));
    if (from !== undefined && to !== undefined) return [from, to];
  }
  return undefined;
}

export function portOf(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  return known(PORT_NAMES, text);
}
