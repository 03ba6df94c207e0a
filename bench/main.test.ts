/** The command itself, on the rows that need neither root nor a compiler. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./places.ts";
import { readResults } from "./results.ts";

function bench(...args: readonly string[]) {
  const main = join(ROOT, "bench/dist/main.js");
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
}

test("--quick --only in-process: a table, and JSON with every row, round and target", () => {
  const folder = mkdtempSync(join(tmpdir(), "postel-bench-"));
  try {
    const file = join(folder, "results.json");
    const { status, stdout } = bench("--quick", "--only", "^in-process", "--output", file);
    expect(status).toBe(0);
    expect(stdout).toContain("In process, stack to stack: super-segments");
    const results = readResults(file);
    expect(results?.format).toBe(1);
    expect(results?.machine.cores).toBeGreaterThan(0);
    expect(results?.rows.map(row => row.name)).toEqual(["in-process-super", "in-process-1500"]);
    for (const { contestants, targets } of results?.rows ?? []) {
      expect(contestants[0]?.rounds).toHaveLength(1);
      expect(contestants[0]?.summaries["throughput"]?.median).toBeGreaterThan(0);
      expect(targets[0]?.value).toBe(contestants[0]?.summaries["throughput"]?.median);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("--list names the rows, and a name that none has is one sentence", () => {
  expect(bench("--list").stdout).toMatch(/^bulk-receive-1 +Bulk transfer: kernel → subject, one stream$/m);
  const { status, stderr } = bench("--only", "nonesuch");
  expect(stderr).toBe("bench: No row has such a name: --list shows them.\n");
  expect(status).toBe(1);
});
