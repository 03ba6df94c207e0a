/** One play of a script: its machine, and its events one after the other. */
import type { Scheduler } from "../base/event-queue.ts";
import type { Host } from "../host/host.ts";
import { SOL_SOCKET, SOL_TCP } from "../socket/posix/constants.ts";
import { SO_MEMINFO, TCP_CC_INFO, TCP_INFO } from "../socket/posix/option-names.ts";
import { isPending } from "../socket/posix/sys-result.ts";
import { ArrivingPackets } from "./arriving-packets.ts";
import { CallRunner } from "./call-runner.ts";
import { type CallContext, DescriptorLabels } from "./calls/call-context.ts";
import { CodeRunner } from "./code.ts";
import { CodeError } from "./code-values.ts";
import { Connections } from "./connections.ts";
import { ScriptFailure } from "./failure.ts";
import type { Outcome, OutcomeFailure } from "./outcome.ts";
import { PacketExpectations } from "./packet-expectations.ts";
import type { Place } from "./place.ts";
import { DEFAULT_PROFILE, type Profile } from "./profile.ts";
import type { CodeAction, PacketAction, Script, ScriptEvent, ShellAction } from "./script.ts";
import type { AddressMode, Settings } from "./settings.ts";
import { Shell } from "./shell.ts";
import { UnsupportedCommand } from "./shell-words.ts";
import { StackSettings, type TextLoader } from "./stack-settings.ts";
import { Stage } from "./stage.ts";
import type { SystemCalls } from "./system-calls.ts";
import {
  bbrInfoFields,
  memoryInfoFields,
  TCP_INFO_CONSTANTS,
  TCP_INFO_ROOM,
  tcpInfoFields,
} from "./tcp-info-layout.ts";
import { Transcript } from "./transcript.ts";

export interface RunOptions {
  /** Undefined: as the script says, else IPv4. */
  readonly mode?: AddressMode | undefined;
  readonly profile?: Profile | undefined;
  /** Words that stand for others, beside those of the mode. */
  readonly defines?: ReadonlyMap<string, string> | undefined;
  readonly loadText?: TextLoader | undefined;
  readonly seed?: number | undefined;
  /** Keeps all packets and calls for `-v`. */
  readonly keepTranscript?: boolean | undefined;
}

/** The sockets on a host. */
export type SystemCallsOf = (host: Host, scheduler: Scheduler) => SystemCalls;

/** Packets that a failure shows. */
const LAST_PACKETS = 10;

export class ScriptRun {
  /** Of the event that is being played. */
  place: Place = { line: 1, column: 1 };
  readonly #script: Script;
  readonly #settings: Settings;
  readonly #stage: Stage;
  readonly #machine: StackSettings;
  readonly #shell: Shell;
  readonly #calls: CallRunner;
  readonly #context: CallContext;
  readonly #arriving: ArrivingPackets;
  readonly #expectations: PacketExpectations;
  readonly #connections: Connections;
  readonly #code = new CodeRunner();
  readonly #transcript = new Transcript();
  readonly #warnings: string[] = [];
  readonly #keepTranscript: boolean;

  constructor(script: Script, settings: Settings, systemCalls: SystemCallsOf, options: RunOptions) {
    this.#script = script;
    this.#settings = settings;
    this.#keepTranscript = options.keepTranscript ?? false;
    const profile = options.profile ?? DEFAULT_PROFILE;
    const stage = new Stage(settings, profile.tcp, options.seed ?? 1);
    this.#stage = stage;
    this.#machine = new StackSettings(stage, settings, profile, options.loadText ?? (() => undefined));
    this.#shell = new Shell(this.#machine);
    this.#connections = new Connections(settings);
    this.#arriving = new ArrivingPackets(stage, settings, this.#connections, this.#transcript);
    this.#expectations = new PacketExpectations(stage, settings, this.#connections, this.#transcript);
    this.#context = {
      calls: systemCalls(stage.host, stage.world),
      settings,
      labels: new DescriptorLabels(),
      connections: this.#connections,
      now: () => stage.now,
      scriptTime: live => live - stage.instantOf(0),
      toleranceUsecs: settings.toleranceUsecs,
      file: path => {
        const size = this.#machine.files.get(path);
        return size === undefined ? undefined : new Uint8Array(size);
      },
    };
    this.#calls = new CallRunner(this.#context, stage);
    stage.afterStep = async () => {
      if (!this.#calls.isWaiting) return;
      await stage.world.quiet();
      this.#calls.check();
    };
  }

  get lastPackets(): string[] {
    return this.#transcript.lastPackets(LAST_PACKETS);
  }

