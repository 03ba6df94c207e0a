/**
 * Worker threads that watch a descriptor end in every way of their own, and the process lives on: koffi would
 * abort it (node/ffi).
 */
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";

/** A worker whose descriptor is ready all the time, and which ends in its own way. */
async function endOfWorker(end: string): Promise<{ code: number; error: string | undefined }> {
  const script = `
    import { loadLibc } from ${JSON.stringify(new URL("../../dist/node/ffi.js", import.meta.url).href)};
    const libc = loadLibc();
    const watch = libc.watch(libc.socket(2, 2, 0), () => ready());
    watch.wantWritable(true);
    let count = 0;
    const ready = () => {
      if (++count > 50) ${end};
    };`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
  let error: string | undefined;
  worker.once("error", ({ message }) => {
    error = message;
  });
  const code = await new Promise<number>(resolve => worker.once("exit", resolve));
  return { code, error };
}

describe("a worker thread that ends with a watch open harms nobody", () => {
  test.each([
    ["it exits when something is ready", "process.exit(3)", 3, undefined],
    ["it throws then", 'throw new Error("thrown")', 1, "thrown"],
    ["it exits at another time", "setTimeout(() => process.exit(4), 5)", 4, undefined],
    ["it closes the watch, and has nothing more to do", "watch.close()", 0, undefined],
  ])("%s", async (_name, end, code, error) => {
    expect(await endOfWorker(end)).toEqual({ code, error });
  });
});
