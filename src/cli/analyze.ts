/** `postel analyze`: the TCP connections of captures in a table, and what is worth a look in plain words. */
import { Command, Option } from "commander";
import { CaptureAnalyzer } from "../analysis/capture-analyzer.ts";
import type { Finding } from "../analysis/findings.ts";
import { type FindingLanguage, findingText } from "../analysis/findings-text.ts";
import type { ConnectionSummary } from "../analysis/summary.ts";
import { connectionTable } from "./analysis-table.ts";
import { capturedPackets } from "./capture-input.ts";
import { exitingWith } from "./exit-code.ts";
import { watchInterrupts } from "./interrupts.ts";
import { PacketChoice } from "./packet-choice.ts";
import { wholeNumber } from "./quantities.ts";
import { bytesText, countText, durationText } from "./quantity-text.ts";
import { Terminal } from "./terminal.ts";

interface AnalyzeOptions {
  readonly filter?: string;
  readonly json?: true;
  readonly language: FindingLanguage;
  readonly rows: number;
}

const EXAMPLES = `
Examples:
  postel analyze up.pcapng                      connections, and what is worth a look
  postel analyze -f 'host 10.0.0.1 and port 443' monday.pcap tuesday.pcap
  tcpdump -i eth0 -w - tcp | postel analyze -   from a pipe, until it ends
  postel analyze --json up.pcapng | jq '.findings[] | select(.severity == "error")'
  postel analyze --language zh up.pcapng`;

export function analyzeCommand(): Command {
  return new Command("analyze")
    .summary("tell what happened to the TCP connections of a capture")
    .description(
      "Puts the TCP connections of captures together, whoever made them: who sent how much and how fast, " +
        "what was sent again and probably why, how the connection ended, and a list of what is worth a look.",
    )
    .argument("<files...>", 'pcap or pcapng files, packed by gzip or not; "-" is standard input')
    .option("-f, --filter <expression>", "only packets that a filter of tcpdump's language chooses")
    .option("--json", "a line of JSON for each file: all connections and findings, times in µs")
    .addOption(new Option("--language <name>", "of the findings").choices(["en", "zh"]).default("en"))
    .addOption(
      new Option("--rows <number>", "at most so many connections and findings are shown")
        .argParser(wholeNumber(1, 1e9))
        .default(100),
    )
    .addHelpText("after", EXAMPLES)
    .action(exitingWith((files: string[], options: AnalyzeOptions) => analyze(files, options)));
}

async function analyze(files: readonly string[], options: AnalyzeOptions): Promise<number> {
  const terminal = new Terminal();
  const interrupts = watchInterrupts();
  terminal.out.onError = () => interrupts.interrupt();
  for (const file of files) {
    if (interrupts.first.aborted) break;
    const analyzer = new CaptureAnalyzer();
    const problem = await readAll(file, analyzer, options, terminal, interrupts.first);
    report(terminal, file, analyzer, options);
    await terminal.flushed();
    if (problem !== undefined) throw problem;
  }
  return 0;
}

/** Answers what stopped the reading, so that what lies before it is shown. Nothing before it: it throws. */
async function readAll(
  file: string,
  analyzer: CaptureAnalyzer,
  { filter }: AnalyzeOptions,
  terminal: Terminal,
  end: AbortSignal,
): Promise<unknown> {
  const choice = new PacketChoice(filter === undefined ? [] : [filter]);
  try {
    for await (const packets of capturedPackets(file, end)) {
      for (const packet of packets) {
        const { bytes, originalLength, direction, interface: via } = packet;
        const known = { direction, interfaceName: via.name };
        if (choice.includes(via.linkType, bytes, originalLength, known)) analyzer.packet(packet);
      }
      if (end.aborted) break;
    }
    if (choice.note !== undefined) terminal.tell(choice.note);
    return undefined;
  } catch (error) {
    if (analyzer.packets === 0) throw error;
    return error;
  }
}

function report(terminal: Terminal, file: string, analyzer: CaptureAnalyzer, options: AnalyzeOptions): void {
  const { connections, findings } = analyzer.conclude();
  if (options.json) {
    terminal.print(jsonOf(file, analyzer, connections, findings, options.language));
    return;
  }
  const { bold, dim } = terminal.colours;
  terminal.print(
    `${bold(file)}: ${countText(analyzer.packets)} packets, ${bytesText(analyzer.bytes)}, ` +
      `${durationText(analyzer.lastTime)}; ${connectionsText(connections.length)}`,
  );
  if (connections.length > 0) terminal.print(connectionTable(connections.slice(0, options.rows)));
  for (const finding of findings.slice(0, options.rows))
    terminal.print(findingLine(terminal, finding, options));
  const hidden = Math.max(connections.length, findings.length) - options.rows;
  if (hidden > 0)
    terminal.print(dim(`More is not shown: --rows ${countText(options.rows + hidden)} shows all.`));
  if (analyzer.leftOut > 0) {
    terminal.tell(`${countText(analyzer.leftOut)} segments of further connections were not looked at.`);
  }
}

function connectionsText(count: number): string {
  return count === 1 ? "1 connection" : `${countText(count)} connections`;
}

function findingLine(terminal: Terminal, finding: Finding, { language }: AnalyzeOptions): string {
  const { red, yellow, dim } = terminal.colours;
  const { severity, connection, packet, time } = finding;
  const colour = severity === "error" ? red : severity === "warning" ? yellow : dim;
  const place = `#${connection || "–"}`.padStart(4);
  const where = dim(`(packet ${packet}, ${durationText(time)})`);
  return `${colour(severity.padEnd(7))} ${place} ${findingText(finding, language)} ${where}`;
}

function jsonOf(
  file: string,
  { packets, bytes, segments, epoch, lastTime }: CaptureAnalyzer,
  connections: readonly ConnectionSummary[],
  findings: readonly Finding[],
  language: FindingLanguage,
): string {
  const told = findings.map(finding => ({ ...finding, text: findingText(finding, language) }));
  return JSON.stringify({
    file,
    packets,
    bytes,
    segments,
    epoch,
    duration: lastTime,
    connections,
    findings: told,
  });
}
