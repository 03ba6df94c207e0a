/**
 * The kernel's side of an interop test: a program of `peers/` in a namespace, which reports by lines of JSON.
 */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Namespace } from "./namespace.ts";

/** How one connection of `peers/tcp.py` went. */
export interface TcpReport {
  readonly event: "done";
  readonly index: number;
  readonly sent: number;
  readonly sentSha256: string;
  readonly received: number;
  readonly receivedSha256: string;
  /** `fin`: both directions closed in order. Else the errno that ended it: "ECONNRESET", "ETIMEDOUT", … */
  readonly ended: string;
}

export interface ListeningReport {
  readonly event: "listening";
  readonly port: number;
}

/** Options of `peers/tcp.py`, which explains them. */
export interface TcpPeerOptions {
  readonly role: "listen" | "connect";
  /** Where to listen, or whom to connect to. */
  readonly host: string;
  /** 0 when listening: any. */
  readonly port: number;
  /** When connecting: from where. */
  readonly localPort?: number;
  readonly connections?: number;
  readonly send?: number;
  readonly seed?: number;
  readonly receive?: number;
  readonly ending?: "shutdown" | "after-eof" | "close" | "reset" | "hold";
  /** Sends only after the peer has closed its direction. */
  readonly afterEof?: boolean;
  /** Waits so many seconds before it reads anything. */
  readonly readDelay?: number;
  /** SO_RCVBUF. */
  readonly receiveBuffer?: number;
}

export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess & { stdout: NodeJS.ReadableStream }) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The next report. Rejects when the program has ended without one; its complaint is on standard error. */
  async next<Report>(): Promise<Report> {
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the peer ended (exit code ${this.#child.exitCode})`);
    return JSON.parse(line.value) as Report;
  }

  /** The reports of so many connections, in the order of their `index`. */
  async reports(count: number): Promise<TcpReport[]> {
    const reports: TcpReport[] = [];
    while (reports.length < count) reports.push(await this.next<TcpReport>());
    return reports.sort((a, b) => a.index - b.index);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

export function tcpPeer(namespace: Namespace, options: TcpPeerOptions): Peer {
  const args = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [`${flag}=${value}`];
  });
  return start(namespace, "tcp.py", args);
}

/** Answers each datagram with itself. Its first report is a `ListeningReport`. */
export function udpEchoPeer(namespace: Namespace, host: string, port: number): Peer {
  return start(namespace, "udp-echo.py", [`--host=${host}`, `--port=${port}`]);
}

/** Options of `peers/udp-segments.py`, which explains them. */
export interface UdpSegmentsOptions {
  readonly host: string;
  readonly size: number;
  readonly perCall: number;
  readonly calls: number;
}

/** Its first report is a `ListeningReport`. */
export function udpSegmentsPeer(namespace: Namespace, options: UdpSegmentsOptions): Peer {
  const { host, size, perCall, calls } = options;
  const args = [`--host=${host}`, `--size=${size}`, `--per-call=${perCall}`, `--calls=${calls}`];
  return start(namespace, "udp-segments.py", args);
}

/** See `peers/queues.py`. */
export function queuePeer(namespace: Namespace, args: readonly string[]): Peer {
  return start(namespace, "queues.py", args);
}

function start(namespace: Namespace, script: string, args: readonly string[]): Peer {
  const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  return new Peer(namespace.spawn("python3", ["-B", "-u", path, ...args]));
}
