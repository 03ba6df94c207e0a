/**
 * The ports of a program that this machine's own programs can reach: each is published when the program opens
 * it, and let go when it closes it. Where one is taken already, the user is told, and the program goes on.
 */

import { sentenceFor } from "../failure.ts";
import type { CommandLink, Published } from "../links/command-link.ts";
import { type Publication, type Publications, publicationOf } from "./publications.ts";

type Publish = NonNullable<CommandLink["publish"]>;

export class PublishedPorts {
  readonly #publish: Publish;
  readonly #publications: Publications;
  readonly #tell: (sentence: string) => void;
  readonly #published = new Map<string, Promise<Published | undefined>>();
  /** Ports that are being let go: who publishes one again at once waits for that. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(publish: Publish, publications: Publications, tell: (sentence: string) => void) {
    this.#publish = publish;
    this.#publications = publications;
    this.#tell = tell;
  }

  opened(protocol: "tcp" | "udp", port: number): void {
    const publication = publicationOf(this.#publications, protocol, port);
    const key = `${protocol} ${port}`;
    if (publication === undefined || this.#published.has(key)) return;
    this.#published.set(key, this.#open(publication, this.#leaving.get(key)));
  }

  async #open({ protocol, port, at }: Publication, before?: Promise<void>): Promise<Published | undefined> {
    await before;
    try {
      const published = await this.#publish(protocol, port, at);
      // It is there for the program's listener, which decides how long the process lives.
      published.unref();
      return published;
    } catch (error) {
      this.#tell(sentenceFor(error) ?? String(error));
      return undefined;
    }
  }

  closed(protocol: "tcp" | "udp", port: number): void {
    const key = `${protocol} ${port}`;
    const publishing = this.#published.get(key);
    this.#published.delete(key);
    if (publishing === undefined) return;
    const leaving = publishing.then(published => {
      published?.close();
      if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
    });
    this.#leaving.set(key, leaving);
  }
}
