/**
 * `postel nc`: standard input and output joined to a connection, or to a flow of datagrams. The end of the
 * input closes our direction only; the command ends when both directions have.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Duration } from "../base/time.ts";
import { Deferred } from "../socket/deferred.ts";
import { listenTcp } from "../socket/tcp-listener.ts";
import type { TcpStream } from "../socket/tcp-stream.ts";
import { openUdp, type UdpSocket } from "../socket/udp-socket.ts";
import { addCongestionOption } from "./congestion-option.ts";
import { connectToAny } from "./connect-to-any.ts";
import { endText, summaryText } from "./connection-summary.ts";
import { exitingWith, INTERRUPTED } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { addFamilyOptions, type FamilyOptions, familyOf } from "./family-options.ts";
import { IdleTimer } from "./idle-timer.ts";
import { aborted, type Interrupts, watchInterrupts } from "./interrupts.ts";
import { addLinkOptions, type LinkOptions, openLink } from "./link-option.ts";
import type { CommandLink } from "./links/command-link.ts";
import { parsePort, secondsBetween } from "./quantities.ts";
import { Terminal } from "./terminal.ts";

interface NcOptions extends LinkOptions, FamilyOptions {
  readonly listen?: true;
  readonly udp?: true;
  readonly wait?: Duration;
  readonly sourcePort?: number;
  readonly verbose?: true;
}

const EXAMPLES = `
Examples:
  postel nc -l 9000                       serves one connection: nc 127.0.0.1 9000 reaches it
  postel nc example.org 80                a connection through this machine's network
  echo hello | postel nc -u --link sim target 7`;

/** How long the answers to the last datagram may take, when nothing else is said: UDP has no end. */
const LAST_ANSWERS_MS = 1_000;
/** Larger inputs are cut: a datagram of this size goes through any reassembly. */
const LARGEST_DATAGRAM = 8_192;

export function ncCommand(): Command {
  const command = new Command("nc")
    .summary("join standard input and output to a connection")
    .description(
      "Connects to a port, or waits for a connection with -l, and carries standard input there and what " +
        "comes from there to standard output. The end of the input closes one direction; the command ends " +
        "when both are closed.",
    )
    .argument("[host]", "an address or a name; with -l it may be left out")
    .argument("[port]", "TCP or UDP port")
    .option("-l, --listen", "wait for one connection, or with -u for a first datagram")
    .option("-u, --udp", "use UDP: each piece of input is a datagram")
    .addOption(
      new Option("-w, --wait <seconds>", "give up when connecting or nothing at all takes so long").argParser(
        secondsBetween(0.01, 86_400),
      ),
    )
    .addOption(new Option("-p, --source-port <port>", "our own port").argParser(parsePort))
    .option("-v, --verbose", "tell of the connection on standard error")
    .addHelpText("after", EXAMPLES);
  addFamilyOptions(command);
  addCongestionOption(command);
  return addLinkOptions(command, "user").action(
    exitingWith(async (first: string | undefined, second: string | undefined, options: NcOptions) => {
      const ends = endsOf(first, second, options.listen === true);
      const session = new Session(await openLink(options), options);
      return session.run(ends);
    }),
  );
}

interface NcEnds {
  readonly host: string | undefined;
  readonly port: number;
}

