/**
 * Prints a line for each frame of a device, in tcpdump's form. Printing never holds the stack up: when
 * whoever reads is too slow, lines are left out and counted.
 */
import { clockText } from "../capture/line-time.ts";
import { linkTypeOf } from "../capture/link-type.ts";
import { PacketLines } from "../capture/packet-line.ts";
import type { NetDevice } from "../link/net-device.ts";
import { tap } from "../link/tap.ts";
import type { DescriptorWriter } from "./descriptor-writer.ts";
import { countText } from "./quantity-text.ts";
import type { Colours } from "./terminal.ts";
import { timeOfDay, zoneOffset } from "./time-of-day.ts";

/** Bytes of text that may wait to be written. */
const MOST_WAITING = 1_048_576;

export class PacketPrinter {
  readonly #out: DescriptorWriter;
  readonly #colours: Colours;
  readonly #lines = new PacketLines({ verifyChecksums: true });
  readonly #offset = zoneOffset(timeOfDay());
  #leftOut = 0;

  constructor(out: DescriptorWriter, colours: Colours) {
    this.#out = out;
    this.#colours = colours;
  }

  /** The device, with its frames printed. */
  watch(device: NetDevice): NetDevice {
    const linkType = linkTypeOf(device.medium);
    return tap(device, {
      frame: (_direction, { bytes, start, end }) => {
        if (this.#out.waiting > MOST_WAITING) {
          this.#leftOut++;
          return;
        }
        this.finish();
        this.#print(this.#lines.line(linkType, bytes, start, end));
      },
    });
  }

  /** Tells of lines that were left out. */
  finish(): void {
    if (this.#leftOut === 0) return;
    const count = countText(this.#leftOut);
    this.#leftOut = 0;
    this.#out.write(this.#colours.yellow(`… ${count} lines left out: the output is slower than the wire`));
    this.#out.write("\n");
  }

  #print(line: string): void {
    const time = clockText(timeOfDay(), this.#offset);
    const { isColorSupported, dim } = this.#colours;
    this.#out.write(isColorSupported ? `${dim(time)} ${this.#coloured(line)}\n` : `${time} ${line}\n`);
  }

  /** What opens, closes and breaks a connection stands out. */
  #coloured(line: string): string {
    const { green, yellow, red, cyan } = this.#colours;
    const flags = /Flags \[([A-Z]*)/.exec(line)?.[1];
    if (flags === undefined) return cyan(line);
    if (flags.includes("R")) return red(line);
    if (flags.includes("S")) return green(line);
    return flags.includes("F") ? yellow(line) : line;
  }
}
