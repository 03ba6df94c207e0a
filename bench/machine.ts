/** What the numbers were measured on. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** The hypervisor: "kvm", "none"; "unknown" where nobody says. */
  readonly virtualization: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    virtualization: virtualization(),
  };
}

/** The mean number of runnable processes over the last minute: what the bench had to share with. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function virtualization(): string {
  try {
    return execFileSync("systemd-detect-virt", ["--vm"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch (error) {
    // It exits with 1 where there is none, and says so.
    const said = (error as { stdout?: unknown }).stdout;
    return typeof said === "string" && said.trim() !== "" ? said.trim() : "unknown";
  }
}
