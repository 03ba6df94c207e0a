/**
 * The calls on descriptors of any kind: read, write, close, dup, fcntl, ioctl, poll, select, epoll, pipe,
 * splice and sendfile. As in C, but that -1 comes with the error's name, and a call that has to wait answers
 * with a promise.
 */
import type { Scheduler } from "../../base/event-queue.ts";
import { type Duration, milliseconds } from "../../base/time.ts";
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_DEL,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFD,
  F_SETFL,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  FIONBIO,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_RDONLY,
} from "./constants.ts";
import { DescriptorTable, MOST_DESCRIPTORS } from "./descriptor-table.ts";
import { Epoll, type EpollEvent } from "./epoll.ts";
import type { File, IntReference } from "./file.ts";
import { MemoryFile } from "./memory-file.ts";
import { Pipe, PipeEnd } from "./pipe.ts";
import { type PollDescriptor, pollDescriptors } from "./poll.ts";
import { type SelectSets, selectDescriptors } from "./select.ts";
import { attemptOrSleep } from "./sleep.ts";
import { sendFile, splice } from "./splice.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { type IoVector, MOST_VECTORS, UserMemory } from "./user-memory.ts";

const SETTABLE = O_APPEND | O_NONBLOCK | O_ASYNC | O_NOATIME;
const MOST_EVENTS = Math.floor(0x7fff_ffff / 12);

export class PosixFiles {
  protected readonly table = new DescriptorTable();
  protected readonly scheduler: Scheduler | undefined;

  constructor(scheduler: Scheduler | undefined) {
    this.scheduler = scheduler;
  }

  /** Open descriptors, in order. */
  descriptors(): number[] {
    return this.table.descriptors();
  }

  /** As when the process ends: every descriptor is closed. */
  closeAll(): void {
    for (const fd of this.table.descriptors()) this.close(fd);
  }

  read(fd: number, buffer: Uint8Array | null, count?: number): SysOutcome {
    return this.readv(fd, [{ bytes: buffer, length: count }]);
  }

  readv(fd: number, vectors: readonly IoVector[]): SysOutcome {
    const file = this.table.get(fd);
    if (file === undefined || !file.isReadable) return fail("EBADF");
    return vectors.length > MOST_VECTORS ? fail("EINVAL") : file.read(new UserMemory(vectors));
  }

  write(fd: number, buffer: Uint8Array | null, count?: number): SysOutcome {
    return this.writev(fd, [{ bytes: buffer, length: count }]);
  }

  writev(fd: number, vectors: readonly IoVector[]): SysOutcome {
    const file = this.table.get(fd);
    if (file === undefined || !file.isWritable) return fail("EBADF");
    return vectors.length > MOST_VECTORS ? fail("EINVAL") : file.write(new UserMemory(vectors));
  }

  close(fd: number): SysOutcome {
    return this.table.remove(fd)?.drop() ?? fail("EBADF");
  }

  dup(fd: number): SysResult {
    return this.#duplicate(fd, 0, false);
  }

  dup2(fd: number, wanted: number): SysOutcome {
    if (fd === wanted && this.table.get(fd) !== undefined) return succeed(fd);
    const result = this.dup3(fd, wanted, 0);
    return result;
  }

  dup3(fd: number, wanted: number, flags: number): SysOutcome {
    if ((flags & ~O_CLOEXEC) !== 0 || fd === wanted) return fail("EINVAL");
    const file = this.table.get(fd);
    if (file === undefined || wanted < 0 || wanted >= MOST_DESCRIPTORS) return fail("EBADF");
    const replaced = this.table.remove(wanted);
    this.table.place(wanted, file, (flags & O_CLOEXEC) !== 0);
    replaced?.drop();
    return succeed(wanted);
  }

  fcntl(fd: number, command: number, argument = 0): SysResult {
    const file = this.table.get(fd);
    if (file === undefined) return fail("EBADF");
    switch (command) {
      case F_GETFL:
        return succeed(file.flags);
      case F_SETFL:
        if ((argument & O_DIRECT) !== 0) return fail("EINVAL");
        file.flags = (file.flags & ~SETTABLE) | (argument & SETTABLE);
        return OK;
      case F_GETFD:
        return succeed(this.table.closesOnExec(fd) ? FD_CLOEXEC : 0);
      case F_SETFD:
        this.table.setCloseOnExec(fd, (argument & FD_CLOEXEC) !== 0);
        return OK;
      case F_DUPFD:
      case F_DUPFD_CLOEXEC:
        if (argument < 0 || argument >= MOST_DESCRIPTORS) return fail("EINVAL");
        return this.#duplicate(fd, argument, command === F_DUPFD_CLOEXEC);
      case F_GETPIPE_SZ:
        return file instanceof PipeEnd ? succeed(file.pipe.size) : fail("EBADF");
      case F_SETPIPE_SZ:
        return file instanceof PipeEnd ? file.pipe.resize(argument) : fail("EBADF");
      default:
        return fail("EINVAL");
    }
  }

