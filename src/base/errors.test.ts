import { describe, expect, test } from "vitest";
import { NetError } from "./errors.ts";

describe("the message reads like Node's", () => {
  test("with syscall, address and port", () => {
    const error = new NetError("ECONNREFUSED", { syscall: "connect", address: "10.0.0.1", port: 80 });
    expect(error.message).toBe("connect ECONNREFUSED 10.0.0.1:80: connection refused");
  });

  test("an IPv6 address stands in brackets before a port, and without them alone (RFC 3986 §3.2.2)", () => {
    const details = { syscall: "bind", address: "fd77::2" };
    expect(new NetError("EADDRINUSE", { ...details, port: 53 }).message).toBe(
      "bind EADDRINUSE [fd77::2]:53: address already in use",
    );
    expect(new NetError("EADDRNOTAVAIL", details).message).toBe(
      "bind EADDRNOTAVAIL fd77::2: address not available",
    );
  });

  test("with the code alone", () => {
    expect(new NetError("EBADF").message).toBe("EBADF: the socket is closed");
  });
});

test("an error carries the properties that Node's carry", () => {
  const error = new NetError("ETIMEDOUT", { syscall: "connect", address: "10.0.0.1", port: 0 });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "NetError",
    code: "ETIMEDOUT",
    syscall: "connect",
    address: "10.0.0.1",
    port: 0,
  });
  expect(error.message).toContain("10.0.0.1:0");
});
