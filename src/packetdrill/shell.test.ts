import { describe, expect, test } from "vitest";
import { type RouteChange, Shell, type ShellTarget } from "./shell.ts";
import { parseCommands } from "./shell-words.ts";

class Recorder implements ShellTarget {
  readonly log: string[] = [];
  readonly values = new Map([["net.ipv4.tcp_sack", "1"]]);
  readonly texts = new Map<string, string>();
  readonly counters = new Map<string, number>();
  route: RouteChange | undefined;

  setSysctl(name: string, value: string): boolean {
    if (name.includes("unknown")) return false;
    this.log.push(`${name}=${value}`);
    this.values.set(name, value);
    return true;
  }

  sysctl(name: string): string | undefined {
    return this.values.get(name);
  }

  setQueue(discipline: string, limit: number | undefined): void {
    this.log.push(`queue ${discipline} ${limit}`);
  }

  changeRoute(route: RouteChange): boolean {
    this.route = route;
    return true;
  }

  setSegmentationOffload(on: boolean): void {
    this.log.push(`offload ${on}`);
  }

  flushMetrics(): void {
    this.log.push("flush");
  }

  counter(name: string): number | undefined {
    return this.counters.get(name);
  }

  resetCounters(): void {
    this.log.push("reset");
  }

  isListening(port: number): boolean {
    return port === 8_080;
  }

  makeFile(path: string, size: number): void {
    this.log.push(`file ${path} ${size}`);
  }

  removeFile(path: string): void {
    this.log.push(`remove ${path}`);
  }

  loadText(path: string): string | undefined {
    return this.texts.get(path);
  }
}

function run(text: string, target = new Recorder()): { status: number; log: string[]; target: Recorder } {
  const status = new Shell(target).run(text);
  return { status, log: target.log, target };
}

describe("settings", () => {
  test("sysctl sets what it is given, with dots or slashes, quotes and sums", () => {
    expect(run('sysctl -q net.ipv4.tcp_rmem="4096 5 $((15*1024*1024))" net/ipv4/tcp_ecn=0x1').log).toEqual([
      "net.ipv4.tcp_rmem=4096 5 15728640",
      "net.ipv4.tcp_ecn=0x1",
    ]);
  });

  test("a setting that does not exist fails, but not with -e", () => {
    expect(run("sysctl -q net.unknown=1").status).not.toBe(0);
    expect(run("sysctl -e -q net.unknown=1").status).toBe(0);
  });

  test("set_sysctls.py sets, and its restore script puts back what was", () => {
    const target = new Recorder();
    const shell = new Shell(target);
    shell.run("../../common/set_sysctls.py \\\n  /proc/sys/net/ipv4/tcp_sack=0");
    expect(target.values.get("net.ipv4.tcp_sack")).toBe("0");
    expect(shell.run("/tmp/sysctl_restore_4711.sh")).toBe(0);
    expect(target.values.get("net.ipv4.tcp_sack")).toBe("1");
  });

  test("a script of settings is read, with its comments and redirections", () => {
    const target = new Recorder();
    const text = "#!/bin/bash\n# why\nip tcp_metrics flush all > /dev/null 2>&1\n\nsysctl -q a.b=1 # more\n";
    target.texts.set("../common/defaults.sh", text);
    expect(run("../common/defaults.sh", target).log).toEqual(["flush", "a.b=1"]);
  });

  test("echo into a file of the kernel is a setting", () => {
    expect(run("echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect").log).toEqual([
      "sys.module.tcp_cubic.parameters.hystart_detect=3",
    ]);
  });
});

describe("the machine", () => {
  test("queues, offload, routes and files", () => {
    expect(
      run("tc qdisc delete dev tun0 root 2>/dev/null ; tc qdisc add dev tun0 root pfifo limit 0").log,
    ).toEqual(["queue default undefined", "queue pfifo 0"]);
    expect(run("ethtool -K tun0 gso off tso off").log).toEqual(["offload false", "offload false"]);
    expect(run("/bin/dd bs=2 count=5 if=/dev/zero of=/tmp/x status=none; rm -f /tmp/x").log).toEqual([
      "file /tmp/x 10",
      "remove /tmp/x",
    ]);
    const { target } = run("ip -6 route change fd::1 via fd::2 dev tun0 advmss 600 mtu lock 640 initcwnd 11");
    expect(target.route).toEqual({
      destination: "fd::1",
      mtu: 640,
      isMtuLocked: true,
      advertisedMss: 600,
      initialWindow: 11,
    });
  });

  test("questions about counters and ports", () => {
    const target = new Recorder();
    target.counters.set("TcpExtX", 1);
    target.counters.set("TcpExtY", 0);
    expect(run("nstat > /dev/null", target).log).toEqual(["reset"]);
    expect(run("nstat | grep TcpExtX > /dev/null", target).status).toBe(0);
    expect(run("nstat | grep TcpExtY", target).status).toBe(1);
    const value = target.counter("TcpExtX");
    expect(run(`nstat | grep TcpExtX | grep -q " ${value} "`, target).status).toBe(0);
    expect(run('nstat | grep TcpExtX | grep -q " 77 "', target).status).toBe(1);
    expect(run('grep " 0A " /proc/net/tcp /proc/net/tcp6 | grep ":1F90"').status).toBe(0);
    expect(run('grep " 0A " /proc/net/tcp /proc/net/tcp6 | grep ":0050"').status).toBe(1);
  });
});

describe("commands", () => {
  test("are joined by ;, &&, || and new lines; the status is that of the last", () => {
    expect(run("false || sysctl a.b=1").log).toEqual(["a.b=1"]);
    expect(run("true || sysctl a.b=1").log).toEqual([]);
    expect(run("false && sysctl a.b=1").log).toEqual([]);
    expect(run("sysctl net.unknown=1 &> /dev/null ||\\\n sysctl a.b=2").status).toBe(0);
    expect(run("false\ntrue").status).toBe(0);
    expect(run("true; false").status).toBe(1);
  });

  test("words keep what is quoted together", () => {
    expect(parseCommands("a 'b c' \"d  e\"f")[0]?.words).toEqual(["a", "b c", "d  ef"]);
  });

  test.each([
    "curl http://example.org",
    "tc filter add dev tun0",
    "ip link set tun0 up",
    "dd if=/etc/passwd of=/tmp/x",
    "nstat | grep TcpExtZ",
    "cat /etc/passwd | grep root",
    "./nothing.sh",
    "sysctl net.ipv4.tcp_sack",
  ])("%s is unsupported", command => {
    expect(() => run(command)).toThrow(expect.objectContaining({ name: "UnsupportedCommand" }));
  });
});
