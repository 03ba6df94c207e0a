/** docs/settings.md says what src/tcp/tcp-config.ts says. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("docs/settings.md is what scripts/settings.mjs writes", () => {
  const script = fileURLToPath(new URL("../../scripts/settings.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
