import { describe, expect, test } from "vitest";
import { START_OF_TIME } from "../base/time.ts";
import { ip } from "../wire/address.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { compareIp, compareTcp, FlowLabels, merged, whyNotContinued } from "./compare.ts";
import { EmittedPacket } from "./emitted-packet.ts";
import { buildTcp } from "./packet-builder.ts";
import { parseScript } from "./parser.ts";
import type { IpSpec, PacketAction, TcpSpec } from "./script.ts";

function packetOf(text: string): PacketAction {
  return parseScript("t", `0 \`true\`\n+0 > ${text}`).events[1]?.action as PacketAction;
}

const tcp = (text: string): TcpSpec => packetOf(text).body as TcpSpec;

const RIGHT = "S. 7:7(0) ack 1 win 500 urg 0 <mss 1460,nop,nop,sackOK>";

describe("each field is compared", () => {
  test("the same packet has no difference", () => {
    expect(compareTcp(tcp(RIGHT), tcp(RIGHT))).toBeUndefined();
  });

  test.each([
    ["flags", "SE. 7:7(0) ack 1 win 500 <mss 1460,nop,nop,sackOK>"],
    ["sequence number", "S. 8:8(0) ack 1 win 500 <mss 1460,nop,nop,sackOK>"],
    ["length", "S. 7:8(1) ack 1 win 500 <mss 1460,nop,nop,sackOK>"],
    ["acknowledgment", "S. 7:7(0) ack 2 win 500 <mss 1460,nop,nop,sackOK>"],
    ["window", "S. 7:7(0) ack 1 win 501 <mss 1460,nop,nop,sackOK>"],
    ["urgent pointer", "S. 7:7(0) ack 1 win 500 urg 1 <mss 1460,nop,nop,sackOK>"],
    ["TCP option 1", "S. 7:7(0) ack 1 win 500 <mss 1461,nop,nop,sackOK>"],
    ["TCP option 2", "S. 7:7(0) ack 1 win 500 <mss 1460,sackOK,nop,nop>"],
    ["TCP option 4", "S. 7:7(0) ack 1 win 500 <mss 1460,nop,nop,nop,nop>"],
    ["TCP option 5", "S. 7:7(0) ack 1 win 500 <mss 1460,nop,nop,sackOK,nop,wscale 8>"],
    ["TCP option 1", "S. 7:7(0) ack 1 win 500"],
  ])("%s", (field, actual) => {
    expect(compareTcp(tcp(RIGHT), tcp(actual))?.field).toBe(field);
  });

  test("a window that the script does not name is not compared", () => {
    expect(compareTcp(tcp("S. 7:7(0) ack 1"), tcp("S. 7:7(0) ack 1 win 9"))).toBeUndefined();
  });

  test("an acknowledgment that the script does not name is 0", () => {
    expect(compareTcp(tcp("R 7:7(0)"), tcp("R 7:7(0) ack 9"))?.field).toBe("acknowledgment");
  });

  test("<...> compares no options, and values of timestamps are not compared here", () => {
    expect(compareTcp(tcp("S. 7:7(0) ack 1 <...>"), tcp(RIGHT))).toBeUndefined();
    const expected = tcp(". 1:1(0) ack 1 <nop,nop,TS val 1 ecr 2>");
    expect(compareTcp(expected, tcp(". 1:1(0) ack 1 <nop,nop,TS val 3 ecr 4>"))).toBeUndefined();
  });

  test("the cookie of Fast Open and its kind are compared", () => {
    const expected = tcp("S 0:0(0) <FO abcd1234,nop,nop>");
    expect(compareTcp(expected, tcp("S 0:0(0) <FO abcd1235,nop,nop>"))?.actual).toBe("FO abcd1235");
    expect(compareTcp(expected, tcp("S 0:0(0) <FOEXP abcd1234>"))?.field).toBe("TCP option 1");
  });
});

