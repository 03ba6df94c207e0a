/**
 * `inspect(host)`: the inspector of hosts in this process, with its page at a port of this machine. What it
 * keeps and costs is bounded: src/inspect.
 */
import type { Host } from "../../host/host.ts";
import { Inspector } from "../../inspect/inspector.ts";
import type { InspectorChannel } from "../../inspect/protocol.ts";
import type { Wire } from "../../inspect/wires.ts";
import { OperationError } from "../operation-error.ts";

export interface InspectOptions {
  /** Undefined: 8081, or the next one that is free. An error if it is given and taken. 0: any. */
  readonly port?: number | undefined;
  /** The loopback of this machine by IPv4 if not said: the inspector is reached from nowhere else. */
  readonly host?: "127.0.0.1" | "::1" | undefined;
  readonly title?: string | undefined;
  /** Wires whose faults a page may change: `wireOfDevice` and `wireOfLink` of `@postel/stack/inspect`. */
  readonly wires?: readonly Wire[] | undefined;
  /** Frames are kept from the beginning, and not only while a page looks at packets. */
  readonly keepsPackets?: boolean | undefined;
  /** For a page that was built elsewhere. */
  readonly pageFolder?: string | undefined;
}

/** An inspector that is open. It does not keep the process alive. */
export interface Inspection {
  readonly url: string;
  /** No port was asked for, and the usual one is taken. */
  readonly isElsewhere: boolean;
  close(): Promise<void>;
}

/** Between two messages to a page. */
const TICK_MS = 100;

/** @throws OperationError (by rejection), with a sentence for the user. */
export async function inspect(
  hosts: Host | readonly Host[],
  options: InspectOptions = {},
): Promise<Inspection> {
  const watched = [hosts].flat() as readonly Host[];
  const inspector = newInspector(watched, options);
  const ticker = new Ticker(inspector);
  const { port, host, pageFolder } = options;
  try {
    // Whoever uses this room for something else does not load a web server.
    const { InspectorServer } = await import("./inspector-server.ts");
    const server = await InspectorServer.open({
      show: { source: "live", join: channel => ticker.join(channel) },
      port,
      host,
      pageFolder,
      isBackground: true,
    });
    const close = async (): Promise<void> => {
      ticker.stop();
      inspector.close();
      await server.close();
    };
    return { url: server.url, isElsewhere: server.isElsewhere, close };
  } catch (error) {
    inspector.close();
    throw error;
  }
}

function newInspector(hosts: readonly Host[], { title, wires, keepsPackets }: InspectOptions): Inspector {
  const [first] = hosts;
  if (first === undefined) throw new OperationError("EINVAL", "There is no host to be inspected.");
  const clock = { now: () => first.now };
  const inspector = new Inspector({
    title: title ?? hosts.map(({ name }) => name).join(", "),
    kind: "live",
    clock,
    epoch: Math.round((performance.timeOrigin + performance.now()) * 1_000 - first.now),
    keepsPackets,
  });
  for (const host of hosts) inspector.watchHost(host);
  for (const wire of wires ?? []) inspector.watchWire(wire);
  return inspector;
}

/** Calls the inspector as long as there is a page. */
class Ticker {
  readonly #inspector: Inspector;
  #timer: NodeJS.Timeout | undefined;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  join(channel: InspectorChannel): void {
    this.#inspector.join(channel);
    this.#inspector.tick();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#inspector.pages > 0) this.#inspector.tick();
    else this.stop();
  }
}
