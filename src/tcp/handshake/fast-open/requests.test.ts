import { describe, expect, test } from "vitest";
import { type Instant, seconds } from "../../../base/time.ts";
import { FastOpenRequest, FastOpenRequests } from "./requests.ts";

const at = (time: number): Instant => seconds(time) as number as Instant;

function request(requests: FastOpenRequests): FastOpenRequest {
  return new FastOpenRequest(requests, undefined, false, true);
}

describe("a listener's Fast Open requests: RFC 7413 §5.1", () => {
  test("are limited; a completed handshake makes room, once", () => {
    const requests = new FastOpenRequests(2);
    const first = request(requests);
    expect(requests.hasRoom(at(0))).toBe(true);
    request(requests);
    expect(requests.hasRoom(at(0))).toBe(false);
    first.done();
    first.done();
    expect(requests.count).toBe(1);
    expect(requests.hasRoom(at(0))).toBe(true);
  });

  test("a limit of 0 admits none", () => {
    expect(new FastOpenRequests(0).hasRoom(at(0))).toBe(false);
  });

  test("one that was reset after a user had it keeps its place for 60 s", () => {
    const requests = new FastOpenRequests(1);
    const spoofed = request(requests);
    spoofed.isAccepted = true;
    spoofed.wasReset(at(10));
    spoofed.done();
    expect(requests.count).toBe(1);
    expect(requests.hasRoom(at(69))).toBe(false);
    expect(requests.hasRoom(at(70))).toBe(true);
    expect(requests.count).toBe(0);
  });

  test("one that was reset before anybody accepted it does not: it keeps its place in the accept queue", () => {
    const requests = new FastOpenRequests(1);
    request(requests).wasReset(at(10));
    expect(requests.hasRoom(at(10))).toBe(true);
  });

  test("places in quarantine are given back one by one, and only when they are needed", () => {
    const requests = new FastOpenRequests(2);
    for (const time of [1, 2]) {
      const spoofed = request(requests);
      spoofed.isAccepted = true;
      spoofed.wasReset(at(time));
    }
    expect(requests.hasRoom(at(61))).toBe(true);
    expect(requests.hasRoom(at(61))).toBe(true);
    request(requests);
    expect(requests.hasRoom(at(61))).toBe(false);
    expect(requests.hasRoom(at(62))).toBe(true);
  });
});
