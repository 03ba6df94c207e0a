/** Every script of `test/packetdrill` passes, over IPv4, over IPv6 and with IPv4-mapped addresses. */
import { describe, expect, test } from "vitest";
import { failureText } from "../../src/packetdrill/report.ts";
import { ownScripts, play } from "./own-scripts.ts";

describe.each(["ipv4", "ipv6", "mapped"] as const)("%s", mode => {
  test.each(ownScripts().map(({ name, source }) => [name, source]))("%s", async (name, source) => {
    const outcome = await play(name, source, mode);
    expect(failureText(outcome)).toBe("");
    if (outcome.status === "skipped") expect(name).toMatch(/v[46]\.pkt$/);
  });
});

test("every script begins with the rule that it shows, and its RFC", () => {
  for (const { name, source } of ownScripts()) {
    const comment = /^(?:\/\/[^\n]*\n)+/.exec(source)?.[0] ?? "";
    expect(comment.length, name).toBeGreaterThan(20);
  }
});
