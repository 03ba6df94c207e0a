import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect } from "vitest";
import { rootTest } from "../../test/interop/root-test.ts";
import { deleteAbandoned } from "./abandoned.ts";

const PREFIX = "pa";
/** Beyond the highest that Linux gives to a process. */
const NOBODY = 4_194_305;

rootTest("namespaces whose maker is gone are deleted, and those of the living and of others stay", () => {
  const stay = [`${PREFIX}${process.pid}-0`, `${PREFIX}b${NOBODY}-0`];
  const names = [...stay, `${PREFIX}${NOBODY}-0`, `${PREFIX}${NOBODY}-0a1b2c`];
  for (const name of names) execFileSync("ip", ["netns", "add", name]);
  try {
    deleteAbandoned(PREFIX);
    expect(readdirSync("/var/run/netns").filter(name => names.includes(name))).toEqual(stay.sort());
  } finally {
    for (const name of names) spawnSync("ip", ["netns", "delete", name], { stdio: "ignore" });
  }
});
