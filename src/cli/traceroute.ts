/**
 * `postel traceroute`: the routers on the way, found by hop limits that are too small. UDP probes to ports
 * where nobody listens (RFC 1393's classic method) or echo requests. The output is that of `traceroute -n`.
 */
import { Command, Option } from "commander";
import type { Duration } from "../base/time.ts";
import { exitingWith } from "./exit-code.ts";
import { addFamilyOptions, type FamilyOptions, familyOf } from "./family-options.ts";
import { watchInterrupts } from "./interrupts.ts";
import { addLinkOptions, type LinkOptions, openLink, refuseUserLink } from "./link-option.ts";
import { parsePort, secondsBetween, wholeNumber } from "./quantities.ts";
import { Terminal } from "./terminal.ts";
import { hopText, type ProbeAnswer } from "./traceroute-hop.ts";
import { EchoProbes, type Probes, UdpProbes } from "./traceroute-probes.ts";

interface TracerouteOptions extends LinkOptions, FamilyOptions {
  readonly icmp?: true;
  readonly maxHops: number;
  readonly queries: number;
  readonly wait: Duration;
  readonly port: number;
}

const EXAMPLES = `
Examples:
  postel traceroute target                  in a small simulated internet
  postel traceroute -I -6 target            by ICMPv6 echo requests
  sudo postel traceroute --link tun 1.1.1.1 through the kernel, where it forwards`;

/** Beside the IP header: 20 or 40 bytes. */
const PACKET_BESIDE_HEADER = 40;

export function tracerouteCommand(): Command {
  const command = new Command("traceroute")
    .summary("show the routers on the way to an address")
    .description(
      "Sends packets with growing hop limits from a Postel host, and shows which router answers each.",
    )
    .argument("<address>", "an address or a name")
    .option("-I, --icmp", "send echo requests instead of UDP datagrams")
    .addOption(
      new Option("-m, --max-hops <number>", "go no further").argParser(wholeNumber(1, 255)).default(30),
    )
    .addOption(
      new Option("-q, --queries <number>", "probes for each hop").argParser(wholeNumber(1, 10)).default(3),
    )
    .addOption(
      new Option("-w, --wait <seconds>", "for the answer to a probe")
        .argParser(secondsBetween(0.01, 60))
        .default(5_000_000, "5"),
    )
    .addOption(
      new Option("-p, --port <port>", "UDP port of the first probe; each next one is higher by 1")
        .argParser(parsePort)
        .default(33_434),
    )
    .addHelpText("after", EXAMPLES);
  addFamilyOptions(command);
  return addLinkOptions(command, "sim").action(exitingWith(run));
}

async function run(name: string, options: TracerouteOptions): Promise<number> {
  const terminal = new Terminal();
  const { first } = watchInterrupts();
  refuseUserLink(options);
  const link = await openLink(options);
  const address = (await link.resolve(name, familyOf(options))).addresses[0];
  const size = PACKET_BESIDE_HEADER + (address.family === 4 ? 20 : 40);
  terminal.print(`traceroute to ${name} (${address}), ${options.maxHops} hops max, ${size} byte packets`);
  const payload = new Uint8Array(PACKET_BESIDE_HEADER - 8);
  const probes: Probes = options.icmp
    ? new EchoProbes(link.host, address, payload)
    : new UdpProbes(link.host, address, payload, options.port);
  let arrived = false;
  for (let hop = 1; hop <= options.maxHops && !arrived && !first.aborted; hop++) {
    const answers = await probesOf(probes, hop, options, first);
    terminal.print(hopText(hop, answers));
    arrived = answers.some(answer => answer?.isFinal === true);
  }
  probes.close();
  await link.end();
  await terminal.flushed();
  return 0;
}

/** The answers to all probes of a hop; undefined for those that nobody answered. */
async function probesOf(
  probes: Probes,
  hop: number,
  { queries, wait }: TracerouteOptions,
  stop: AbortSignal,
): Promise<ReadonlyArray<ProbeAnswer | undefined>> {
  const answers = new Array<ProbeAnswer | undefined>(queries).fill(undefined);
  let missing = queries;
  await new Promise<void>(resolve => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, wait / 1_000);
    stop.addEventListener("abort", done, { once: true });
    for (let i = 0; i < queries; i++) {
      probes.send(hop, answer => {
        answers[i] = answer;
        if (--missing === 0) done();
      });
    }
  });
  return answers;
}
