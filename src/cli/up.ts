/**
 * `postel up`: a web server on a Postel host, and the way to it. Without root: a second host, the gate, on
 * the same virtual Ethernet, which carries what the kernel accepts at a port of this machine. With root: a
 * TUN or TAP device, or an interface that the kernel has already.
 */
import { Command, Option } from "commander";
import { Host } from "../host/host.ts";
import type { NetDevice } from "../link/net-device.ts";
import { createPair } from "../link/pair.ts";
import { Driver } from "../node/driver.ts";
import type { Inspection } from "../node/inspector/inspect.ts";
import { CryptoRandom } from "../node/random.ts";
import { addBusyPollOption, type BusyPollOption } from "./busy-poll-option.ts";
import { CaptureRecorder } from "./capture-recorder.ts";
import { addCongestionOption, type CongestionOptions, tcpOf } from "./congestion-option.ts";
import { ConnectionSummaries, endText } from "./connection-summary.ts";
import { endHosts } from "./end-hosts.ts";
import { exitingWith } from "./exit-code.ts";
import { EXIT_FAILURE, Failure } from "./failure.ts";
import { addImpairmentOptions, type ImpairmentOptions, impairmentText } from "./impairment-options.ts";
import {
  addNoInspectOptions,
  type InspectOptions,
  openInspection,
  traceOf,
  tryToInspect,
  whereText,
} from "./inspect-option.ts";
import { aborted, watchInterrupts } from "./interrupts.ts";
import { type KernelDeviceName, openKernelDevice } from "./links/kernel-device.ts";
import { OUR_ADDRESSES, OUR_V4, OUR_V6, PEER_ADDRESSES } from "./network-plan.ts";
import { addOffloadOption, type OffloadOption } from "./offload-option.ts";
import { PacketPrinter } from "./packet-printer.ts";
import { Publisher } from "./publisher.ts";
import { type ListenAddress, parseListenAddress } from "./quantities.ts";
import { Site } from "./site/site.ts";
import { SteerableWires } from "./steerable-wire.ts";
import { Terminal } from "./terminal.ts";

interface UpOptions
  extends ImpairmentOptions,
    CongestionOptions,
    OffloadOption,
    BusyPollOption,
    InspectOptions {
  readonly listen?: ListenAddress;
  readonly tun?: string | true;
  readonly tap?: string | true;
  readonly packet?: string;
  readonly quiet?: true;
  readonly pcap?: string;
}

const HTTP_PORT = 80;
const DEFAULT_LISTEN: ListenAddress = { host: "127.0.0.1", port: 8080 };
/** How long connections may take to close in order. */
const CLOSING_MS = 5_000;

const EXAMPLES = `
Examples:
  postel up                                  then open http://127.0.0.1:8080/
  postel up --loss 5% --delay 20ms --seed 7  the same over a bad wire
  postel up --inspect-port 9000              its inspector at http://127.0.0.1:9000/
  postel up --quiet --pcap up.pcapng         no lines, but a capture for Wireshark
  sudo postel up --tun                       then: curl http://10.77.0.2/ and ping 10.77.0.2`;

export function upCommand(): Command {
  const command = new Command("up")
    .summary("serve a web site on a Postel host, reachable at http://127.0.0.1:8080/")
    .description(
      "Starts a web server on a Postel host, and a second host on the same virtual Ethernet that carries " +
        "to it whatever connects to a port of this machine. One line is printed for each packet on the " +
        "wire, and one at the end of each connection. Ctrl-C closes all connections in order.",
    )
    .addOption(
      new Option(
        "--listen <[host:]port>",
        "where this machine accepts connections (default: 127.0.0.1:8080)",
      ).argParser((text: string) => parseListenAddress(text)),
    )
    .addOption(new Option("--tun [name]", "attach the server to the kernel by a TUN device instead (root)"))
    .addOption(
      new Option("--tap [name]", "the same by a TAP device, with ARP and neighbor discovery").conflicts(
        "tun",
      ),
    )
    .addOption(
      new Option(
        "--packet <interface>",
        "the same on an interface that the kernel has already, such as one end of a veth pair",
      ).conflicts(["tun", "tap"]),
    )
    .option("-q, --quiet", "print no line for each packet")
    .option("--pcap <file>", "record all packets to a pcapng file")
    .addHelpText("after", EXAMPLES);
  addNoInspectOptions(command);
  addCongestionOption(command);
  addOffloadOption(command);
  addBusyPollOption(command);
  return addImpairmentOptions(command).action(exitingWith((options: UpOptions) => new Up(options).run()));
}

