/** A channel to a scene that is simulated in a Web Worker of the page. */
import { troubleOf } from "../../../src/inspect/problem.ts";
import type { FromPage, PageChannel, ToPage } from "../../../src/inspect/protocol.ts";
import type { ToWorker } from "./worker-messages.ts";

export function openSceneChannel(scene: string, seed: number | undefined): PageChannel {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new WorkerChannel(worker, { kind: "open", scene, seed });
}

/** What a channel needs of a worker. */
export interface WorkerEnd {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<ToPage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export class WorkerChannel implements PageChannel {
  onMessage: ((message: ToPage) => void) | undefined;
  onClosed: (() => void) | undefined;
  readonly #worker: WorkerEnd;
  #taken = 0;

  constructor(worker: WorkerEnd, open: ToWorker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      this.onMessage?.(data);
      worker.postMessage({ kind: "taken", messages: ++this.#taken });
    };
    worker.onerror = ({ message }) => {
      this.onMessage?.(troubleOf({ kind: "simulation-failed", reason: message }));
      this.onClosed?.();
    };
    worker.postMessage(open);
  }

  send(message: FromPage): void {
    this.#worker.postMessage({ kind: "said", message });
  }

  close(): void {
    this.#worker.terminate();
  }
}
