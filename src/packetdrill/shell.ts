/**
 * The few shell commands of scripts. None is run: lines that set up a kernel become settings of the stack,
 * questions about its state are answered from the stack's own, and whatever else there is fails as
 * unsupported.
 */
import { parseCommands, type SimpleCommand, UnsupportedCommand } from "./shell-words.ts";

/** What the commands act on. */
export interface ShellTarget {
  /** @param name With dots, such as net.ipv4.tcp_sack. False: there is no such setting. */
  setSysctl(name: string, value: string): boolean;
  sysctl(name: string): string | undefined;
  /** The queue in front of the device; `limit` 0 takes nothing. */
  setQueue(discipline: string, limit: number | undefined): void;
  /** `ip route change`. Undefined: not said. False: cannot be done. */
  changeRoute(route: RouteChange): boolean;
  /** `ethtool -K`: whether the device cuts segments itself. */
  setSegmentationOffload(on: boolean): void;
  /** What the Fast Open client remembers is forgotten: `ip tcp_metrics flush all`. */
  flushMetrics(): void;
  /** A counter of `nstat` since the last `nstat`; undefined: there is no such counter. */
  counter(name: string): number | undefined;
  resetCounters(): void;
  /** Whether a TCP socket listens on the port: `grep " 0A " /proc/net/tcp`. */
  isListening(port: number): boolean;
  /** Files of zeros, for `open`. */
  makeFile(path: string, size: number): void;
  removeFile(path: string): void;
  /** The text of another script, relative to this one; undefined: there is none. */
  loadText(path: string): string | undefined;
}

export interface RouteChange {
  readonly destination: string;
  readonly mtu: number | undefined;
  readonly isMtuLocked: boolean;
  readonly advertisedMss: number | undefined;
  readonly initialWindow: number | undefined;
}

export class Shell {
  readonly #target: ShellTarget;
  /** What `set_sysctls.py` changed, for the script that puts it back. */
  readonly #restore = new Map<string, string>();

  constructor(target: ShellTarget) {
    this.#target = target;
  }

  /** The exit status. Throws an `UnsupportedCommand`. */
  run(text: string): number {
    let status = 0;
    const commands = parseCommands(text);
    for (const [index, { joint, words }] of commands.entries()) {
      if (joint === "|") continue;
      if ((joint === "&&" && status !== 0) || (joint === "||" && status === 0)) continue;
      const filters: (readonly string[])[] = [];
      for (let next = index + 1; commands[next]?.joint === "|"; next++) {
        filters.push((commands[next] as SimpleCommand).words);
      }
      status = filters.length > 0 ? this.#pipeline(words, filters) : this.#command(words);
    }
    return status;
  }

