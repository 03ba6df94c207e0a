/** The scripts of `postel drill`: which there are, and how they are spread over threads. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { Outcome } from "../packetdrill/outcome.ts";
import { posixCalls } from "../packetdrill/posix-calls.ts";
import { profileNamed } from "../packetdrill/profile.ts";
import { runScript } from "../packetdrill/runner.ts";
import type { AddressMode } from "../packetdrill/settings.ts";

export interface DrillTask {
  readonly path: string;
  /** Undefined: as the script says. */
  readonly mode: AddressMode | undefined;
}

/** What all tasks share; it goes to other threads. */
export interface DrillPlan {
  readonly profile: string;
  readonly defines: ReadonlyMap<string, string>;
  readonly keepTranscript: boolean;
}

export interface PlayOptions extends DrillPlan {
  /** Undefined: as many as are worth it. */
  readonly jobs: number | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** A thread takes a moment to start: a few scripts are played here. */
const FEW = 200;
const USUAL_JOBS = 4;

/** The script itself, or those below a folder, in order. */
export function findScripts(path: string): { readonly path: string }[] {
  if (!statSync(path).isDirectory()) return [{ path }];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".pkt"))
    .map(entry => ({ path: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** In the order of the tasks. */
export async function playAll(tasks: readonly DrillTask[], options: PlayOptions): Promise<Outcome[]> {
  const usual = tasks.length < FEW ? 1 : Math.min(availableParallelism(), USUAL_JOBS);
  const jobs = Math.min(options.jobs ?? usual, tasks.length);
  const outcomes: Outcome[] = [];
  let next = 0;
  const player = async (play: (task: DrillTask) => Promise<Outcome>): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const outcome = await play(tasks[index] as DrillTask);
      outcomes[index] = outcome;
      options.onOutcome(outcome);
    }
  };
  if (jobs === 1) {
    await player(async task => {
      // The progress bar gets its turn.
      await new Promise(resume => setImmediate(resume));
      return playTask(task, options);
    });
    return outcomes;
  }
  const threads = Array.from({ length: jobs }, () => new DrillThread(options));
  try {
    await Promise.all(threads.map(thread => player(task => thread.play(task))));
  } finally {
    for (const thread of threads) thread.end();
  }
  return outcomes;
}

/** Plays one script in this thread. */
export function playTask(task: DrillTask, plan: DrillPlan): Promise<Outcome> {
  const folder = dirname(resolve(task.path));
  return runScript(task.path, readFileSync(task.path, "utf8"), posixCalls, {
    mode: task.mode,
    profile: profileNamed(plan.profile),
    defines: plan.defines,
    keepTranscript: plan.keepTranscript,
    loadText: path => {
      const file = resolve(folder, path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
  });
}

/** Another thread, which plays one script after the other. */
class DrillThread {
  readonly #worker: Worker;

  constructor({ profile, defines, keepTranscript }: DrillPlan) {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const plan: DrillPlan = { profile, defines, keepTranscript };
    this.#worker = new Worker(new URL(`./drill-worker.${extension}`, import.meta.url), { workerData: plan });
  }

  play(task: DrillTask): Promise<Outcome> {
    return new Promise((resolveOutcome, reject) => {
      const worker = this.#worker;
      const settle = (finish: () => void): void => {
        worker.off("message", played);
        worker.off("error", failed);
        finish();
      };
      const played = (outcome: Outcome): void => settle(() => resolveOutcome(outcome));
      const failed = (error: Error): void => settle(() => reject(error));
      worker.on("message", played);
      worker.on("error", failed);
      worker.postMessage(task);
    });
  }

  end(): void {
    void this.#worker.terminate();
  }
}
