import { describe, expect, test } from "vitest";
import { bindLibc, EAGAIN, errnoName } from "./ffi.ts";
import { OperationError } from "./operation-error.ts";

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof OperationError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("system calls that are not to be had", () => {
  test("on another system than Linux: one sentence, and koffi is not even looked for", () => {
    const load = () => {
      throw new Error("looked for");
    };
    expect(messageOf(() => bindLibc("darwin", load))).toBe("TUN devices need Linux.");
  });

  test("without koffi: one sentence that says what to install", () => {
    const load = () => {
      throw new Error("Cannot find module 'koffi'\nRequire stack:\n- /somewhere.js");
    };
    expect(messageOf(() => bindLibc("linux", load))).toBe(
      "TUN and TAP devices need the optional package koffi, which cannot be loaded " +
        "(Cannot find module 'koffi'): npm install koffi",
    );
  });

  test("with a koffi that cannot watch descriptors", () => {
    expect(messageOf(() => bindLibc("linux", () => ({})))).toContain("npm install koffi@3");
  });
});

test("errno values have their names", () => {
  expect(errnoName(EAGAIN)).toMatch(/^(EAGAIN|EWOULDBLOCK)$/);
  expect(errnoName(1)).toBe("EPERM");
  expect(errnoName(98_765)).toBe("error 98765");
});
