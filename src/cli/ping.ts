/** `postel ping`: echo requests from this stack. RFC 792, RFC 4443 §4; the output is iputils'. */
import { Command, Option } from "commander";
import { NetError } from "../base/errors.ts";
import type { Duration } from "../base/time.ts";
import type { Ping, PingReply } from "../net/icmp/ping.ts";
import type { IcmpError } from "../net/transport.ts";
import type { IpAddress } from "../wire/address.ts";
import { exitingWith } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { addFamilyOptions, type FamilyOptions, familyOf } from "./family-options.ts";
import { watchInterrupts } from "./interrupts.ts";
import { addLinkOptions, type LinkOptions, openLink, refuseUserLink } from "./link-option.ts";
import type { CommandLink } from "./links/command-link.ts";
import { errorText, openingText, PingStatistics, roundTripText } from "./ping-statistics.ts";
import { secondsBetween, wholeNumber } from "./quantities.ts";
import { Terminal } from "./terminal.ts";

interface PingCommandOptions extends LinkOptions, FamilyOptions {
  readonly count?: number;
  readonly interval: Duration;
  readonly size: number;
  readonly ttl?: number;
  readonly wait: Duration;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples:
  postel ping target                        in a small simulated internet
  postel ping -c 3 -6 target --loss 20%     by IPv6, over a bad wire
  postel ping -c 1 -t 1 target              the first router answers that the hop limit is used up
  sudo postel ping --link tun 10.77.0.1     the kernel, through a TUN device`;

export function pingCommand(): Command {
  const command = new Command("ping")
    .summary("send echo requests and show what comes back")
    .description(
      "Sends ICMP echo requests from a Postel host, and shows what comes back as iputils' ping does.",
    )
    .argument("<address>", "an address or a name")
    .addOption(
      new Option("-c, --count <number>", "stop after so many requests").argParser(wholeNumber(1, 1e9)),
    )
    .addOption(
      new Option("-i, --interval <seconds>", "between two requests")
        .argParser(secondsBetween(0.001, 3_600))
        .default(1_000_000, "1"),
    )
    .addOption(
      new Option("-s, --size <bytes>", "of data in each request")
        .argParser(wholeNumber(0, 65_507))
        .default(56),
    )
    .addOption(new Option("-t, --ttl <hops>", "the hop limit of the requests").argParser(wholeNumber(1, 255)))
    .addOption(
      new Option("-W, --wait <seconds>", "for the last answer, if there was none before")
        .argParser(secondsBetween(0.01, 3_600))
        .default(10_000_000, "10"),
    )
    .option("-q, --quiet", "only show the statistics")
    .addHelpText("after", EXAMPLES);
  addFamilyOptions(command);
  return addLinkOptions(command, "sim").action(
    exitingWith(async (name: string, options: PingCommandOptions) => {
      refuseUserLink(options);
      const link = await openLink(options);
      const address = (await link.resolve(name, familyOf(options))).addresses[0];
      return new PingRun(link, name, address, options).run();
    }),
  );
}

const LAST_SEQUENCE = 0xffff;
/**
 * The last answers come within twice the longest round trip so far, but the wire may be faster than the
 * clock.
 */
const SHORTEST_WAIT_MS = 50;

class PingRun {
  readonly #link: CommandLink;
  readonly #name: string;
  readonly #destination: IpAddress;
  readonly #options: PingCommandOptions;
  readonly #terminal = new Terminal();
  readonly #statistics = new PingStatistics();
  readonly #payload: Uint8Array;
  readonly #ping: Ping;
  /** When the request of each sequence number was sent; answered ones stay, to know duplicates. */
  readonly #sentAt = new Map<number, number>();
  readonly #unanswered = new Set<number>();
  #wake: (() => void) | undefined;

  constructor(link: CommandLink, name: string, destination: IpAddress, options: PingCommandOptions) {
    this.#link = link;
    this.#name = name;
    this.#destination = destination;
    this.#options = options;
    this.#payload = Uint8Array.from({ length: options.size }, (_, i) => i);
    const ping = link.host.net.openPing(destination.family, {
      reply: reply => this.#replied(reply),
      error: (error, sequence) => this.#failed(error, sequence),
    });
    if (ping === undefined) throw new Failure("No identifier for echo requests is free.");
    this.#ping = ping;
  }

  async run(): Promise<number> {
    const { count = Number.POSITIVE_INFINITY, interval } = this.#options;
    const { driver } = this.#link;
    const { first } = watchInterrupts();
    first.addEventListener("abort", () => this.#wake?.(), { once: true });
    this.#terminal.print(openingText(this.#name, this.#destination, this.#payload.length));
    const startedAt = driver.now();
    while (!first.aborted) {
      const dueAt = startedAt + this.#statistics.sent * interval;
      await this.#sleep((dueAt - driver.now()) / 1_000, () => first.aborted);
      if (first.aborted) break;
      this.#send();
      if (this.#statistics.sent >= count) break;
    }
    await this.#sleep(this.#lastWait(), () => first.aborted || this.#unanswered.size === 0);
    const lines = this.#statistics.lines(this.#name, driver.now() - startedAt);
    for (const line of lines) this.#terminal.print(line);
    await this.#link.end();
    await this.#terminal.flushed();
    return this.#statistics.received > 0 ? 0 : 1;
  }

  #send(): void {
    const sequence = (this.#statistics.sent + 1) & LAST_SEQUENCE;
    const now = this.#link.driver.now();
    this.#sentAt.set(sequence, now);
    this.#unanswered.add(sequence);
    const { ttl: hopLimit } = this.#options;
    const code = this.#ping.send(this.#destination, sequence, this.#payload, { hopLimit });
    this.#statistics.sent++;
    if (code === undefined) return;
    const error = new NetError(code, { syscall: "send", address: this.#destination.toString() });
    // What cannot be sent at first will never be.
    if (this.#statistics.sent === 1) throw error;
    this.#statistics.errors++;
    this.#unanswered.delete(sequence);
    this.#terminal.tell(`postel: ${error.message}`);
  }

  #replied({ source, sequence, payload, hopLimit }: PingReply): void {
    const sentAt = this.#sentAt.get(sequence);
    if (sentAt === undefined) return;
    const rtt = this.#link.host.now - sentAt;
    const isDuplicate = !this.#unanswered.delete(sequence);
    if (isDuplicate) this.#statistics.duplicates++;
    else this.#statistics.answered(rtt);
    const size = payload.length + 8;
    const time = `${roundTripText(rtt)} ms`;
    const what = `${size} bytes from ${source}: icmp_seq=${sequence} ttl=${hopLimit} time=${time}`;
    const damage = this.#isIntact(payload) ? "" : " (wrong data)";
    this.#show(`${what}${isDuplicate ? " (DUP!)" : ""}${damage}`);
    this.#wakeIfDone();
  }

  #failed(error: IcmpError, sequence: number): void {
    if (!this.#unanswered.delete(sequence)) return;
    this.#statistics.errors++;
    this.#show(`From ${error.reporter} icmp_seq=${sequence} ${errorText(error)}`);
    this.#wakeIfDone();
  }

  #isIntact(payload: Uint8Array): boolean {
    return payload.length === this.#payload.length && payload.every((byte, i) => byte === this.#payload[i]);
  }

  #show(line: string): void {
    if (this.#options.quiet !== true) this.#terminal.print(line);
  }

  #lastWait(): number {
    const { received, most } = this.#statistics;
    const micros = received > 0 ? 2 * most : this.#options.wait;
    return Math.max(SHORTEST_WAIT_MS, micros / 1_000);
  }

  #wakeIfDone(): void {
    if (this.#unanswered.size === 0) this.#wake?.();
  }

  /** Resolves after so many ms, or earlier once it was woken and `isDone`. */
  async #sleep(ms: number, isDone: () => boolean): Promise<void> {
    if (ms <= 0 || isDone()) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
