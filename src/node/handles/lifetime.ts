/**
 * What keeps the process alive, counted as libuv counts it: handles that are referenced and active (they
 * listen, they read), and requests that are not answered yet. While there is one, the loop waits for the
 * stack's timers and messages; without, they do not hold it.
 */

interface Referenced {
  ref(): unknown;
  unref(): unknown;
}

export class Lifetime {
  readonly #sources: readonly Referenced[];
  #holds = 0;

  /** @param sources what the event loop has to wait for as long as anything holds it */
  constructor(sources: readonly Referenced[]) {
    this.#sources = sources;
    for (const source of sources) source.unref();
  }

  hold(): void {
    if (this.#holds++ === 0) for (const source of this.#sources) source.ref();
  }

  release(): void {
    if (--this.#holds === 0) for (const source of this.#sources) source.unref();
  }
}

/** One reason to stay alive. */
export class Hold {
  readonly #lifetime: Lifetime;
  #isHeld = false;

  constructor(lifetime: Lifetime) {
    this.#lifetime = lifetime;
  }

  set(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (isHeld) this.#lifetime.hold();
    else this.#lifetime.release();
  }
}