class Up {
  readonly #options: UpOptions;
  readonly #terminal = new Terminal();
  readonly #interrupts = watchInterrupts();
  readonly #driver: Driver;
  readonly #hosts: Host[] = [];
  readonly #recorder: CaptureRecorder | undefined;
  readonly #printer: PacketPrinter | undefined;
  readonly #summaries: ConnectionSummaries;
  readonly #steered: SteerableWires;
  #exitCode = 0;

  constructor(options: UpOptions) {
    this.#options = options;
    if (options.listen !== undefined && isKernel(options)) {
      throw new Failure(
        "--listen is for the virtual wire: with --tun, --tap or --packet the server itself is reached.",
      );
    }
    if (options.offload === false && !isKernel(options)) {
      throw new Failure("--no-offload is for --tun, --tap and --packet.");
    }
    if (options.busyPoll !== undefined && !isKernel(options)) {
      throw new Failure("--busy-poll is for --tun, --tap and --packet.");
    }
    this.#driver = new Driver({ busyPoll: options.busyPoll });
    this.#steered = new SteerableWires(options);
    const { out, colours } = this.#terminal;
    // Who reads our output has left.
    out.onError = () => this.#interrupts.interrupt();
    if (options.pcap !== undefined) this.#recorder = new CaptureRecorder(options.pcap);
    if (options.quiet !== true) this.#printer = new PacketPrinter(out, colours);
    this.#summaries = new ConnectionSummaries(!isKernel(options), line => {
      this.#printer?.finish();
      this.#terminal.print(colours.bold(`— ${line}`));
    });
    if (this.#recorder !== undefined) this.#recorder.onFailure = sentence => this.#failed(sentence);
  }

  async run(): Promise<number> {
    const server = this.#addHost("server", "local");
    const site = new Site(server);
    const publisher = isKernel(this.#options) ? undefined : this.#joinToGate(server);
    const where =
      publisher === undefined
        ? await this.#attachToKernel(server)
        : await publisher.open(this.#options.listen ?? DEFAULT_LISTEN);
    site.listen(HTTP_PORT);
    const trace = await traceOf(this.#hosts, "postel up", this.#options);
    if (trace !== undefined) trace.onFailure = sentence => this.#failed(sentence);
    const inspection = await this.#inspect();
    this.#welcome(where, inspection);

    await aborted(this.#interrupts.first);
    this.#terminal.tell("Closing the connections; Ctrl-C again resets them.");
    publisher?.close();
    site.close();
    await endHosts({
      driver: this.#driver,
      hosts: this.#hosts,
      // The gate's FINs make the server close; on a device of the kernel the server must begin.
      close: () => publisher?.closeConnections() ?? site.closeConnections(),
      isBusy: () => (publisher?.connections ?? 0) > 0,
      reset: () => publisher?.resetConnections(),
      within: CLOSING_MS,
      hurry: this.#interrupts.second,
    });
    this.#summaries.finish();
    this.#printer?.finish();
    this.#recorder?.close();
    trace?.close();
    await inspection?.close();
    await this.#terminal.flushed();
    return this.#exitCode;
  }

  #addHost(name: string, end: "local" | "remote"): Host {
    const driver = this.#driver;
    const host = new Host({
      clock: driver,
      scheduler: driver,
      random: new CryptoRandom(),
      name,
      tcp: tcpOf(this.#options),
      probe: this.#summaries.probe(end),
    });
    driver.add(host);
    this.#hosts.push(host);
    return host;
  }

  #watched(device: NetDevice): NetDevice {
    const recorded = this.#recorder?.watch(device) ?? device;
    return this.#printer?.watch(recorded) ?? recorded;
  }

  /** The lines and the capture show what the server's end of the wire sees. */
  #joinToGate(server: Host): Publisher {
    const gate = this.#addHost("gate", "remote");
    const [serverEnd, gateEnd] = createPair(this.#driver, { names: ["server", "gate"] });
    const duplicateDetection = false;
    const [gateWire, serverWire] = this.#steered.between([gateEnd, serverEnd], this.#driver, [
      "gate",
      "server",
    ]);
    server.attach(this.#watched(serverWire), { addresses: OUR_ADDRESSES, duplicateDetection });
    gate.attach(gateWire, { addresses: PEER_ADDRESSES, duplicateDetection });
    return new Publisher(gate, OUR_V4, HTTP_PORT);
  }

  /** Answers the device's name. */
  async #attachToKernel(server: Host): Promise<string> {
    const { device, notes } = await openKernelDevice({
      device: deviceOf(this.#options),
      offload: this.#options.offload,
      scheduler: this.#driver,
      addresses: OUR_ADDRESSES,
      kernelAddresses: PEER_ADDRESSES,
      onLost: error => {
        this.#failed(error.message);
        this.#interrupts.interrupt();
      },
    });
    for (const note of notes) this.#terminal.tell(`postel up: ${note}`);
    const wire = this.#watched(this.#steered.ifBad(device, this.#driver, "server", "kernel"));
    server.attach(wire, { addresses: OUR_ADDRESSES, duplicateDetection: false, announce: true });
    return device.name;
  }

  /** It opens by itself, and the server goes on if it cannot; but not where its port was asked for. */
  async #inspect(): Promise<Inspection | undefined> {
    const options = this.#options;
    if (options.inspect === false) return undefined;
    const inspected = {
      hosts: this.#hosts,
      wires: this.#steered.wires,
      title: "postel up",
      keepsPackets: !isKernel(options),
    };
    if (options.inspectPort !== undefined) return openInspection(inspected, options);
    return tryToInspect(inspected, options, sentence => this.#terminal.tell(`postel up: ${sentence}`));
  }

  #welcome(where: ListenAddress | string, inspection: Inspection | undefined): void {
    const { bold } = this.#terminal.colours;
    const print = (line: string) => this.#terminal.print(line);
    const urls =
      typeof where === "string"
        ? [`http://${OUR_V4}/`, `http://[${OUR_V6}]/`]
        : [`http://${endText(where.host, where.port)}/`];
    print(`Postel serves ${urls.map(url => bold(url)).join(" and ")}`);
    if (inspection !== undefined) print(`${whereText(inspection)}: look at its connections from inside`);
    const wire = impairmentText(this.#options);
    if (wire !== undefined) print(`The wire is bad: ${wire}`);
    print("Try:");
    for (const url of urls) {
      const option = url.includes("[") ? "-g " : "";
      print(`  curl ${option}-o /dev/null '${url}bytes/100000000'`);
      print(`  head -c 100000000 /dev/zero | curl ${option}-T - '${url}sha256'`);
    }
    if (typeof where === "string") print(`  ping ${OUR_V4}; ping ${OUR_V6}; tcpdump -ni ${where}`);
    print("Ctrl-C ends it.\n");
  }

  #failed(sentence: string): void {
    this.#terminal.tell(`postel up: ${sentence}`);
    this.#exitCode = EXIT_FAILURE;
  }
}

function isKernel({ tun, tap, packet }: UpOptions): boolean {
  return tun !== undefined || tap !== undefined || packet !== undefined;
}

function deviceOf({ tun, tap, packet }: UpOptions): KernelDeviceName {
  if (packet !== undefined) return { kind: "packet", name: packet };
  const name = tun ?? tap;
  return { kind: tun === undefined ? "tap" : "tun", name: typeof name === "string" ? name : undefined };
}
