/**
 * `postel get`: from a URL to its bytes over this stack, with the time that each phase took. Plain HTTP only.
 */
import { openSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { Command, Option } from "commander";
import { toDuplex } from "../node/duplex.ts";
import type { TcpStream } from "../socket/tcp-stream.ts";
import type { TcpInfo } from "../tcp/tcp-info.ts";
import { addCongestionOption } from "./congestion-option.ts";
import { connectToAny } from "./connect-to-any.ts";
import { endText, summaryText } from "./connection-summary.ts";
import { DescriptorWriter } from "./descriptor-writer.ts";
import { exitingWith, INTERRUPTED } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { addFamilyOptions, type FamilyOptions, familyOf } from "./family-options.ts";
import { aborted, watchInterrupts } from "./interrupts.ts";
import { addLinkOptions, type LinkOptions, openLink } from "./link-option.ts";
import type { CommandLink } from "./links/command-link.ts";
import { wholeNumber } from "./quantities.ts";
import { bytesText, durationText } from "./quantity-text.ts";
import { Terminal } from "./terminal.ts";

interface GetOptions extends LinkOptions, FamilyOptions {
  readonly output?: string;
  readonly location?: true;
  readonly maxRedirects: number;
  readonly verbose?: true;
}

const EXAMPLES = `
Examples:
  postel get --link sim http://target/bytes/1000000 -o /dev/null
  postel get http://example.org/          through this machine's network, without root
  postel get -v http://127.0.0.1:8080/    what \`postel up\` serves
  sudo postel get --link tun http://10.77.0.1:8000/`;

/** How long the peer may take for its FIN after the last byte. */
const CLOSING_MS = 2_000;

export function getCommand(): Command {
  const command = new Command("get")
    .summary("fetch a URL and show the time of each phase")
    .description(
      "Fetches an http URL over a Postel host. The body goes to standard output; the times of the name's " +
        "lookup, the connection, the first byte, the whole and the close go to standard error.",
    )
    .argument("<url>", "http://HOST[:PORT]/…, HOST being a name, an IPv4 address or [an IPv6 address]")
    .option("-o, --output <file>", "write the body to a file")
    .option("-L, --location", "follow redirects")
    .addOption(
      new Option("--max-redirects <number>", "follow at most so many")
        .argParser(wholeNumber(0, 100))
        .default(10),
    )
    .option("-v, --verbose", "show the header lines, and the connection's numbers at its end")
    .addHelpText("after", EXAMPLES);
  addFamilyOptions(command);
  addCongestionOption(command);
  return addLinkOptions(command, "user").action(exitingWith(run));
}

async function run(text: string, options: GetOptions): Promise<number> {
  const first = parseUrl(text);
  const terminal = new Terminal();
  const interrupts = watchInterrupts();
  const body =
    options.output === undefined ? terminal.out : new DescriptorWriter(openSync(options.output, "w"));
  const link = await openLink(options);
  try {
    await Promise.race([fetchAll(first, link, terminal, body, options), aborted(interrupts.first)]);
  } finally {
    await link.end(interrupts.first);
    await terminal.flushed();
  }
  return interrupts.first.aborted ? INTERRUPTED : 0;
}

/** The URL, and those that it redirects to. */
async function fetchAll(
  first: URL,
  link: CommandLink,
  terminal: Terminal,
  body: DescriptorWriter,
  options: GetOptions,
): Promise<void> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const redirected = await new Fetch(link, terminal, body, options).run(url);
    if (redirected === undefined) return;
    if (redirects >= options.maxRedirects)
      throw new Failure(`${first} redirects more than ${redirects} times.`);
    url = parseUrl(redirected);
  }
}

/** @throws Failure */
export function parseUrl(text: string): URL {
  // Without a scheme, as URLs are typed into browsers.
  const url = safeUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === undefined || url.hostname === "")
    throw new Failure(`${text} is no URL, such as http://10.77.0.2/.`);
  if (url.protocol !== "http:") {
    throw new Failure(`${url.protocol}// is not spoken here: give a URL that begins with http://.`);
  }
  return url;
}

function safeUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

class Fetch {
  readonly #link: CommandLink;
  readonly #terminal: Terminal;
  readonly #body: DescriptorWriter;
  readonly #options: GetOptions;
  #phaseStartedAt = performance.now();
  readonly #startedAt = this.#phaseStartedAt;

  constructor(link: CommandLink, terminal: Terminal, body: DescriptorWriter, options: GetOptions) {
    this.#link = link;
    this.#terminal = terminal;
    this.#body = body;
    this.#options = options;
  }

  /** Answers where it was redirected to, if that is to be followed. */
  async run(url: URL): Promise<string | undefined> {
    const name = url.hostname.replace(/^\[|\]$/g, "");
    const { addresses, by } = await this.#link.resolve(name, familyOf(this.#options));
    this.#phase("lookup", `${addresses.join(", ")} (${by})`);
    const port = url.port === "" ? 80 : Number(url.port);
    const stream = await connectToAny(this.#link.host, addresses, port);
    const { localAddress, localPort, remoteAddress } = stream;
    this.#phase("connect", `${endText(localAddress, localPort)} → ${endText(remoteAddress, port)}`);
    const response = await this.#request(url, stream);
    this.#phase("first byte", `${response.statusCode} ${response.statusMessage}`);
    this.#headers("<", [
      `HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`,
      ...pairs(response.rawHeaders),
    ]);
    const redirected = this.#options.location ? redirectOf(response, url) : undefined;
    const count = await this.#carry(response, redirected === undefined);
    this.#phase("body", bytesText(count));
    this.#line("total", this.#phaseStartedAt - this.#startedAt, "");
    const info = await closed(stream);
    this.#phase("close", info.error === undefined ? "in order" : `by ${info.error}`);
    if (this.#options.verbose) this.#terminal.tell(`  ${summaryText(info)}`);
    return redirected;
  }

  #request(url: URL, stream: TcpStream): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        // Without an agent there is one connection for one request: its close is a phase.
        createConnection: () => toDuplex(stream),
        headers: { "user-agent": "postel", accept: "*/*" },
      });
      sent.once("response", resolve);
      sent.once("error", reject);
      const headers = Object.entries(sent.getHeaders()).map(
        ([header, value]) => `${header}: ${String(value)}`,
      );
      this.#headers(">", [`GET ${url.pathname}${url.search} HTTP/1.1`, ...headers]);
      sent.end();
    });
  }

  async #carry(response: IncomingMessage, isShown: boolean): Promise<number> {
    let count = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      count += chunk.length;
      if (isShown) await this.#body.writeAll(chunk);
    }
    return count;
  }

  /** What has taken until now since the phase before. */
  #phase(name: string, details: string): void {
    const now = performance.now();
    this.#line(name, now - this.#phaseStartedAt, details);
    this.#phaseStartedAt = now;
  }

  #line(name: string, ms: number, details: string): void {
    const { bold, dim } = this.#terminal.errColours;
    const time = durationText(ms * 1_000).padStart(8);
    this.#terminal.tell(`${bold(name.padEnd(10))} ${time}  ${dim(details)}`.trimEnd());
  }

  #headers(direction: string, lines: readonly string[]): void {
    if (!this.#options.verbose) return;
    for (const line of lines) this.#terminal.tell(`  ${direction} ${line}`);
  }
}

/** Names and values that alternate, as lines. */
function pairs(raw: readonly string[]): string[] {
  return raw.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${raw[i + 1] ?? ""}`] : []));
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  return safeUrl(headers.location, from)?.href;
}

/** The connection's numbers once it is closed, or as they are when that takes too long. */
async function closed(stream: TcpStream): Promise<TcpInfo> {
  const limit = new Promise<void>(resolve => setTimeout(resolve, CLOSING_MS).unref());
  await Promise.race([stream.closed.catch(() => undefined), limit]);
  return stream.info();
}
