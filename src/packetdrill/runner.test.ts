import { describe, expect, test } from "vitest";
import type { Outcome } from "./outcome.ts";
import { posixCalls } from "./posix-calls.ts";
import { runScript } from "./runner.ts";
import type { RunOptions } from "./script-run.ts";

const run = (source: string, options: RunOptions = {}): Promise<Outcome> =>
  runScript("test.pkt", source, posixCalls, options);

const LISTENING = `
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
`;

const ACCEPTED = `${LISTENING}
   +0 < S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
 +.05 < . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4
`;

async function expectPass(source: string, options?: RunOptions): Promise<void> {
  const outcome = await run(source, options);
  expect(outcome.failure).toBeUndefined();
  expect(outcome.status).toBe("passed");
}

async function expectFailure(
  source: string,
  kind: string,
  message: RegExp,
  options?: RunOptions,
): Promise<Outcome> {
  const outcome = await run(source, options);
  expect(outcome.status).toBe("failed");
  expect(outcome.failure?.message).toMatch(message);
  expect(outcome.failure?.kind).toBe(kind);
  return outcome;
}

describe("packets", () => {
  test("the one that is expected passes, in every address mode", async () => {
    for (const mode of ["ipv4", "ipv6", "mapped"] as const) await expectPass(ACCEPTED, { mode });
  });

  test("one that nobody expects breaks the next expectation", async () => {
    const source = `${ACCEPTED}
   +0 write(4, ..., 100) = 100
   +0 close(4) = 0
   +0 > F. 101:101(0) ack 1`;
    await expectFailure(source, "packet", /flags: P\. instead of F\./);
  });

  test("those left over at the end are no fault", async () => {
    await expectPass(`${ACCEPTED}\n+0 write(4, ..., 100) = 100`);
  });

  test("a failure shows both sides, its place, and the last packets", async () => {
    const source = `${ACCEPTED}\n+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 2`;
    const { failure } = await expectFailure(source, "packet", /^acknowledgment: 1 instead of 2$/);
    expect(failure?.sides).toEqual({ expected: "> P. 1:101(100) ack 2", actual: "> P. 1:101(100) ack 1" });
    expect(failure?.place).toEqual({ line: 12, column: 1 });
    expect(failure?.line).toBe("+0 > P. 1:101(100) ack 2");
    expect(failure?.packets.length).toBe(4);
    expect(failure?.packets[0]).toBe("   0.000000 < S 0:0(0) win 65535 <mss 1000>");
  });

  test("segments are put together, unless they must not be", async () => {
    const source = `${ACCEPTED}\n+0 write(4, ..., 2500) = 2500\n+0 > P. 1:2501(2500) ack 1`;
    await expectPass(source);
    await expectFailure(`--strict_segments\n${source}`, "packet", /length: 1000 instead of 2500|flags/);
  });

  test("what is no rest of the packet is told apart", async () => {
    const source = `${ACCEPTED}
   +0 write(4, ..., 1000) = 1000
   +0 close(4) = 0
   +0 > F. 1:1002(1001) ack 1`;
    await expectFailure(source, "packet", /length: 1000 instead of 1001|what follows|no packet/);
  });

  test("packets of other connections are passed over", async () => {
    await expectPass(`${LISTENING}
   +0 < 40007 > 8080 S 0:0(0) win 65535 <mss 1000>
   +0 < 40008 > 8080 S 500:500(0) win 65535 <mss 1000>
   +0 > 8080 > 40008 S. 0:0(0) ack 501 <mss 1460>
   +0 < 40008 > 8080 . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4`);
  });

  test("an address that is named when sending on a connection changes nothing", async () => {
    await expectPass(`${ACCEPTED}\n+0 sendto(4, ..., 100, 0, ..., ...) = 100\n+0 > P. 1:101(100) ack 1`);
  });

  test("an echo of a timestamp that was not seen is refused, unless echoes are scaled", async () => {
    const source = `${LISTENING}
   +0 < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 1 ecr 0>
   +0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 100 ecr 1>
 +.01 < . 1:1(0) ack 1 win 65535 <nop,nop,TS val 2 ecr 110>`;
    await expectFailure(source, "packet", /timestamp 110/);
    await expectPass(`--tcp_ts_ecr_scaled\n${source}`);
  });

  test("a SYN between the ports of a connection that is over opens another (RFC 9293 §3.6.1)", async () => {
    await expectPass(`${LISTENING}
   +0 < 40001 > 8080 S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
   +0 < R 1:1(0) win 0
   +1 < 40001 > 8080 S 70000:70000(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 70001 <mss 1460>
   +0 < . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4`);
  });

  test("a SYN in the middle of a connection, or after it, changes no numbers: as in the original", async () => {
    await expectPass(`${LISTENING}
   +0 < 40001 > 8080 S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
   +0 < . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4
   +0 < S 300:300(0) win 65535 <mss 1000>
   +0 > . 1:1(0) ack 1
   +0 close(4) = 0
   +0 > F. 1:1(0) ack 1
   +0 < F. 1:1(0) ack 2 win 65535
   +0 > . 2:2(0) ack 2
   +1 < S 70000:70000(0) win 65535 <mss 1000>
   +0 > S. 65539:65539(0) ack 70001 <mss 1460>`);
  });

  test("what comes before the peer's SYN-ACK does not say how it counts", async () => {
    await expectPass(`
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
   +0 connect(3, ..., ...) = -1 EINPROGRESS
   +0 > S 0:0(0) <...>
   +0 < . 300:300(0) ack 1000 win 65535
   +0 > R 1000:1000(0)
+0~+.1 > S 0:0(0) <...>
   +0 < S. 5000:5000(0) ack 1 win 65535 <mss 1000>
   +0 > . 1:1(0) ack 1`);
  });

  test("an ICMP error is about a packet of the connection", async () => {
    const connecting = `
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0...0.1 connect(3, ..., ...) = -1 ECONNREFUSED
   +0 > S 0:0(0) <...>
  +.1 < icmp unreachable port_unreachable [0:0(0)]`;
    await expectPass(connecting);
    await expectFailure(connecting.replace("[0:0", "[5000:5000"), "call", /still waits/);
    const tooBig = connecting.replace("port_unreachable", "frag_needed");
    await expectFailure(tooBig, "syntax", /no code frag_needed/, { mode: "ipv6" });
  });

  test("datagrams go both ways", async () => {
    const source = `
    0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
   +0 connect(3, ..., ...) = 0
   +0 write(3, ..., 40) = 40
   +0 > udp (40)
   +0 < udp (10)
   +0 read(3, ..., 100) = 10`;
    await expectPass(source);
    await expectFailure(source.replace("> udp (40)", "> udp (41)"), "packet", /length/);
  });
});