  #command(words: readonly string[]): number {
    const [program = "", ...args] = words;
    const name = program.slice(program.lastIndexOf("/") + 1);
    switch (name) {
      case "sysctl":
        return this.#sysctl(args);
      case "set_sysctls.py":
        return this.#setSysctls(args);
      case "tc":
        return this.#tc(args);
      case "ip":
        return this.#ip(args);
      case "ethtool":
        return this.#ethtool(args);
      case "nstat":
        this.#target.resetCounters();
        return 0;
      case "dd":
        return this.#dd(args);
      case "rm":
        for (const path of args) if (!path.startsWith("-")) this.#target.removeFile(path);
        return 0;
      case "echo":
        return this.#echo(args);
      case "true":
        return 0;
      case "false":
        return 1;
      default:
        if (name.startsWith("sysctl_restore_")) return this.#putBack();
        if (name.endsWith(".sh")) return this.#script(program);
        throw new UnsupportedCommand(`the command ${name} is not supported`);
    }
  }

  #script(path: string): number {
    const text = this.#target.loadText(path);
    if (text === undefined) throw new UnsupportedCommand(`there is no script ${path}`);
    return this.run(text);
  }

  #sysctl(args: readonly string[]): number {
    let status = 0;
    const isLenient = args.includes("-e");
    for (const setting of args) {
      if (/^-[eqwn]+$/.test(setting)) continue;
      const { name, value } = splitSetting(setting);
      if (value === undefined) throw new UnsupportedCommand(`sysctl ${setting}: only settings are supported`);
      if (!this.#target.setSysctl(name, value) && !isLenient) status = 255;
    }
    return status;
  }

  /** Sets, and remembers what was set before. Like the original, it does not fail. */
  #setSysctls(args: readonly string[]): number {
    this.#restore.clear();
    for (const setting of args) {
      const { name, value } = splitSetting(setting.replace(/^\/proc\/sys\//, ""));
      if (value === undefined) throw new UnsupportedCommand(`${setting} is no setting`);
      const before = this.#target.sysctl(name);
      if (!this.#target.setSysctl(name, value))
        throw new UnsupportedCommand(`the sysctl ${name} is not known`);
      if (before !== undefined) this.#restore.set(name, before);
    }
    return 0;
  }

  #putBack(): number {
    for (const [name, value] of this.#restore) this.#target.setSysctl(name, value);
    return 0;
  }

  #tc(args: readonly string[]): number {
    const [object, action = "", ...rest] = args;
    if (object !== "qdisc" || !/^(add|replace|change|del|delete)$/.test(action)) {
      throw new UnsupportedCommand(`tc ${args.join(" ")} is not supported`);
    }
    if (action.startsWith("del")) {
      this.#target.setQueue("default", undefined);
      return 0;
    }
    const kind = rest[rest.indexOf("root") + 1] ?? "";
    if (!/^(pfifo|bfifo|pfifo_fast|fq|fq_codel|noqueue)$/.test(kind)) {
      throw new UnsupportedCommand(`the queue ${kind} is not supported`);
    }
    this.#target.setQueue(kind, numberAfter(rest, "limit"));
    return 0;
  }

  #ip(args: readonly string[]): number {
    const words = args.filter(word => word !== "-4" && word !== "-6");
    const [object, action] = words;
    if (object === "tcp_metrics" && action === "flush") {
      this.#target.flushMetrics();
      return 0;
    }
    if (object !== "route" || !/^(change|replace)$/.test(action ?? "")) {
      throw new UnsupportedCommand(`ip ${args.join(" ")} is not supported`);
    }
    const isDone = this.#target.changeRoute({
      destination: words[2] ?? "",
      mtu: numberAfter(words, "mtu"),
      isMtuLocked: words[words.indexOf("mtu") + 1] === "lock",
      advertisedMss: numberAfter(words, "advmss"),
      initialWindow: numberAfter(words, "initcwnd"),
    });
    return isDone ? 0 : 2;
  }

  #ethtool(args: readonly string[]): number {
    if (args[0] !== "-K") throw new UnsupportedCommand(`ethtool ${args.join(" ")} is not supported`);
    for (const feature of ["gso", "tso"]) {
      const at = args.indexOf(feature);
      if (at >= 0) this.#target.setSegmentationOffload(args[at + 1] === "on");
    }
    return 0;
  }

  #dd(args: readonly string[]): number {
    const value = (name: string): string | undefined =>
      args.find(arg => arg.startsWith(`${name}=`))?.slice(name.length + 1);
    const to = value("of");
    if (value("if") !== "/dev/zero" || to === undefined) {
      throw new UnsupportedCommand("dd is supported from /dev/zero to a file");
    }
    this.#target.makeFile(to, Number(value("bs") ?? 512) * Number(value("count") ?? 0));
    return 0;
  }

  /** Into the kernel's files only. */
  #echo(args: readonly string[]): number {
    const at = args.indexOf(">");
    const path = args[at + 1];
    if (at < 0 || path === undefined) return 0;
    const name = path.replace(/^\/proc\/sys\//, "").replace(/^\//, "");
    return this.#target.setSysctl(name.replaceAll("/", "."), args.slice(0, at).join(" ")) ? 0 : 1;
  }

  /** Questions: a counter, or a listening port. */
  #pipeline(words: readonly string[], filters: ReadonlyArray<readonly string[]>): number {
    const patterns: string[] = [];
    for (const filter of filters) {
      const wanted = filter.slice(1).find(word => !word.startsWith("-"));
      if (filter[0] !== "grep" || wanted === undefined) {
        throw new UnsupportedCommand(`${filter.join(" ")} is not supported in a pipe`);
      }
      patterns.push(wanted);
    }
    const [program, ...args] = words;
    if (program === "nstat") return this.#askCounter(patterns);
    if (program === "grep" && args.some(word => word.startsWith("/proc/net/tcp"))) {
      return this.#askListening([args[0] ?? "", ...patterns]);
    }
    throw new UnsupportedCommand(`${words.join(" ")} is not supported in a pipe`);
  }

  /** The first pattern names the counter; others are looked for in its line, as `nstat` prints it. */
  #askCounter(patterns: readonly string[]): number {
    const [name = "", ...others] = patterns;
    const value = this.#target.counter(name);
    if (value === undefined) throw new UnsupportedCommand(`the counter ${name} is not known`);
    this.#target.resetCounters();
    const line = `${name.padEnd(32)}${String(value).padEnd(16)}   0.0`;
    return value > 0 && others.every(pattern => line.includes(pattern)) ? 0 : 1;
  }

  #askListening(patterns: readonly string[]): number {
    const port = patterns.map(pattern => /^:([0-9A-F]{4})$/.exec(pattern)?.[1]).find(Boolean);
    if (port === undefined || !patterns.includes(" 0A ")) {
      throw new UnsupportedCommand("of /proc/net/tcp only the listening ports are known");
    }
    return this.#target.isListening(Number.parseInt(port, 16)) ? 0 : 1;
  }
}

function splitSetting(setting: string): { name: string; value: string | undefined } {
  const at = setting.indexOf("=");
  const name = (at < 0 ? setting : setting.slice(0, at)).replaceAll("/", ".");
  return { name, value: at < 0 ? undefined : setting.slice(at + 1).trim() };
}

/** The number behind a word; `lock` may lie between them. */
function numberAfter(words: readonly string[], word: string): number | undefined {
  const at = words.indexOf(word);
  if (at < 0) return undefined;
  const value = Number(words[at + 1] === "lock" ? words[at + 2] : words[at + 1]);
  return Number.isFinite(value) ? value : undefined;
}
