import { expect, test } from "vitest";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { TcpInfo } from "../tcp/tcp-info.ts";
import { ConnectionSummaries, endText, retransmissionText, summaryText } from "./connection-summary.ts";

const NOTHING = { syn: 0, timeout: 0, fast: 0, rack: 0, tlp: 0, size: 0 };

function info(changes: Partial<TcpInfo>): TcpInfo {
  const ends = { localAddress: "10.77.0.2", localPort: 80, remoteAddress: "10.77.0.1", remotePort: 40_000 };
  const counts = { bytesAcked: 1_000, bytesReceived: 90, srtt: 1_250, duration: 1_230_000 };
  return { ...ends, ...counts, retransmissions: NOTHING, error: undefined, ...changes } as TcpInfo;
}

/** The same connection from its other end. */
function farInfo(changes: Partial<TcpInfo> = {}): TcpInfo {
  const ends = { localAddress: "10.77.0.1", localPort: 40_000, remoteAddress: "10.77.0.2", remotePort: 80 };
  return info({ ...ends, bytesAcked: 90, bytesReceived: 1_000, ...changes });
}

const connection = (its: TcpInfo): TcpConnection => ({ info: () => its }) as TcpConnection;

test("a line has the bytes each way, the duration, SRTT and the retransmissions by cause", () => {
  const retransmissions = { ...NOTHING, timeout: 1, rack: 3_300 };
  expect(summaryText(info({ retransmissions }))).toBe(
    "10.77.0.2:80 ↔ 10.77.0.1:40000 closed, 1,000 bytes out, 90 bytes in, 1.23 s, SRTT 1.25 ms, " +
      "3,301 retransmitted (1 timeout, 3,300 RACK)",
  );
});

test("an end that was not in order says by what", () => {
  expect(summaryText(info({ error: "ECONNRESET" }))).toContain(" ended by ECONNRESET, ");
  expect(summaryText(info({}), farInfo({ error: "ETIMEDOUT" }))).toContain(" ended by ETIMEDOUT, ");
});

test("retransmissions of both ends are added", () => {
  const one = { retransmissions: { ...NOTHING, syn: 1, fast: 2 } };
  expect(retransmissionText([one, one])).toBe("6 retransmitted (2 SYN, 4 fast)");
  expect(retransmissionText([{ retransmissions: NOTHING }])).toBe("nothing retransmitted");
});

test.each([["local"], ["remote"]] as const)("two ends are one line, whichever ends first: %s", first => {
  const lines: string[] = [];
  const summaries = new ConnectionSummaries(true, line => lines.push(line));
  const far = farInfo({ retransmissions: { ...NOTHING, tlp: 1 } });
  const events = [
    () => summaries.probe("local").ended?.(connection(info({}))),
    () => summaries.probe("remote").ended?.(connection(far)),
  ];
  for (const event of first === "local" ? events : events.reverse()) event();
  expect(lines).toEqual([summaryText(info({}), far)]);
  summaries.finish();
  expect(lines).toHaveLength(1);
});

test("an end whose other end never ended is told at last, as the local end sees it", () => {
  const lines: string[] = [];
  const summaries = new ConnectionSummaries(true, line => lines.push(line));
  summaries.probe("remote").ended?.(connection(farInfo()));
  expect(lines).toEqual([]);
  summaries.finish();
  expect(lines).toEqual([
    expect.stringMatching(/^10\.77\.0\.2:80 ↔ 10\.77\.0\.1:40000 closed, 1,000 bytes out, 90 bytes in/),
  ]);
});

test("where only one end is ours its line comes at once", () => {
  const lines: string[] = [];
  new ConnectionSummaries(false, line => lines.push(line)).probe("local").ended?.(connection(info({})));
  expect(lines).toHaveLength(1);
});

test("IPv6 addresses stand in brackets before their ports", () => {
  expect([endText("fd77::2", 80), endText("10.0.0.1", 80)]).toEqual(["[fd77::2]:80", "10.0.0.1:80"]);
});
