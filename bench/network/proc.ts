/** What a process has used, as /proc has it: proc_pid_stat(5), proc_pid_status(5). */
import { readdirSync, readFileSync } from "node:fs";

/** /proc counts in hundredths of a second, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;
/** The fields' numbers in the manual count from 1; the first two are cut off. */
const UTIME = 14 - 3;
const STIME = 15 - 3;

/** Of all threads of a process, in user and kernel mode. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND;
}

/** Its memory that is resident. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

let packetThreads: readonly number[] | undefined;

/** Of the kernel's threads that process packets when there are too many to do it in passing: ksoftirqd. */
export function softirqSeconds(): number {
  packetThreads ??= findPacketThreads();
  return packetThreads.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}

function findPacketThreads(): number[] {
  const pids = readdirSync("/proc").filter(name => /^\d+$/.test(name));
  return pids.filter(pid => nameOf(pid).startsWith("ksoftirqd/")).map(Number);
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
