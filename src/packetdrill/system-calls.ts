/**
 * The system calls that scripts make, as the runner needs them: numbers, bytes and structures are Linux's.
 * The sockets of `socket/posix` satisfy this; another stack's would do.
 */
import type { AddressOut } from "../socket/posix/addresses.ts";
import type { EpollEvent } from "../socket/posix/epoll.ts";
import type { IntReference } from "../socket/posix/file.ts";
import type { MessageHeader } from "../socket/posix/message-header.ts";
import type { PollDescriptor } from "../socket/posix/poll.ts";
import type { SysOutcome } from "../socket/posix/sys-result.ts";
import type { IoVector } from "../socket/posix/user-memory.ts";

/** A pointer is `null` where a script passes NULL. */
export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): SysOutcome;
  bind(fd: number, address: Uint8Array | null, length: number): SysOutcome;
  listen(fd: number, backlog: number): SysOutcome;
  accept(fd: number, address: AddressOut | null): SysOutcome;
  connect(fd: number, address: Uint8Array | null, length: number): SysOutcome;
  read(fd: number, buffer: Uint8Array | null, length: number): SysOutcome;
  readv(fd: number, vectors: readonly IoVector[]): SysOutcome;
  write(fd: number, buffer: Uint8Array | null, length: number): SysOutcome;
  writev(fd: number, vectors: readonly IoVector[]): SysOutcome;
  recvfrom(
    fd: number,
    buffer: Uint8Array | null,
    length: number,
    flags: number,
    address: AddressOut | null,
  ): SysOutcome;
  recvmsg(fd: number, message: MessageHeader, flags: number): SysOutcome;
  sendto(
    fd: number,
    buffer: Uint8Array | null,
    length: number,
    flags: number,
    address: Uint8Array | null,
    addressLength: number,
  ): SysOutcome;
  sendmsg(fd: number, message: MessageHeader, flags: number): SysOutcome;
  fcntl(fd: number, command: number, argument: number): SysOutcome;
  ioctl(fd: number, request: number, argument: IntReference | null): SysOutcome;
  close(fd: number): SysOutcome;
  shutdown(fd: number, how: number): SysOutcome;
  /** `length.value`: the buffer's size, then how much was filled in. */
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array | null,
    length: IntReference,
  ): SysOutcome;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array | null, length: number): SysOutcome;
  poll(descriptors: readonly PollDescriptor[], timeout: number): SysOutcome;
  epollCreate(size: number): SysOutcome;
  epollCtl(epoll: number, operation: number, fd: number, event: EpollEvent | null): SysOutcome;
  epollWait(epoll: number, events: EpollEvent[], most: number, timeout: number): SysOutcome;
  /** Fills in the reading and the writing end. */
  pipe(ends: number[]): SysOutcome;
  splice(
    from: number,
    fromOffset: IntReference | null,
    to: number,
    toOffset: IntReference | null,
    length: number,
    flags: number,
  ): SysOutcome;
  sendfile(to: number, from: number, offset: IntReference | null, count: number): SysOutcome;
  /** A file with this content: what a script calls `open`. */
  openFile(content: Uint8Array, flags: number): SysOutcome;
}

export type { AddressOut, EpollEvent, IntReference, IoVector, MessageHeader, PollDescriptor, SysOutcome };
