import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { errorText, openingText, PingStatistics, roundTripText } from "./ping-statistics.ts";

test("a round trip is shown as iputils shows it: three digits that matter", () => {
  const micros = [43, 999, 1_045, 9_990, 9_996, 12_345, 99_940, 99_960, 118_400];
  expect(micros.map(roundTripText)).toEqual(
    ["0.043", "0.999", "1.04", "9.99", "10.0", "12.3", "99.9", "100", "118"].map(text =>
      expect.stringMatching(text),
    ),
  );
});

test("the first line counts the headers in IPv4 alone", () => {
  expect(openingText("target", ip("203.0.113.10"), 56)).toBe(
    "PING target (203.0.113.10) 56(84) bytes of data.",
  );
  expect(openingText("fd77::1", ip("fd77::1"), 56)).toBe("PING fd77::1 (fd77::1) 56 data bytes");
});

test("the statistics: loss, time, and mdev as the standard deviation", () => {
  const statistics = new PingStatistics();
  statistics.sent = 3;
  statistics.answered(10_000);
  statistics.answered(20_000);
  expect(statistics.lines("target", 2_003_400)).toEqual([
    "",
    "--- target ping statistics ---",
    "3 packets transmitted, 2 received, 33.3333% packet loss, time 2003ms",
    "rtt min/avg/max/mdev = 10.000/15.000/20.000/5.000 ms",
  ]);
});

test("without an answer there are no round trips; duplicates and errors show where there are any", () => {
  const statistics = new PingStatistics();
  statistics.sent = 2;
  statistics.duplicates = 1;
  statistics.errors = 2;
  expect(statistics.lines("x", 0).slice(2)).toEqual([
    "2 packets transmitted, 0 received, +1 duplicates, +2 errors, 100% packet loss, time 0ms",
  ]);
});

test("ICMP errors have the words of their family", () => {
  const error = {
    kind: "host-unreachable",
    code: "EHOSTUNREACH",
    mtu: 0,
    type: 3,
    icmpCode: 1,
    protocol: 1,
  } as const;
  const ends = { reporter: ip("10.0.0.1"), remote: ip("10.0.0.9"), quote: new Uint8Array(8) };
  expect(errorText({ ...error, ...ends, local: ip("10.0.0.2") })).toBe("Destination Host Unreachable");
  expect(errorText({ ...error, ...ends, local: ip("fd00::2") })).toBe(
    "Destination unreachable: Address unreachable",
  );
  expect(errorText({ ...error, ...ends, kind: "packet-too-big", mtu: 1_280, local: ip("fd00::2") })).toBe(
    "Packet too big: mtu=1280",
  );
});
