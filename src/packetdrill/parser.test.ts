import { describe, expect, test } from "vitest";
import { TCP_FLAG } from "../wire/tcp.ts";
import { parseScript } from "./parser.ts";
import type { Action, CallAction, IcmpSpec, PacketAction, ScriptEvent, TcpSpec, UdpSpec } from "./script.ts";

const parse = (source: string) => parseScript("test.pkt", source);

function eventsOf(source: string): readonly ScriptEvent[] {
  return parse(`0 \`true\`\n${source}`).events.slice(1);
}

function actionOf(source: string): Action {
  return (eventsOf(source)[0] as ScriptEvent).action;
}

const packetOf = (source: string): PacketAction => actionOf(source) as PacketAction;
const tcpOf = (source: string): TcpSpec => packetOf(source).body as TcpSpec;
const callOf = (source: string): CallAction => actionOf(source) as CallAction;

describe("a script", () => {
  test("has options, setup, events and cleanup, in this order", () => {
    const script = parse("--mss=1000\n--tcp_ts_ecr_scaled // why\n`a`\n0 close(3) = 0\n+1 `b`\n`c`");
    expect(script.options.map(({ name, value }) => [name, value])).toEqual([
      ["mss", "1000"],
      ["tcp_ts_ecr_scaled", undefined],
    ]);
    expect(script.setup.map(({ text }) => text)).toEqual(["a"]);
    expect(script.events.map(({ action }) => action.kind)).toEqual(["call", "shell"]);
    expect(script.cleanup.map(({ text }) => text)).toEqual(["c"]);
  });

  test("may define words for itself", () => {
    const script = parse("--define=SIZE=500\n0 write(3, ..., SIZE) = SIZE");
    expect(script.events[0]?.action).toMatchObject({ result: { kind: "integer", value: 500 } });
  });
});

describe("times", () => {
  const timesOf = (source: string) => eventsOf(source).map(({ time }) => time);

  test("are absolute, relative, ranges, a star, or those of a call that blocks", () => {
    const end = { until: undefined, returns: undefined };
    expect(timesOf("1.5 `a`\n+.25 `b`")).toEqual([
      { kind: "absolute", at: 1_500_000, ...end },
      { kind: "relative", at: 250_000, ...end },
    ]);
    expect(timesOf("+.1~+.3 > . 1:1(0) ack 1")).toMatchObject([{ kind: "relative", at: 1e5, until: 3e5 }]);
    expect(timesOf("1~2 > . 1:1(0) ack 1")).toMatchObject([{ kind: "absolute", at: 1e6, until: 2e6 }]);
    expect(timesOf("* > . 1:1(0) ack 1")).toMatchObject([{ kind: "any" }]);
    expect(timesOf("+.1...0.3 read(3, ..., 1) = 1")).toMatchObject([{ at: 1e5, returns: 3e5 }]);
  });

  test.each([
    ["1 `a`", "the first event is at time 0"],
    ["* > . 1:1(0)", "the first event is at time 0"],
    ["0 `a`\n2 `b`\n1 `c`", "absolute times may not go backwards"],
    ["0 `a`\n+-1 `b`", "a time cannot be negative"],
    ["0 `a`\n* < . 1:1(0) win 5", "only an expected packet may have"],
    ["0 `a`\n1~2 `b`", "only an expected packet may have"],
    ["0 `a`\n+1~2 > . 1:1(0)", "both ends"],
    ["0 `a`\n+2~+1 > . 1:1(0)", "ends before it begins"],
    ["0 `a`\n+2...1 read(3, ..., 1) = 1", "before it is made"],
    ["0 `a`\n+1...2 `b`", "only a system call returns later"],
  ])("%j is refused: %s", (source, message) => {
    expect(() => parse(source)).toThrow(message);
  });
});