describe("the IP header", () => {
  const ends = { source: ip("10.0.0.1"), sourcePort: 1, destination: ip("10.0.0.2"), destinationPort: 2 };
  const sent = (spec: Partial<IpSpec>): EmittedPacket => {
    const none = { ecn: undefined, trafficClass: undefined, flowLabel: undefined, hopLimit: undefined };
    return new EmittedPacket(buildTcp(tcp(". 1:1(0) ack 1"), ends, { ...none, ...spec }), START_OF_TIME);
  };
  const expected = (text: string): IpSpec => packetOf(`${text} . 1:1(0) ack 1`).ip;

  test("is compared as far as the script names it", () => {
    const packet = sent({ ecn: "ect0", hopLimit: 64 });
    expect(compareIp(expected("[ect0]"), packet)).toBeUndefined();
    expect(compareIp(expected("[ect01]"), packet)).toBeUndefined();
    expect(compareIp(expected("[ttl 64]"), packet)).toBeUndefined();
    expect(compareIp(expected(""), packet)).toBeUndefined();
    expect(compareIp(expected("[noecn]"), packet)?.field).toBe("ECN");
    expect(compareIp(expected("[ect1]"), packet)?.field).toBe("ECN");
    expect(compareIp(expected("[ce]"), packet)?.field).toBe("ECN");
    expect(compareIp(expected("[ect01]"), sent({}))?.field).toBe("ECN");
    expect(compareIp(expected("[ttl 63]"), packet)?.field).toBe("hop limit");
    expect(compareIp(expected("[tos 0x3]"), packet)?.field).toBe("traffic class");
  });

  test("flow labels repeat and change as the script's do", () => {
    const labels = new FlowLabels();
    expect(labels.compare(1, 77)).toBeUndefined();
    expect(labels.compare(1, 77)).toBeUndefined();
    expect(labels.compare(2, 78)).toBeUndefined();
    expect(labels.compare(2, 79)?.field).toBe("flow label");
    expect(labels.compare(3, 79)?.field).toBe("flow label");
    expect(labels.compare(undefined, 5)).toBeUndefined();
  });
});

describe("segments that were cut", () => {
  const first = tcp(". 1:1001(1000) ack 1 win 5");

  test("belong together when they follow each other and agree", () => {
    expect(whyNotContinued(first, first, tcp("P. 1001:2001(1000) ack 1 win 5"))).toBeUndefined();
    expect(whyNotContinued(first, first, tcp("F. 1001:1501(500) ack 1 win 5"))).toBeUndefined();
  });

  test.each([
    ["sequence number", "P. 1002:2002(1000) ack 1 win 5"],
    ["acknowledgment", "P. 1001:2001(1000) ack 2 win 5"],
    ["window", "P. 1001:2001(1000) ack 1 win 6"],
    ["header length", "P. 1001:2001(1000) ack 1 win 5 <nop,nop,TS val 1 ecr 2>"],
    ["flags", "E. 1001:2001(1000) ack 1 win 5"],
    ["length", "P. 1001:2002(1001) ack 1 win 5"],
  ])("but not with another %s", (field, next) => {
    expect(whyNotContinued(first, first, tcp(next))?.field).toBe(field);
  });

  test("all but the last have one size", () => {
    const short = tcp(". 1001:1501(500) ack 1 win 5");
    expect(whyNotContinued(first, short, tcp(". 1501:2501(1000) ack 1 win 5"))?.field).toMatch(/length/);
  });

  test("number and CWR are the first's, the rest is the last's", () => {
    const opening = { ...first, flags: first.flags | TCP_FLAG.cwr };
    const whole = merged(opening, tcp("FP. 1001:2001(1000) ack 1 win 5"), 2_000);
    expect(whole).toMatchObject({
      sequence: 1,
      length: 2_000,
      flags: TCP_FLAG.ack | TCP_FLAG.cwr | TCP_FLAG.fin | TCP_FLAG.psh,
    });
  });
});
