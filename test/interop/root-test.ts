/** Tests that need root, a TUN device and iproute2: skipped with the reason elsewhere, and required on CI. */
import { test } from "vitest";
import { requireRoot } from "./namespace.ts";

const reason = requireRoot();

export function rootTest(name: string, body: () => unknown, timeout?: number): void {
  const title = reason === undefined ? name : `${name} [skipped: ${reason}]`;
  test.skipIf(reason !== undefined)(title, async () => void (await body()), timeout);
}
