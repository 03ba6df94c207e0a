/**
 * What goes wrong for a reason that the user can see or change: told as one sentence on stderr, with an exit
 * code other than 0. Everything else is a bug of ours.
 */
import { NetError } from "../base/errors.ts";
import { OperationError } from "../node/operation-error.ts";

/** The exit code after a failure, and after a bug: sysexits.h, EX_SOFTWARE. */
export const EXIT_FAILURE = 1;
export const EXIT_BUG = 70;
/** What a shell answers for a command that a closed pipe has ended. */
export const EXIT_BROKEN_PIPE = 141;

/** `message` is one whole sentence. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_FAILURE) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Who read our output has left, as `head` does: nothing to complain about. */
export function isBrokenPipe(error: unknown): boolean {
  return !(error instanceof NetError) && (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
}

/** The sentence for an error that is no bug; undefined for a bug. */
export function sentenceFor(error: unknown): string | undefined {
  if (error instanceof Failure || error instanceof OperationError) return error.message;
  if (error instanceof NetError) return netSentence(error);
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string") {
    return systemSentence(error as SystemError);
  }
  return undefined;
}

const DOING: Readonly<Record<string, string>> = {
  connect: "Connecting to",
  bind: "Binding to",
  listen: "Listening on",
  read: "Receiving from",
  recv: "Receiving from",
  write: "Sending to",
  send: "Sending to",
};

function netSentence({ syscall, address, port, code, message }: NetError): string {
  const meaning = message.slice(message.lastIndexOf(": ") + 2);
  const what = syscall === undefined ? undefined : DOING[syscall];
  if (what === undefined || address === undefined) return `${capital(meaning)} (${code}).`;
  const where = port === undefined ? address : `${address} port ${port}`;
  return `${what} ${where} failed: ${meaning} (${code}).`;
}

interface SystemError extends NodeJS.ErrnoException {
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

/** What the kernel or Node reports with a code. */
function systemSentence(error: SystemError): string | undefined {
  const { code = "", path, hostname, syscall, address, port } = error;
  if (hostname !== undefined) {
    return code === "ENOTFOUND"
      ? `The name ${hostname} has no address.`
      : `Looking up the name ${hostname} failed (${code}).`;
  }
  if (path !== undefined) return fileSentence(code, path);
  if (code.startsWith("HPE_")) return `The peer does not speak HTTP as it should (${code}).`;
  if (!code.startsWith("E") || code.startsWith("ERR_")) return undefined;
  const what = DOING[syscall ?? ""];
  if (what !== undefined && address !== undefined) {
    return `${what} ${address}${port === undefined ? "" : ` port ${port}`} failed (${code}).`;
  }
  if (error.message === "socket hang up") return "The peer closed the connection before it had answered.";
  return code === "ECONNRESET"
    ? "The peer broke the connection off (ECONNRESET)."
    : `${capital(error.message)}.`;
}

function fileSentence(code: string, path: string): string {
  switch (code) {
    case "ENOENT":
      return `There is no file ${path}, or no such directory.`;
    case "EACCES":
    case "EPERM":
      return `The file ${path} may not be opened: its permissions forbid it.`;
    case "EISDIR":
      return `${path} is a directory: give a file.`;
    case "ENOTDIR":
      return `A part of the path ${path} is no directory.`;
    case "ENOSPC":
      return `There is no space left for ${path}.`;
    default:
      return `The file ${path} cannot be used (${code}).`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
