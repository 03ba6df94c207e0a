/**
 * A regular file that lives in memory: what sendfile and splice read from, and what a drill's `open` opens.
 */
import { FIONREAD, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./constants.ts";
import { File, type IntReference } from "./file.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import type { UserMemory } from "./user-memory.ts";

export class MemoryFile extends File {
  position = 0;
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array, flags: number) {
    super(flags);
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  override get isPollable(): boolean {
    return false;
  }

  override poll(): number {
    return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
  }

  override read(memory: UserMemory): SysOutcome {
    const rest = this.#bytes.subarray(this.position, this.position + memory.length);
    const count = memory.put(0, rest);
    if (count === 0 && rest.length > 0) return fail("EFAULT");
    this.position += count;
    return succeed(count);
  }

  override write(memory: UserMemory): SysOutcome {
    const added = memory.gather();
    if (added === undefined) return fail("EFAULT");
    const end = this.position + added.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(added, this.position);
    this.position = end;
    return succeed(added.length);
  }

  override ioctl(request: number, argument: IntReference | null): SysResult {
    if (request !== FIONREAD) return fail("ENOTTY");
    if (argument === null) return fail("EFAULT");
    argument.value = this.#bytes.length - this.position;
    return OK;
  }

  protected override release(): SysOutcome {
    return OK;
  }
}
