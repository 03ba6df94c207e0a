/** Errors as handles answer them: libuv's negative numbers, of which Node makes its own texts. */
import { type ErrorCode, NetError } from "../../base/errors.ts";
import { binding } from "./bindings.ts";

const uv = binding("uv");

/** libuv's number for an error, also for what goes wrong with names. */
export function uvCode(code: ErrorCode | "EAI_AGAIN" | "EAI_NONAME"): number {
  const number = uv[`UV_${code}`];
  // The kernel's number is libuv's wherever both have one; EOPNOTSUPP is ENOTSUP's on Linux.
  return typeof number === "number" ? number : (uv["UV_ENOTSUP"] as number);
}

/** The number of an operation that failed. What is no such error is nobody's to handle. */
export function codeOf(error: unknown): number {
  if (error instanceof NetError) return uvCode(error.code);
  throw error;
}