describe("TCP packets", () => {
  test("have flags, numbers, a window, an urgent pointer", () => {
    expect(tcpOf("+0 < FP. 5:1005(1000) ack 7 win 257 urg 3")).toMatchObject({
      flags: TCP_FLAG.fin | TCP_FLAG.psh | TCP_FLAG.ack,
      sequence: 5,
      length: 1_000,
      acknowledgment: 7,
      window: 257,
      urgentPointer: 3,
      options: [],
    });
    expect(tcpOf("+0 < - 1:1(0) win 5").flags).toBe(0);
    expect(tcpOf("+0 < SEWA 1:1(0) win 5").flags).toBe(
      TCP_FLAG.syn | TCP_FLAG.ece | TCP_FLAG.cwr | TCP_FLAG.ae,
    );
  });

  test("may have the ACE counter as a digit (RFC 9768 §3.2)", () => {
    expect(tcpOf("+0 > .5 1:1(0) ack 1")).toMatchObject({
      ace: 5,
      flags: TCP_FLAG.ack | TCP_FLAG.ae | TCP_FLAG.ece,
    });
    expect(() => eventsOf("+0 > E.5 1:1(0) ack 1")).toThrow(/not both/);
  });

  test("may name their ports", () => {
    expect(tcpOf("+0 > 8080 > 40001 S. 0:0(0) ack 1").ports).toEqual({ source: 8_080, destination: 40_001 });
  });

  test("sequence numbers wrap around", () => {
    expect(tcpOf("+0 > . 4294967295:4(5) ack 1")).toMatchObject({ sequence: 4_294_967_295, length: 5 });
  });

  test("have every option, in the order of the wire", () => {
    const options = "mss 1460,sackOK,TS val 1 ecr 2,nop,wscale 8,FO 3021b9d8,FOEXP,nop,nop".replace(
      ",FO 3021b9d8,FOEXP",
      "",
    );
    expect(tcpOf(`+0 < S 0:0(0) win 5 <${options},nop,nop>`).options?.map(({ kind }) => kind)).toEqual([
      "mss",
      "sackOK",
      "TS",
      "nop",
      "wscale",
      "nop",
      "nop",
      "nop",
      "nop",
    ]);
    expect(tcpOf("+0 > . 1:1(0) ack 1 <nop,nop,sack 5:6 7:8>").options?.[2]).toEqual({
      kind: "sack",
      blocks: [
        [5, 6],
        [7, 8],
      ],
    });
    expect(tcpOf("+0 > S 0:0(0) <FO 12345678,nop,eol,FOEXP>").options).toEqual([
      { kind: "FO", cookie: "12345678" },
      { kind: "nop" },
      { kind: "eol" },
      { kind: "FOEXP", cookie: "" },
    ]);
    expect(tcpOf("+0 > . 1:1(0) ack 1 <ECN e1b 1 ceb 2 e0b 3,nop>").options?.[0]).toEqual({
      kind: "ECN",
      first: "e1b",
      counters: [1, 2, 3],
    });
    expect(tcpOf(`+0 < . 1:1(0) ack 1 win 5 <md5 ${"0f".repeat(16)},nop,nop>`).options?.[0]).toEqual({
      kind: "md5",
      digest: "0f".repeat(16),
    });
  });

  test("<...> stands for any options, no list for none", () => {
    expect(tcpOf("+0 > S. 0:0(0) ack 1 <...>").options).toBeUndefined();
    expect(tcpOf("+0 > S. 0:0(0) ack 1").options).toEqual([]);
  });

  test("the packet after one without options is not taken for them", () => {
    expect(eventsOf("+0 > . 1:1(0) ack 1\n+0 < . 1:1(0) ack 1 win 5").length).toBe(2);
  });

  test("the IP header may be named in brackets of both kinds", () => {
    expect(packetOf("+0 > [ect0] . 1:1(0) ack 1").ip.ecn).toBe("ect0");
    expect(packetOf("+0 < (tos 0x10, flowlabel 0x5) . 1:1(0) ack 1 win 5").ip).toMatchObject({
      trafficClass: 0x10,
      flowLabel: 5,
    });
    expect(packetOf("+0 > [ttl 64] . 1:1(0) ack 1").ip.hopLimit).toBe(64);
  });

  test("an encapsulation is kept, to be refused when the script runs", () => {
    expect(packetOf("+0 > encap psp spi 7 P. 1:2(1) ack 1").encapsulation).toBe("encap psp spi 7");
  });
});

