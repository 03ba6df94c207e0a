/** A thread of `postel drill`: a task comes as a message, its outcome goes back as one. */
import { parentPort, workerData } from "node:worker_threads";
import { type DrillPlan, type DrillTask, playTask } from "./drill-tasks.ts";

const plan = workerData as DrillPlan;

parentPort?.on("message", (task: DrillTask) => {
  playTask(task, plan).then(
    outcome => parentPort?.postMessage(outcome),
    // To the `error` event of the thread that asked.
    (error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    },
  );
});