describe("times", () => {
  const source = (time: string): string => `${LISTENING}
   +0 < S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
${time} > S. 0:0(0) ack 1 <mss 1460>`;

  test.each(["+1", "+1.1", "+.9", "+.5~+1", "1", "*"])("a packet one second later meets %s", async time => {
    await expectPass(source(time));
  });

  test.each(["+1.2", "+.8", "+.2~+.3", "0.5"])("but not %s", async time => {
    await expectFailure(source(time), "time", /too (early|late)/);
  });

  test("the tolerance can be set", async () => {
    await expectFailure(`--tolerance_percent=1\n${source("+1.1")}`, "time", /0\.100000 s too early/);
  });

  test("nothing within two seconds is a failure", async () => {
    await expectFailure(`${LISTENING}\n+0 > S. 0:0(0) ack 1`, "timeout", /no packet came/);
  });

  test("packets in a row keep their distance from each other", async () => {
    const outcome = await run(`${ACCEPTED}
  +.1 < P. 1:11(10) ack 1 win 65535
  +.1 < P. 11:21(10) ack 1 win 65535
   +0 read(4, ..., 100) = 20`);
    expect(outcome.duration).toBe(250_000);
    expect(outcome.status).toBe("passed");
  });

  test("what the script does at an instant comes before the stack's timers of that instant", async () => {
    await expectPass(`${LISTENING}
   +0 < S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
   +1 < . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4
   +0 write(4, ..., 10) = 10
   +0 > P. 1:11(10) ack 1`);
  });
});

describe("system calls", () => {
  test.each([
    ["listen(3, 1) = 1", /listen returned 0/],
    ["listen(9, 1) = 0", /listen returned -1 EBADF/],
    ["listen(9, 1) = -1 EINVAL", /listen returned -1 EBADF/],
    ["accept(3, ..., ...) = 4", /accept blocks/],
    ["socket(..., SOCK_STREAM, IPPROTO_UDP) = -99", /socket returned -1 EPROTONOSUPPORT/],
    ["getsockopt(3, SOL_SOCKET, SO_ERROR, [1], [4]) = 0", /the value is 0 instead of 1/],
    ["getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [8]) = 0", /the length of the value is 4 instead of 8/],
    ["fcntl(3, F_GETFL) = 0x1", /fcntl returned 2/],
    ["poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 0) = 0", /revents of descriptor 1 is 0x0/],
  ])("%s is held against what comes", async (call, message) => {
    await expectFailure(`${LISTENING}\n+0 ${call}`, "call", message);
  });

  test("an error without a name is any error", async () => {
    await expectPass(`${LISTENING}\n+0 listen(9, 1) = -1`);
  });

  test("one that blocks returns in its time, neither earlier nor later nor never", async () => {
    const source = (returns: string): string => `${LISTENING}
   +0...${returns} accept(3, ..., ...) = 4
  +.1 < S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
  +.1 < . 1:1(0) ack 1 win 65535`;
    await expectPass(source("0.2"));
    await expectFailure(source("0.1"), "time", /accept returned 0\.100000 s too late/);
    await expectFailure(source("0.3"), "time", /accept returned 0\.100000 s too early/);
    await expectFailure(source("0.2").replace(/\n[^\n]*$/, ""), "call", /accept still waits/);
  });

  test("labels of descriptors may be used again after close", async () => {
    await expectPass(
      `${LISTENING}\n+0 close(3) = 0\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 close(3) = 0`,
    );
  });

  test("what does not exist is unsupported", async () => {
    await expectFailure(`${LISTENING}\n+0 psp_rx_assoc(3, [7]) = 0`, "unsupported", /psp_rx_assoc/);
    await expectFailure(`${LISTENING}\n+0 listen(3, NO_SUCH) = 0`, "unsupported", /NO_SUCH/);
    await expectFailure(`${LISTENING}\n+0 listen(3) = 0`, "syntax", /2 arguments, not 1/);
  });

  test("a mismatch may be tolerated", async () => {
    const outcome = await run(`--non_fatal=syscall\n${LISTENING}\n+0 listen(3, 1) = 5`);
    expect(outcome.status).toBe("passed");
    expect(outcome.warnings[0]).toMatch(/listen returned 0/);
  });
});

