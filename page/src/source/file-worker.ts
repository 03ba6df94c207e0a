/** The worker that reads a file and then answers what the page asks. One worker, one file. */
import { troubleOf } from "../../../src/inspect/problem.ts";
import type { FromPage, ToPage } from "../../../src/inspect/protocol.ts";
import { FileInspector } from "./file/file-inspector.ts";
import { readFile } from "./file/read-file.ts";
import { portChannel } from "./port-channel.ts";

export interface FileToRead {
  readonly file: Blob;
  readonly name: string;
  readonly port: MessagePort;
}

/** Progress is told after so many bytes more. */
const PROGRESS_STEP = 1024 * 1024;

addEventListener("message", (event: MessageEvent<FileToRead>) => {
  const { file, name, port } = event.data;
  void open(file, name, port);
});

async function open(file: Blob, name: string, port: MessagePort): Promise<void> {
  const channel = portChannel<ToPage, FromPage>(port);
  let told = 0;
  const read = await readFile(name, file.stream(), done => {
    if (done - told < PROGRESS_STEP) return;
    told = done;
    channel.send({ type: "progress", done, all: file.size });
  });
  if ("kind" in read) channel.send(troubleOf(read));
  else new FileInspector(read).join(channel);
}
