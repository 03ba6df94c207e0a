import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { NetError } from "../base/errors.ts";
import { OperationError } from "../node/operation-error.ts";
import { Failure, isBrokenPipe, sentenceFor } from "./failure.ts";

test("our own sentences are told as they are", () => {
  expect(sentenceFor(new Failure("This is so."))).toBe("This is so.");
  expect(sentenceFor(new OperationError("EPERM", "Run this as root."))).toBe("Run this as root.");
});

test("what the stack reports says what was done, to whom, and the code", () => {
  const refused = new NetError("ECONNREFUSED", { syscall: "connect", address: "fd77::1", port: 80 });
  expect(sentenceFor(refused)).toBe(
    "Connecting to fd77::1 port 80 failed: connection refused (ECONNREFUSED).",
  );
  expect(sentenceFor(new NetError("ENOBUFS"))).toBe("No buffer space available (ENOBUFS).");
});

test("what Node reports of files, names and connections", async () => {
  expect(sentenceFor(thrown(() => readFileSync("/nonexistent/file")))).toBe(
    "There is no file /nonexistent/file, or no such directory.",
  );
  expect(sentenceFor(thrown(() => readFileSync("/")))).toBeDefined();
  const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND", hostname: "no.where" });
  expect(sentenceFor(unknown)).toBe("The name no.where has no address.");
  const refused = await new Promise(resolve => connect(1, "127.0.0.1").once("error", resolve));
  expect(sentenceFor(refused)).toBe("Connecting to 127.0.0.1 port 1 failed (ECONNREFUSED).");
  const gibberish = Object.assign(new Error("Parse Error"), { code: "HPE_INVALID_CONSTANT" });
  expect(sentenceFor(gibberish)).toBe("The peer does not speak HTTP as it should (HPE_INVALID_CONSTANT).");
});

test("every sentence is one line, begins with a capital letter and ends with a full stop", () => {
  const codes = ["EACCES", "EISDIR", "ENOTDIR", "ENOSPC", "EMFILE"];
  const errors = codes.map(code => Object.assign(new Error(`${code}: text`), { code, path: "/some/file" }));
  for (const error of errors) expect(sentenceFor(error)).toMatch(/^[A-Z/].*\.$/);
});

test("a bug is no sentence", () => {
  for (const bug of [new TypeError("x is not a function"), new Error("no code"), "text", undefined]) {
    expect(sentenceFor(bug)).toBeUndefined();
  }
  expect(sentenceFor(Object.assign(new Error("bad"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
});

test("a closed pipe of ours is told from a connection that the peer has closed", () => {
  expect(isBrokenPipe(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))).toBe(true);
  expect(isBrokenPipe(new NetError("EPIPE", { syscall: "write" }))).toBe(false);
});

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
