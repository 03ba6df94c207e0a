/**
 * epoll, as in Linux's fs/eventpoll.c. A watched file's wake-up puts its item on the ready list; waiting
 * looks at the files themselves, so the list only says where to look. A level-triggered item goes back on the
 * list as long as it is ready, an edge-triggered one (EPOLLET) waits for the next wake-up, a one-shot one for
 * EPOLL_CTL_MOD.
 */
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWAKEUP,
  O_RDWR,
} from "./constants.ts";
import { File } from "./file.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";

/** struct epoll_event. */
export interface EpollEvent {
  /** EPOLL bits, as an unsigned number. */
  events: number;
  /** The user's own: a descriptor, a pointer, any 64 bits. */
  data: bigint;
}

const PRIVATE_BITS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
const EXCLUSIVE_MAY_HAVE = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** Linux's EP_MAX_NESTS. */
const DEEPEST_NESTING = 4;

interface Item {
  readonly file: File;
  readonly fd: number;
  events: number;
  data: bigint;
  readonly wake: (key: number) => void;
  readonly released: () => void;
}

export class Epoll extends File {
  readonly #items = new Map<File, Map<number, Item>>();
  /** In the order in which they became ready. */
  #ready = new Set<Item>();

  constructor() {
    super(O_RDWR);
  }

  /** epoll_ctl, once the descriptors are known to be good. `event` is null only for EPOLL_CTL_DEL. */
  control(operation: number, fd: number, file: File, event: EpollEvent | null): SysResult {
    if (!file.isPollable) return fail("EPERM");
    if (file === this) return fail("EINVAL");
    const events = event?.events ?? 0;
    const hasEvent = operation !== EPOLL_CTL_DEL;
    if (hasEvent && (events & EPOLLEXCLUSIVE) !== 0) {
      if (operation === EPOLL_CTL_MOD) return fail("EINVAL");
      if (file instanceof Epoll || (events & ~EXCLUSIVE_MAY_HAVE) !== 0) return fail("EINVAL");
    }
    if (operation === EPOLL_CTL_ADD && file instanceof Epoll) {
      if (file.#leadsTo(this) || file.#depth() >= DEEPEST_NESTING) return fail("ELOOP");
    }
    const item = this.#items.get(file)?.get(fd);
    switch (operation) {
      case EPOLL_CTL_ADD:
        if (item !== undefined) return fail("EEXIST");
        this.#add(file, fd, events, event?.data ?? 0n);
        return OK;
      case EPOLL_CTL_DEL:
        if (item === undefined) return fail("ENOENT");
        this.#remove(item);
        return OK;
      case EPOLL_CTL_MOD:
        if (item === undefined) return fail("ENOENT");
        return this.#modify(item, events, event?.data ?? 0n);
      default:
        return fail("EINVAL");
    }
  }

  /** Fills `out` with at most `most` events; undefined when there are none. */
  collect(out: EpollEvent[], most: number): SysResult | undefined {
    const looked = [...this.#ready];
    const again: Item[] = [];
    let at = 0;
    out.length = 0;
    for (; at < looked.length && out.length < most; at++) {
      const item = looked[at] as Item;
      const events = readiness(item);
      if (events === 0) continue;
      out.push({ events, data: item.data });
      if ((item.events & EPOLLONESHOT) !== 0) item.events &= PRIVATE_BITS;
      else if ((item.events & EPOLLET) === 0) again.push(item);
    }
    this.#ready = new Set([...looked.slice(at), ...again]);
    return out.length === 0 ? undefined : succeed(out.length);
  }

  /** An epoll instance can be watched itself. */
  override poll(): number {
    for (const item of this.#ready) {
      if (readiness(item) !== 0) return EPOLLIN | EPOLLRDNORM;
      this.#ready.delete(item);
    }
    return 0;
  }

  protected override release(): SysOutcome {
    for (const items of [...this.#items.values()]) for (const item of [...items.values()]) this.#remove(item);
    return OK;
  }

  #add(file: File, fd: number, events: number, data: bigint): void {
    const item: Item = {
      file,
      fd,
      events: events | EPOLLERR | EPOLLHUP,
      data,
      wake: key => this.#woken(item, key),
      released: () => this.#remove(item),
    };
    let items = this.#items.get(file);
    if (items === undefined) {
      items = new Map();
      this.#items.set(file, items);
    }
    items.set(fd, item);
    file.waiters.add(item.wake);
    file.onRelease.add(item.released);
    if (readiness(item) !== 0) this.#isReady(item);
  }

  #modify(item: Item, events: number, data: bigint): SysResult {
    if ((item.events & EPOLLEXCLUSIVE) !== 0) return fail("EINVAL");
    item.events = events | EPOLLERR | EPOLLHUP;
    item.data = data;
    if (readiness(item) !== 0) this.#isReady(item);
    return OK;
  }

  #remove(item: Item): void {
    item.file.waiters.remove(item.wake);
    item.file.onRelease.delete(item.released);
    this.#ready.delete(item);
    const items = this.#items.get(item.file);
    items?.delete(item.fd);
    if (items?.size === 0) this.#items.delete(item.file);
  }

  #woken(item: Item, key: number): void {
    // A one-shot item that has had its shot.
    if ((item.events & ~PRIVATE_BITS) === 0) return;
    if (key !== 0 && (key & item.events) === 0) return;
    this.#isReady(item);
  }

  #isReady(item: Item): void {
    this.#ready.add(item);
    this.waiters.wake(EPOLLIN | EPOLLRDNORM);
  }

  #watched(): Epoll[] {
    return [...this.#items.keys()].filter(file => file instanceof Epoll);
  }

  #leadsTo(target: Epoll): boolean {
    return this === target || this.#watched().some(epoll => epoll.#leadsTo(target));
  }

  #depth(): number {
    return 1 + Math.max(0, ...this.#watched().map(epoll => epoll.#depth()));
  }
}

/** What an item's user is told now, as an unsigned number. */
function readiness(item: Item): number {
  return (item.file.poll() & item.events & ~PRIVATE_BITS) >>> 0;
}