describe("commands and code", () => {
  test("settings are the stack's", async () => {
    await expectPass(`\`sysctl -q net.ipv4.tcp_sack=0\`${LISTENING}
   +0 < S 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>
   +0 > S. 0:0(0) ack 1 <mss 1460>`);
  });

  test("a queue of no length takes nothing", async () => {
    await expectFailure(
      `${ACCEPTED}
   +0 \`tc qdisc replace dev tun0 root pfifo limit 0\`
   +0 write(4, ..., 5) = 5
   +0 > P. 1:6(5) ack 1`,
      "timeout",
      /no packet/,
    );
  });

  test("a command that fails, and one that is not known, fail the script at their place", async () => {
    const { failure } = await expectFailure(`${LISTENING}\n+0 \`false\``, "shell", /status 1/);
    expect(failure?.place).toEqual({ line: 6, column: 4 });
    await expectFailure(`${LISTENING}\n+0 \`reboot\``, "unsupported", /reboot/);
  });

  test("settings without a knob are listed", async () => {
    const { withoutKnob } = await run(`\`sysctl -q net.ipv4.tcp_autocorking=0\`${LISTENING}`);
    expect(withoutKnob).toEqual(["net.ipv4.tcp_autocorking"]);
  });

  test("code sees TCP_INFO of the current connection, and fails where it stands", async () => {
    await expectPass(`${ACCEPTED}\n+0 %{ assert tcpi_state == TCP_ESTABLISHED and tcpi_snd_mss == 1000 }%`);
    const { failure } = await expectFailure(
      `${ACCEPTED}\n+0 %{\nassert tcpi_snd_mss == 1 }%`,
      "code",
      /tcpi_snd_mss == 1/,
    );
    expect(failure?.place).toEqual({ line: 12, column: 8 });
    await expectFailure(
      `${LISTENING}\n+0 close(3) = 0\n+0 %{ assert tcpi_state == 1 }%`,
      "code",
      /without a descriptor/,
    );
  });

  test("the cleanup runs whatever happened", async () => {
    const texts: string[] = [];
    const loadText = (path: string): string => {
      texts.push(path);
      return "true";
    };
    await run(`${LISTENING}\n+0 listen(3, 1) = 7\n\`./clean.sh\``, { loadText });
    expect(texts).toEqual(["./clean.sh"]);
  });
});

describe("what is no outcome of the stack", () => {
  test("a script for the other family is skipped, by its name", async () => {
    const of = (name: string, mode: "ipv4" | "ipv6"): Promise<Outcome> =>
      runScript(name, LISTENING, posixCalls, { mode });
    expect((await of("a-v4.pkt", "ipv6")).status).toBe("skipped");
    expect((await of("a-v6.pkt", "ipv4")).status).toBe("skipped");
    expect((await of("a-v6.pkt", "ipv6")).status).toBe("passed");
  });

  test("a file that is no script fails with its place", async () => {
    const { failure } = await expectFailure("0 socket(", "syntax", /script ends/);
    expect(failure?.place).toEqual({ line: 1, column: 10 });
  });

  test("encapsulated packets and unknown options are unsupported", async () => {
    await expectFailure(`${ACCEPTED}\n+0 < encap psp spi 7 . 1:1(0) ack 1 win 5`, "unsupported", /encap psp/);
    await expectFailure(`--no_such=1\n${LISTENING}`, "unsupported", /--no_such/);
  });

  test("the same script plays the same way again", async () => {
    const source = `${ACCEPTED}\n+0 write(4, ..., 5000) = 5000`;
    const once = await run(source, { keepTranscript: true });
    const again = await run(source, { keepTranscript: true });
    expect(again.transcript).toEqual(once.transcript);
    expect(once.transcript.length).toBeGreaterThan(8);
  });
});