  async play(): Promise<void> {
    try {
      for (const shell of this.#script.setup) this.#runShell(shell);
      await this.#playEvents();
    } finally {
      for (const shell of this.#script.cleanup) this.#shell.run(shell.text);
    }
  }

  outcome(failure: OutcomeFailure | undefined): Outcome {
    return {
      name: this.#script.name,
      mode: this.#settings.mode,
      status: failure === undefined ? "passed" : "failed",
      reason: undefined,
      failure,
      warnings: this.#warnings,
      withoutKnob: [...this.#machine.withoutKnob].sort(),
      duration: this.#stage.now,
      transcript: this.#keepTranscript ? this.#transcript.lines() : [],
    };
  }

  close(): void {
    this.#stage.close();
  }

  async #playEvents(): Promise<void> {
    /** The script time of the event before, and when it was over. */
    let before = 0;
    let wasArriving = false;
    for (const event of this.#script.events) {
      this.place = event.place;
      const { time, action } = event;
      const isArriving = action.kind === "packet" && action.direction === "in";
      // Packets in a row keep their distance; all else counts from when the event before was over.
      const base = time.kind !== "relative" ? 0 : isArriving && wasArriving ? before : this.#stage.now;
      const at = time.kind === "any" ? this.#stage.now : base + time.at;
      if (action.kind === "packet" && action.direction === "out") {
        const range = time.kind === "any" ? undefined : { from: at, to: base + (time.until ?? time.at) };
        await this.#tolerating(this.#settings.nonFatalPackets, event, () =>
          this.#expectations.expect(action, { range, waited: at - before }, event.place),
        );
      } else {
        await this.#stage.advanceTo(at);
        await this.#act(event, time.returns === undefined ? undefined : base + time.returns);
        await this.#stage.settle();
      }
      this.#expectations.checkFaults(event.place);
      before = at;
      wasArriving = isArriving;
    }
    this.#calls.finish();
  }

  async #act(event: ScriptEvent, returnsAt: number | undefined): Promise<void> {
    const { action, place } = event;
    switch (action.kind) {
      case "packet":
        this.#arriving.inject(action as PacketAction, place);
        return;
      case "call":
        this.#transcript.add("call", this.#stage.now, () => this.#lineOf(place));
        await this.#tolerating(this.#settings.nonFatalCalls, event, () => this.#calls.run(action, returnsAt));
        return;
      case "shell":
        this.#runShell(action);
        return;
      case "code":
        this.#runCode(action);
    }
  }

  /** `--non_fatal`: a mismatch is only noted. */
  async #tolerating(isTolerant: boolean, event: ScriptEvent, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!isTolerant || !(error instanceof ScriptFailure)) throw error;
      this.#warnings.push(`${event.place.line}: ${error.message}`);
    }
  }

  #lineOf({ line }: Place): string {
    return (this.#script.source.split("\n")[line - 1] ?? "").trim();
  }

  #runShell(action: ShellAction): void {
    let status: number;
    try {
      status = this.#shell.run(action.text);
    } catch (error) {
      if (!(error instanceof UnsupportedCommand)) throw error;
      throw new ScriptFailure("unsupported", action.place, error.message);
    }
    if (status === 0) return;
    throw new ScriptFailure("shell", action.place, `the command ended with status ${status}`);
  }

  #runCode(action: CodeAction): void {
    let fields: Map<string, number> | undefined;
    const lookUp = (name: string): number | undefined => {
      const constant = TCP_INFO_CONSTANTS.get(name);
      if (constant !== undefined || !/^(tcpi|bbr|SK_MEMINFO)_/.test(name)) return constant;
      fields ??= this.#tcpInfo(action.place);
      return fields.get(name);
    };
    try {
      this.#code.run(action.text, lookUp);
    } catch (error) {
      if (!(error instanceof CodeError)) throw error;
      throw new ScriptFailure("code", placeWithin(action, error.offset), error.message);
    }
  }

  /** What getsockopt tells of the connection: TCP_INFO, TCP_CC_INFO where BBR gives it, and SO_MEMINFO. */
  #tcpInfo(place: Place): Map<string, number> {
    const info = tcpInfoFields(this.#infoBytes(SOL_TCP, TCP_INFO, place));
    const control = bbrInfoFields(this.#infoBytes(SOL_TCP, TCP_CC_INFO, place));
    const memory = memoryInfoFields(this.#infoBytes(SOL_SOCKET, SO_MEMINFO, place));
    return new Map([...info, ...control, ...memory]);
  }

  #infoBytes(level: number, option: number, place: Place): Uint8Array {
    const fd = this.#connections.current?.fd;
    if (fd === undefined) {
      throw new ScriptFailure("code", place, "code looks at TCP_INFO of a connection without a descriptor");
    }
    const bytes = new Uint8Array(TCP_INFO_ROOM);
    const length = { value: TCP_INFO_ROOM };
    const result = this.#context.calls.getsockopt(fd, level, option, bytes, length);
    if (isPending(result) || result.value !== 0) {
      throw new ScriptFailure("code", place, "getsockopt(TCP_INFO) failed");
    }
    return bytes.subarray(0, length.value);
  }
}

function placeWithin(action: CodeAction, offset: number): Place {
  const lines = action.text.slice(0, offset).split("\n");
  const last = lines.at(-1) ?? "";
  const column = lines.length === 1 ? action.place.column + last.length : last.length + 1;
  return { line: action.place.line + lines.length - 1, column };
}
