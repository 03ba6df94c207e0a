/**
 * The ports of a program that this machine's own programs can reach: each is published when the program opens
 * it, and let go when it closes it. Where that cannot be, the program hears it as it would of the kernel; and
 * the user, where the program cannot know which port is meant.
 */
import type { ErrorCode } from "../../base/errors.ts";
import { OperationError } from "../../node/operation-error.ts";
import type { CommandLink, Published } from "../links/command-link.ts";
import { type Publication, type Publications, publicationOf } from "./publications.ts";

type Publish = NonNullable<CommandLink["publish"]>;

/** What a program's own listening may fail with. */
const TELLABLE: readonly ErrorCode[] = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES"];

export class PublishedPorts {
  readonly #publish: Publish;
  readonly #publications: Publications;
  readonly #tell: (sentence: string) => void;
  readonly #published = new Map<string, Published>();

  constructor(publish: Publish, publications: Publications, tell: (sentence: string) => void) {
    this.#publish = publish;
    this.#publications = publications;
    this.#tell = tell;
  }

  /** Answers why the program's port cannot be published; undefined: it is, or is not to be. */
  opened(protocol: "tcp" | "udp", port: number): ErrorCode | undefined {
    const publication = publicationOf(this.#publications, protocol, port);
    if (publication === undefined) return undefined;
    try {
      const published = this.#publish(protocol, port, publication.at);
      // It is there for the program's listener, which decides how long the process lives.
      published.unref();
      this.#published.set(`${protocol} ${port}`, published);
      if (publication.at.port === 0) this.#tell(whereText(publication, published));
      return undefined;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      return this.#failed(publication, error);
    }
  }

  closed(protocol: "tcp" | "udp", port: number): void {
    const key = `${protocol} ${port}`;
    this.#published.get(key)?.close();
    this.#published.delete(key);
  }

  #failed({ port, at }: Publication, { code, message }: OperationError): ErrorCode | undefined {
    const told = TELLABLE.find(each => each === code);
    if (told === undefined || port !== at.port) this.#tell(message);
    return told;
  }
}

function whereText({ protocol, port }: Publication, { host, port: outer }: Published): string {
  const where = host.includes(":") ? `[${host}]:${outer}` : `${host}:${outer}`;
  return `The program's port ${port}/${protocol} is published at ${where}.`;
}