test("UDP packets have a length and perhaps ports", () => {
  expect(packetOf("+0 < udp 53 > 5000 (100)").body as UdpSpec).toEqual({
    protocol: "udp",
    ports: { source: 53, destination: 5_000 },
    length: 100,
  });
});

test("ICMP packets have a type, and perhaps a code, an MTU and a quoted packet", () => {
  expect(packetOf("+0 < icmp unreachable frag_needed mtu 840 [0:1000(1000)]").body as IcmpSpec).toEqual({
    protocol: "icmp",
    type: "unreachable",
    code: "frag_needed",
    mtu: 840,
    identifier: undefined,
    quote: { kind: "tcp", sequence: 0, length: 1_000 },
  });
  expect((packetOf("+0 < icmp unreachable [udp(8)]").body as IcmpSpec).quote).toEqual({
    kind: "udp",
    length: 8,
  });
});

describe("system calls", () => {
  test("have arguments, a result, an error and people's notes", () => {
    const call = callOf("+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress, isn't it)");
    expect(call).toMatchObject({ name: "connect", result: { value: -1 }, errno: "EINPROGRESS" });
    expect(call.args.map(({ kind }) => kind)).toEqual(["integer", "ellipsis", "ellipsis"]);
    expect(callOf("+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)")).toMatchObject({ result: { value: 2 } });
  });

  test("have numbers, names, bits, strings, lists and structures as arguments", () => {
    const call = callOf(
      'f(-1, 0x10, NULL, A|B, "x" "y", [1], {events=EPOLLIN, fd=4}, [{..., 5}, {msg_iov(1)=[]}]) = 0'.replace(
        /^/,
        "+0 ",
      ),
    );
    expect(call.args.map(({ kind }) => kind)).toEqual([
      "integer",
      "integer",
      "symbol",
      "or",
      "string",
      "list",
      "struct",
      "list",
    ]);
    expect(call.args[4]).toMatchObject({ text: "xy" });
    expect(call.args[6]).toMatchObject({ members: [{ name: "events" }, { name: "fd" }] });
  });

  test("may take several lines", () => {
    expect(
      eventsOf("+0 recvmsg(3, {msg_name(...)=...,\n   msg_flags=0},\n 0) = 5\n+0 close(3) = 0").length,
    ).toBe(2);
  });
});

test("code knows where it stands", () => {
  expect(actionOf("+0 %{ assert 1 }%")).toMatchObject({ kind: "code", place: { line: 2, column: 6 } });
});

describe("what is no script is refused at its place", () => {
  test.each([
    ["0 `a`\n+0 > S 0:1(0)", 2, 13, "not consistent"],
    ["0 `a`\n+0 < S 0:0(0)", 2, 14, "win N"],
    ["0 `a`\n+0 > Q 0:0(0)", 2, 8, "no TCP flag"],
    ["0 `a`\n+0 > S 0:0(0) <mss 1460,nop>", 2, 28, "5 bytes"],
    ["0 `a`\n+0 > S 0:0(0) <mss>", 2, 19, "a number"],
    ["0 `a`\n+0 > . 1:1(0) ack 1 <nop,what 5>", 2, 31, "no TCP option"],
    ["0 `a`\n+0 < . 1:1(0) ack 1 win 5 <...>", 2, 31, "expected packets only"],
    ["0 `a`\n+0 close(3 = 0", 2, 12, "“)” is wanted"],
    ["0 `a`\n+0 close(3) 0", 2, 13, "“=” is wanted"],
    ["0 `a`\n+0 )", 2, 4, "a packet, a system call"],
    ["0 `a`\nclose(3) = 0", 2, 1, "the time of an event"],
    ["`a`", 1, 4, "no event"],
    ["0 `a`\n+0 > [what] . 1:1(0)", 2, 7, "ect0, ce, tos"],
    ["0 `a`\n+0 > S 0:0(0) win 65536", 2, 24, "at most 65535"],
  ])("%j", (source, line, column, message) => {
    expect(() => parse(source)).toThrow(expect.objectContaining({ place: { line, column } }));
    expect(() => parse(source)).toThrow(message);
  });
});
