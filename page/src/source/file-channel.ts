/** A channel to a file that a Web Worker of the page reads: the page stays smooth while it does. */
import { troubleOf } from "../../../src/inspect/problem.ts";
import type { FromPage, PageChannel, ToPage } from "../../../src/inspect/protocol.ts";
import type { FileToRead } from "./file-worker.ts";
import { portChannel } from "./port-channel.ts";

export function openFileChannel(file: Blob, name: string): PageChannel {
  const worker = new Worker(new URL("./file-worker.ts", import.meta.url), { type: "module" });
  const { port1, port2 } = new MessageChannel();
  const channel = portChannel<FromPage, ToPage>(port1, () => worker.terminate());
  worker.onerror = ({ message }) =>
    channel.onMessage?.(troubleOf({ kind: "unreadable-file", file: name, reason: message }));
  const toRead: FileToRead = { file, name, port: port2 };
  worker.postMessage(toRead, [port2]);
  return channel;
}
