/** `postel dump`: packets as text, from a capture file or from a link. */
import { existsSync } from "node:fs";
import { isatty } from "node:tty";
import { Command, Option } from "commander";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { dissect } from "../capture/dissect.ts";
import { clockText } from "../capture/line-time.ts";
import { linkTypeOf } from "../capture/link-type.ts";
import { PacketLines } from "../capture/packet-line.ts";
import { renderHex } from "../capture/render-hex.ts";
import { renderTree } from "../capture/render-tree.ts";
import type { NetDevice } from "../link/net-device.ts";
import { tap } from "../link/tap.ts";
import { capturedPackets } from "./capture-input.ts";
import { CaptureRecorder } from "./capture-recorder.ts";
import { exitingWith } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { aborted, watchInterrupts } from "./interrupts.ts";
import { addLinkOptions, type LinkOptions, openLink } from "./link-option.ts";
import type { CommandLink } from "./links/command-link.ts";
import { PacketChoice } from "./packet-choice.ts";
import { wholeNumber } from "./quantities.ts";
import { countText } from "./quantity-text.ts";
import { browse } from "./sim-traffic.ts";
import { STANDARD_OUTPUT, Terminal } from "./terminal.ts";
import { timeOfDay, zoneOffset } from "./time-of-day.ts";

interface DumpOptions extends LinkOptions {
  readonly count?: number;
  readonly verbose?: true;
  readonly hex?: true;
  readonly write?: string;
}

const EXAMPLES = `
Examples:
  postel dump up.pcapng                    a line for each packet of a capture
  postel dump -c 1 -v -x up.pcapng         the first packet, field by field and byte by byte
  postel dump up.pcapng tcp port 80 and 'tcp[13] & 2 != 0'
                                           those that a filter of tcpdump's language chooses
  postel dump monday.pcap.gz inbound and not on lo
                                           directions and interfaces, where a capture says them
  tcpdump -w - | postel dump -             from a pipe, until it ends or Ctrl-C
  postel dump --link sim                   a live link: somebody browses the simulated internet
  postel dump --link sim icmp or arp
  sudo postel dump --link tun -w tun.pcapng
  postel dump --link sim -w - | wireshark -k -i -`;

/** Bytes of text that may wait to be written before packets of a live link are left out. */
const MOST_WAITING = 1_048_576;

export function dumpCommand(): Command {
  const command = new Command("dump")
    .summary("show the packets of a capture file, or of a link")
    .description(
      "Shows packets as tcpdump does: those of a pcap or pcapng file, or those that pass on a live link. " +
        "Words behind the file (or behind the options, of a live link) are a filter: pcap-filter(7).",
    )
    .argument("[file]", 'a pcap or pcapng file, packed by gzip or not; "-" is standard input')
    .argument("[filter...]", "which packets, in tcpdump's language; names of hosts are not looked up")
    .addOption(
      new Option("-c, --count <number>", "stop after so many packets").argParser(wholeNumber(1, 1e15)),
    )
    .option("-v, --verbose", "show every field of every layer")
    .option("-x, --hex", "show the bytes")
    .option(
      "-w, --write <file>",
      'write the packets to a pcapng file too; "-": to standard output, without text',
    )
    .addHelpText("after", EXAMPLES);
  addLinkOptions(command, "sim");
  return command.action(
    exitingWith((file: string | undefined, filter: string[], options: DumpOptions) => {
      const isLive = command.getOptionValueSource("link") !== "default";
      if (file === undefined && !isLive) throw new Failure("Give a capture file, or a link with --link.");
      if (file !== undefined && isLive && existsSync(file)) {
        throw new Failure("Give either a capture file or a link.");
      }
      if (isLive) return new Dump(options, file === undefined ? [] : [file, ...filter]).link();
      return new Dump(options, filter).file(file ?? "-");
    }),
  );
}

type ShownPacket = Pick<CapturedPacket, "time" | "nanoseconds" | "bytes" | "originalLength" | "direction"> & {
  readonly linkType: number;
  readonly interfaceName: string | undefined;
};

class Dump {
  readonly #options: DumpOptions;
  readonly #terminal = new Terminal();
  readonly #interrupts = watchInterrupts();
  readonly #lines = new PacketLines({ verifyChecksums: true });
  readonly #recorder: CaptureRecorder | undefined;
  /** Of the recorder, by link type and name. */
  readonly #interfaces = new Map<string, number>();
  readonly #choice: PacketChoice;
  #shown = 0;
  #leftOut = 0;

