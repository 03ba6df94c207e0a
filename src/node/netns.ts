/** Linux network namespaces: doing something inside of another one. setns(2). */
import { assert } from "../base/assert.ts";
import { cannotEnter } from "./device-error.ts";
import { CLONE_NEWNET, errnoName, type Libc, O_CLOEXEC, O_RDONLY } from "./ffi.ts";

/** Where `ip netns` keeps a namespace of this name; a path stays as it is. */
export function netnsPath(netns: string): string {
  return netns.includes("/") ? netns : `/var/run/netns/${netns}`;
}

/**
 * Runs `task` with the calling thread in the namespace, and returns to the one it was in. `task` must do its
 * work before it returns: what it starts (promises, threads, callbacks) runs elsewhere.
 */
export function insideNetns<Result>(libc: Libc, netns: string, task: () => Result): Result {
  const home = libc.open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) throw cannotEnter(errnoName(libc.errno()), netns);
  try {
    enter(libc, netns);
    try {
      return task();
    } finally {
      assert(libc.setns(home, CLONE_NEWNET) === 0, `the thread is stuck in the network namespace ${netns}`);
    }
  } finally {
    libc.close(home);
  }
}

function enter(libc: Libc, netns: string): void {
  const target = libc.open(netnsPath(netns), O_RDONLY | O_CLOEXEC);
  if (target < 0) throw cannotEnter(errnoName(libc.errno()), netns);
  const entered = libc.setns(target, CLONE_NEWNET);
  const errno = libc.errno();
  libc.close(target);
  if (entered < 0) throw cannotEnter(errnoName(errno), netns);
}