  ioctl(fd: number, request: number, argument: IntReference | null = null): SysResult {
    const file = this.table.get(fd);
    if (file === undefined) return fail("EBADF");
    if (request !== FIONBIO) return file.ioctl(request, argument);
    if (argument === null) return fail("EFAULT");
    file.flags = argument.value === 0 ? file.flags & ~O_NONBLOCK : file.flags | O_NONBLOCK;
    return OK;
  }

  // --- readiness

  /** @param timeout in milliseconds; negative: for ever */
  poll(descriptors: readonly PollDescriptor[], timeout: number): SysOutcome {
    return pollDescriptors(this.table, this.scheduler, descriptors, timeout);
  }

  /** @param timeout undefined: for ever */
  select(count: number, sets: Partial<SelectSets>, timeout?: Duration): SysOutcome {
    const { read = null, write = null, except = null } = sets;
    return selectDescriptors(this.table, this.scheduler, count, { read, write, except }, timeout);
  }

  epollCreate(size: number): SysResult {
    return size <= 0 ? fail("EINVAL") : this.epollCreate1(0);
  }

  epollCreate1(flags: number): SysResult {
    if ((flags & ~EPOLL_CLOEXEC) !== 0) return fail("EINVAL");
    return this.open(new Epoll(), (flags & EPOLL_CLOEXEC) !== 0);
  }

  epollCtl(epfd: number, operation: number, fd: number, event: EpollEvent | null): SysResult {
    if (operation !== EPOLL_CTL_DEL && event === null) return fail("EFAULT");
    const epoll = this.table.get(epfd);
    const file = this.table.get(fd);
    if (epoll === undefined || file === undefined) return fail("EBADF");
    if (!file.isPollable) return fail("EPERM");
    return epoll instanceof Epoll ? epoll.control(operation, fd, file, event) : fail("EINVAL");
  }

  /** Fills `events` anew. @param timeout in milliseconds; negative: for ever */
  epollWait(epfd: number, events: EpollEvent[], most: number, timeout: number): SysOutcome {
    const epoll = this.table.get(epfd);
    if (epoll === undefined) return fail("EBADF");
    if (most <= 0 || most > MOST_EVENTS || !(epoll instanceof Epoll)) return fail("EINVAL");
    return attemptOrSleep({
      scheduler: this.scheduler,
      files: [epoll],
      attempt: () => epoll.collect(events, most),
      timeout: timeout < 0 ? undefined : milliseconds(timeout),
      expired: () => OK,
    });
  }

  // --- pipes and files

  pipe(descriptors: number[]): SysResult {
    return this.pipe2(descriptors, 0);
  }

  /** Fills in the reading end and the writing end. */
  pipe2(descriptors: number[], flags: number): SysResult {
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return fail("EINVAL");
    if (!this.table.hasRoomFor(2)) return fail("EMFILE");
    const pipe = new Pipe(this.scheduler, flags & O_NONBLOCK);
    const closesOnExec = (flags & O_CLOEXEC) !== 0;
    descriptors[0] = this.open(pipe.reader, closesOnExec).value;
    descriptors[1] = this.open(pipe.writer, closesOnExec).value;
    return OK;
  }

  /** A regular file in memory, as `open` would open it. */
  openFile(bytes: Uint8Array, flags = O_RDONLY): SysResult {
    return this.open(new MemoryFile(bytes, flags & ~O_CLOEXEC), (flags & O_CLOEXEC) !== 0);
  }

  splice(
    fdIn: number,
    offsetIn: IntReference | null,
    fdOut: number,
    offsetOut: IntReference | null,
    length: number,
    flags = 0,
  ): SysOutcome {
    const from = this.table.get(fdIn);
    const to = this.table.get(fdOut);
    if (from === undefined || to === undefined) return fail("EBADF");
    const ends = [
      { file: from, offset: offsetIn },
      { file: to, offset: offsetOut },
    ] as const;
    return splice(this.scheduler, ends[0], ends[1], length, flags);
  }

  sendfile(fdOut: number, fdIn: number, offset: IntReference | null, count: number): SysOutcome {
    const from = this.table.get(fdIn);
    const to = this.table.get(fdOut);
    if (from === undefined || to === undefined) return fail("EBADF");
    return sendFile(this.scheduler, { file: from, offset }, to, count);
  }

  /** A new descriptor; without one the file is released again. */
  protected open(file: File, closesOnExec: boolean): SysResult {
    const fd = this.table.allocate(file, closesOnExec);
    if (fd !== undefined) return succeed(fd);
    file.acquire();
    file.drop();
    return fail("EMFILE");
  }

  #duplicate(fd: number, from: number, closesOnExec: boolean): SysResult {
    const file = this.table.get(fd);
    if (file === undefined) return fail("EBADF");
    const copy = this.table.allocate(file, closesOnExec, from);
    return copy === undefined ? fail("EMFILE") : succeed(copy);
  }
}
