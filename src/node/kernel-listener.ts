/** Connections that the kernel's TCP accepts, as streams that can be half-closed. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { KernelTcp } from "./handles/bindings.ts";
import { withKernelHandles } from "./kernel-handles.ts";
import { OperationError } from "./operation-error.ts";

const SERVER = 1;
/** Node's own. */
const BACKLOG = 511;

export interface ListenOptions {
  readonly host: string;
  /** 0: the kernel chooses one. */
  readonly port: number;
}

export interface KernelListener {
  /** What it is bound to. */
  readonly host: string;
  readonly port: number;
  /** Accepts no more; connections that were accepted live on. */
  close(): Promise<void>;
  ref(): void;
  unref(): void;
}

/** @throws OperationError (by rejection), with a sentence for the user. */
export function listen(
  options: ListenOptions,
  onConnection: (socket: Socket) => void,
): Promise<KernelListener> {
  return listenWith(createServer({ allowHalfOpen: true, noDelay: true }, onConnection), options);
}

/** The same for a server of any kind that stands on `net`'s, such as one of HTTP. */
export function listenWith(made: Server, options: ListenOptions): Promise<KernelListener> {
  const server = onKernel(made);
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(explain(error as NodeJS.ErrnoException, options));
    server.once("error", failed);
    try {
      server.listen({ host: options.host, port: options.port }, () => {
        server.off("error", failed);
        // A failed accept (too many open files) ends that connection, not the program.
        server.on("error", () => undefined);
        resolve(listenerOf(server));
      });
    } catch (error) {
      failed(error);
    }
  });
}

/** As `listen`, at an address, and at once: it listens when the call returns. @throws OperationError */
export function listenNow(options: ListenOptions, onConnection: (socket: Socket) => void): KernelListener {
  const { host, port } = options;
  const handle = new KernelTcp(SERVER);
  const bound = host.includes(":") ? handle.bind6(host, port, 0) : handle.bind(host, port);
  const status = bound === 0 ? handle.listen(BACKLOG) : bound;
  if (status !== 0) {
    handle.close();
    const code = getSystemErrorName(status);
    throw explain(Object.assign(new Error(code), { code }), options);
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  server.on("error", () => undefined);
  server.listen(handle);
  return listenerOf(server);
}

/** Its handle is made when the name has been looked up, by a method that Node leaves open for wrapping. */
function onKernel(server: Server): Server {
  const listening = server as Server & { _listen2(...args: unknown[]): void };
  const { _listen2 } = listening;
  listening._listen2 = (...args) => withKernelHandles(() => _listen2.apply(server, args));
  return server;
}

function listenerOf(server: Server): KernelListener {
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    close: () => new Promise(resolve => server.close(() => resolve())),
    ref: () => void server.ref(),
    unref: () => void server.unref(),
  };
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenOptions): OperationError {
  const code = error.code ?? "EINVAL";
  switch (code) {
    case "EADDRINUSE":
      return new OperationError(
        code,
        `Port ${port} of ${host} is in use by another program: stop that program or choose another port.`,
      );
    case "EACCES":
    case "EPERM":
      return new OperationError(
        code,
        `Listening on port ${port} of ${host} is not permitted: run this as root, ` +
          "or choose a port from 1024 up.",
      );
    case "EADDRNOTAVAIL":
      return new OperationError(code, `${host} is not an address of this machine: choose one that is.`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new OperationError(code, `The name ${host} has no address: choose one that resolves.`);
    case "ERR_SOCKET_BAD_PORT":
      return new OperationError(code, `${port} is not a port: choose one from 0 to 65535.`);
    default:
      return new OperationError(code, `Listening on port ${port} of ${host} failed: ${error.message}`);
  }
}
