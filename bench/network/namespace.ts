/**
 * Network namespaces of the bench: made for one turn, deleted after it, also on Ctrl-C; what a killed run
 * left behind is deleted by the next.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { deleteAbandoned } from "./abandoned.ts";

const PREFIX = "pb";

const open = new Set<Namespace>();
let made = 0;

export class Namespace {
  readonly name = `${PREFIX}${process.pid}-${made++}`;

  constructor() {
    if (made === 1) beginRun();
    run("ip", "netns", "add", this.name);
    open.add(this);
    this.ip("link", "set", "lo", "up");
    // A new namespace inherits the machine's choice, which is BBR on some: too slow by far over a veth.
    this.sysctl("net.ipv4.tcp_congestion_control", "reno");
    // Nothing but the bench's own packets.
    this.sysctl("net.ipv6.conf.all.disable_ipv6", "1");
    // Short connections by the ten thousand from one address.
    this.sysctl("net.ipv4.ip_local_port_range", "1024 65535");
    this.sysctl("net.ipv4.tcp_tw_reuse", "1");
    this.sysctl("net.core.somaxconn", "4096");
    this.sysctl("net.ipv4.tcp_max_syn_backlog", "8192");
  }

  /** Runs `ip` inside: `namespace.ip("link", "set", "tun0", "up")`. */
  ip(...args: readonly string[]): void {
    run("ip", "-n", this.name, ...args);
  }

  hasLink(name: string): boolean {
    return spawnSync("ip", ["-n", this.name, "link", "show", name], { stdio: "ignore" }).status === 0;
  }

  sysctl(name: string, value: string): void {
    run("ip", "netns", "exec", this.name, "sysctl", "-qw", `${name}=${value}`);
  }

  close(): void {
    if (!open.delete(this)) return;
    spawnSync("ip", ["netns", "delete", this.name], { stdio: "ignore" });
  }
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
}

function beginRun(): void {
  process.once("exit", () => {
    for (const namespace of open) namespace.close();
  });
  deleteAbandoned(PREFIX);
}