  constructor(options: DumpOptions, filter: readonly string[]) {
    this.#options = options;
    this.#choice = new PacketChoice(filter);
    this.#recorder = options.write === undefined ? undefined : recorderFor(options.write);
    this.#terminal.out.onError = () => this.#interrupts.interrupt();
  }

  async file(path: string): Promise<number> {
    try {
      for await (const packets of capturedPackets(path, this.#interrupts.first)) {
        for (const packet of packets) {
          if (this.#isDone) break;
          const { linkType, name: interfaceName } = packet.interface;
          this.#show({ ...packet, linkType, interfaceName });
        }
        await this.#terminal.out.idle();
        if (this.#isDone || this.#interrupts.first.aborted) break;
      }
    } finally {
      await this.#finish();
    }
    return 0;
  }

  async link(): Promise<number> {
    const link = await openLink(this.#options, device => this.#watch(device));
    const watched = link.host.net.interfaces().at(-1);
    const own = link.host.net
      .addresses()
      .find(({ address, interfaceIndex }) => address.family === 4 && interfaceIndex === watched?.index);
    if (own !== undefined) this.#choice.inNetwork(own.prefixLength);
    this.#terminal.tell(`Watching ${watched?.device.name}; Ctrl-C ends it.`);
    this.#generate(link);
    await aborted(this.#interrupts.first);
    await link.end(this.#interrupts.first);
    await this.#finish();
    return 0;
  }

  /** Nobody else uses a simulated internet. */
  #generate(link: CommandLink): void {
    if (this.#options.link.kind === "sim") void browse(link, this.#interrupts.first);
  }

  get #isDone(): boolean {
    return this.#shown >= (this.#options.count ?? Number.POSITIVE_INFINITY);
  }

  #watch(device: NetDevice): NetDevice {
    const linkType = linkTypeOf(device.medium);
    this.#choice.prepare(linkType);
    return tap(device, {
      frame: (direction, frame) => {
        if (this.#isDone) return;
        if (this.#terminal.out.waiting > MOST_WAITING) {
          this.#leftOut++;
          return;
        }
        this.#show({
          time: timeOfDay(),
          nanoseconds: 0,
          bytes: frame.view(),
          originalLength: frame.length,
          direction,
          linkType,
          interfaceName: device.name,
        });
        if (this.#isDone) this.#interrupts.interrupt();
      },
    });
  }

  #show(packet: ShownPacket): void {
    const { time, bytes, linkType, originalLength } = packet;
    if (!this.#choice.includes(linkType, bytes, originalLength, packet)) return;
    this.#shown++;
    this.#record(packet);
    if (this.#options.write === "-") return;
    const line = this.#lines.line(linkType, bytes, 0, bytes.length, originalLength);
    const { dim } = this.#terminal.colours;
    this.#terminal.print(`${dim(clockText(time, zoneOffset(time)))} ${line}`);
    if (this.#options.verbose) {
      const tree = dissect(linkType, bytes, originalLength);
      this.#terminal.print(renderTree(tree, this.#options.hex ? bytes : undefined));
    }
    if (this.#options.hex) this.#terminal.print(indented(renderHex(bytes)));
  }

  #record(packet: ShownPacket): void {
    const recorder = this.#recorder;
    if (recorder === undefined) return;
    const { linkType, interfaceName, time, bytes, nanoseconds, originalLength, direction } = packet;
    const key = `${linkType} ${interfaceName ?? ""}`;
    let index = this.#interfaces.get(key);
    if (index === undefined) {
      index = recorder.addInterface(linkType, interfaceName);
      this.#interfaces.set(key, index);
    }
    recorder.packet(index, time, bytes, 0, bytes.length, { nanoseconds, originalLength, direction });
  }

  async #finish(): Promise<void> {
    if (this.#leftOut > 0) {
      this.#terminal.tell(
        `${countText(this.#leftOut)} packets left out: the output was slower than the link.`,
      );
    }
    const { note } = this.#choice;
    if (note !== undefined) this.#terminal.tell(note);
    this.#recorder?.close();
    await this.#terminal.flushed();
  }
}

function recorderFor(path: string): CaptureRecorder {
  if (path !== "-") return new CaptureRecorder(path);
  if (isatty(STANDARD_OUTPUT))
    throw new Failure("A capture is not shown on a terminal: give a file or a pipe.");
  return new CaptureRecorder("standard output", false, STANDARD_OUTPUT);
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