function endsOf(first: string | undefined, second: string | undefined, listens: boolean): NcEnds {
  const portText = second ?? (listens ? first : undefined);
  if (portText === undefined) {
    throw new Failure(
      listens ? "Give the port to listen on, such as 9000." : "Give a host and a port, such as target 7.",
    );
  }
  try {
    return { host: second === undefined ? undefined : first, port: parsePort(portText) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new Failure(`${portText} is no port: ${error.message.toLowerCase()}`);
  }
}

class Session {
  readonly #link: CommandLink;
  readonly #options: NcOptions;
  readonly #terminal = new Terminal();
  readonly #interrupts: Interrupts = watchInterrupts();
  readonly #idle: IdleTimer;
  /** Resolved when a server of datagrams has heard the first one. */
  readonly #peer = new Deferred<void>();

  constructor(link: CommandLink, options: NcOptions) {
    this.#link = link;
    this.#options = options;
    this.#idle = new IdleTimer(options.wait === undefined ? undefined : options.wait / 1_000);
  }

  async run(ends: NcEnds): Promise<number> {
    const work = this.#options.udp ? this.#datagrams(ends) : this.#connection(ends);
    await Promise.race([work, this.#idle.expired, aborted(this.#interrupts.first)]);
    await this.#link.end(this.#interrupts.second);
    await this.#terminal.flushed();
    return this.#interrupts.first.aborted ? INTERRUPTED : 0;
  }

  async #connection(ends: NcEnds): Promise<void> {
    const stream = this.#options.listen ? await this.#accept(ends) : await this.#connect(ends);
    const { localAddress, localPort, remoteAddress, remotePort } = stream;
    this.#tell(`Connected: ${endText(localAddress, localPort)} ↔ ${endText(remoteAddress, remotePort)}`);
    this.#idle.touch();
    await Promise.all([this.#sendInput(stream), this.#showOutput(stream)]);
    await stream.closed;
    this.#tell(summaryText(stream.info()));
  }

  async #connect({ host: name = "", port }: NcEnds): Promise<TcpStream> {
    const { addresses } = await this.#link.resolve(name, familyOf(this.#options));
    this.#idle.touch(new Failure(`Connecting to ${name} port ${port} took too long.`));
    return connectToAny(this.#link.host, addresses, port, { localPort: this.#options.sourcePort });
  }

  async #accept(ends: NcEnds): Promise<TcpStream> {
    const address = await this.#localAddress(ends);
    const listener = listenTcp(this.#link.host, {
      port: ends.port,
      address,
      families: familyOf(this.#options),
    });
    await this.#published("tcp", ends.port);
    const stream = await listener.accept();
    listener.close();
    return stream;
  }

  async #localAddress({ host: name }: NcEnds) {
    return name === undefined
      ? undefined
      : (await this.#link.resolve(name, familyOf(this.#options))).addresses[0];
  }

  async #published(protocol: "tcp" | "udp", port: number): Promise<void> {
    const at = await this.#link.publish?.(protocol, port);
    const where = at === undefined ? `port ${port}` : `${endText(at.host, at.port)} of this machine`;
    this.#tell(`Listening on ${where}`);
  }

  async #sendInput(stream: TcpStream): Promise<void> {
    const writer = stream.writable.getWriter();
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      this.#idle.touch();
      await writer.write(chunk);
    }
    await writer.close();
  }

  async #showOutput(stream: TcpStream): Promise<void> {
    for await (const chunk of stream.readable as unknown as AsyncIterable<Uint8Array>) {
      this.#idle.touch();
      await this.#terminal.out.writeAll(chunk);
    }
  }

  async #datagrams(ends: NcEnds): Promise<void> {
    const { listen, wait } = this.#options;
    const socket = listen ? await this.#bind(ends) : await this.#associate(ends);
    this.#idle.touch();
    const showing = this.#showDatagrams(socket);
    const sending = this.#sendDatagrams(socket, listen ? this.#peer.promise : undefined);
    if (listen || wait !== undefined) {
      await Promise.all([showing, sending]);
      return;
    }
    const answers = new IdleTimer(LAST_ANSWERS_MS);
    await Promise.race([showing, sending.then(() => answers.touch()).then(() => answers.expired)]);
  }

  async #bind(ends: NcEnds): Promise<UdpSocket> {
    const socket = openUdp(this.#link.host, { port: ends.port, address: await this.#localAddress(ends) });
    await this.#published("udp", ends.port);
    return socket;
  }

  async #associate({ host: name = "", port }: NcEnds): Promise<UdpSocket> {
    const { addresses } = await this.#link.resolve(name, familyOf(this.#options));
    const socket = openUdp(this.#link.host, { port: this.#options.sourcePort });
    socket.connect(addresses[0], port);
    return socket;
  }

  async #sendDatagrams(socket: UdpSocket, peerIsKnown: Promise<void> | undefined): Promise<void> {
    await peerIsKnown;
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      this.#idle.touch();
      for (let at = 0; at < chunk.length; at += LARGEST_DATAGRAM) {
        socket.send(chunk.subarray(at, at + LARGEST_DATAGRAM));
      }
    }
  }

  /** A server answers whoever was first. */
  async #showDatagrams(socket: UdpSocket): Promise<void> {
    for await (const { bytes, source, sourcePort } of socket) {
      this.#idle.touch();
      if (this.#options.listen && socket.endpoint.remoteAddress === undefined) {
        socket.connect(source, sourcePort);
        this.#peer.resolve();
      }
      await this.#terminal.out.writeAll(bytes);
    }
  }

  #tell(line: string): void {
    if (this.#options.verbose) this.#terminal.tell(line);
  }
}
