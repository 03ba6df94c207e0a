/**
 * Namespaces that nobody deletes any more, as their maker was killed. Names carry its process id: `pb123-4`
 * is the bench's, made by process 123.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

/** @param prefix what the names of a kind of makers begin with */
export function deleteAbandoned(prefix: string): void {
  const own = new RegExp(`^${prefix}(\\d+)-[0-9a-f]+$`);
  for (const name of namespaceNames()) {
    const maker = own.exec(name)?.[1];
    if (maker === undefined || isAlive(Number(maker))) continue;
    spawnSync("ip", ["netns", "delete", name], { stdio: "ignore" });
  }
}

function namespaceNames(): string[] {
  try {
    return readdirSync("/var/run/netns");
  } catch {
    // None has ever been made.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
