/**
 * A host: links, network layer and transports joined, and the loop's view of them: frames come in, `poll`
 * does what is due and sends, and says when it wants to be called next. ARCHITECTURE.md, "The way of one
 * received segment".
 */
import type { DropCounters } from "../base/drop-reason.ts";
import type { Scheduler } from "../base/event-queue.ts";
import type { Random } from "../base/random.ts";
import { type Clock, earlier, type Instant } from "../base/time.ts";
import { createLoopback } from "../link/loopback.ts";
import type { NetDevice } from "../link/net-device.ts";
import { isFull, segmentation } from "../link/segmentation.ts";
import type { NetInterface } from "../net/interface.ts";
import { Net } from "../net/net.ts";
import type { NetOptions } from "../net/net-context.ts";
import { Tcp } from "../tcp/tcp.ts";
import { type TcpConfig, tcpConfig } from "../tcp/tcp-config.ts";
import type { TcpCounters } from "../tcp/tcp-counters.ts";
import type { TcpProbe } from "../tcp/tcp-probe.ts";
import { Udp } from "../udp/udp.ts";
import { ANY_V4, ANY_V6, type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from "../wire/address.ts";
import type { MacAddress } from "../wire/mac-address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { HostContext, type UnclaimedHandler } from "./host-context.ts";
import type { DropObserver, HostObservers } from "./host-observers.ts";
import { InterfaceSink } from "./interface-sink.ts";

export interface HostOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** With one, the host has a loopback interface: its frames need somebody to carry them later. */
  readonly scheduler?: Scheduler | undefined;
  readonly name?: string | undefined;
  readonly tcp?: Partial<TcpConfig> | undefined;
  readonly net?: NetOptions | undefined;
  readonly probe?: TcpProbe | undefined;
  readonly onDrop?: DropObserver | undefined;
  /** For hosts that share their addresses with others: what is not ours may be theirs. */
  readonly onUnclaimed?: UnclaimedHandler | undefined;
}

export interface AddressAssignment {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export interface AttachOptions {
  /** Ethernet devices; drawn at random if not given. */
  readonly mac?: MacAddress | undefined;
  readonly addresses?: readonly AddressAssignment[] | undefined;
  /** Default routes lead there; one for each family at most. */
  readonly gateways?: readonly IpAddress[] | undefined;
  /**
   * Whether an address waits until nobody else was seen to have it: RFC 5227, RFC 4862 §5.4. True if not
   * said.
   */
  readonly duplicateDetection?: boolean | undefined;
  /**
   * Without detection: tells the link that the addresses are this station's now, for neighbors that know
   * another one by them (RFC 5227 §2.3, RFC 4861 §7.2.6).
   */
  readonly announce?: boolean | undefined;
}

/** A user's callback may cause events that cause callbacks; after so many rounds frames get their turn. */
const ROUNDS = 64;

export class Host {
  readonly name: string;
  readonly net: Net;
  readonly tcp: Tcp;
  readonly udp: Udp;
  /** Called when something outside of `poll` has made work for it. The loop that drives the host sets it. */
  onWork: (() => void) | undefined = undefined;
  readonly #context: HostContext;
  readonly #devices: NetDevice[] = [];
  #isWoken = false;
  #isPolling = false;

  constructor(options: HostOptions) {
    this.name = options.name ?? "host";
    const context = new HostContext({
      clock: options.clock,
      random: options.random,
      config: tcpConfig(options.tcp),
      unclaimed: options.onUnclaimed,
      wake: () => this.#wake(),
    });
    this.#context = context;
    if (options.probe !== undefined || options.onDrop !== undefined)
      context.observe({ tcp: options.probe, drops: options.onDrop });
    this.net = new Net(context, options.net);
    context.join(this.net);
    this.tcp = new Tcp(context);
    this.udp = new Udp(context);
    this.net.setTransport(IP_PROTOCOL.tcp, this.tcp);
    this.net.setTransport(IP_PROTOCOL.udp, this.udp);
    if (options.scheduler !== undefined) this.#addLoopback(options.scheduler);
  }

  /** The host's time: of the event being processed, else of its clock. */
  get now(): Instant {
    return this.#context.now;
  }

  get random(): Random {
    return this.#context.random;
  }

  get drops(): DropCounters {
    return this.#context.drops;
  }

  get tcpCounters(): TcpCounters {
    return this.#context.counters;
  }

  /** Puts a device to use. */
  attach(device: NetDevice, options: AttachOptions = {}): NetInterface {
    // Transports build a unit of segments as one, whatever the device takes: what it does not is cut there.
    const carrier = isFull(device.offload) ? device : segmentation(device);
    const iface = this.net.addInterface(carrier, options.mac === undefined ? {} : { mac: options.mac });
    carrier.attach(new InterfaceSink(this.#context, this.net, iface));
    this.#devices.push(device);
    const { duplicateDetection = true, announce = false } = options;
    for (const { address, prefixLength } of options.addresses ?? []) {
      this.net.addAddress(iface.index, address, prefixLength, { duplicateDetection, announce });
    }
    for (const gateway of options.gateways ?? []) this.addDefaultRoute(gateway, iface.index);
    return iface;
  }

  addDefaultRoute(
    gateway: IpAddress | undefined,
    interfaceIndex: number,
    family: 4 | 6 = gateway?.family ?? 4,
  ): void {
    const destination = family === 4 ? ANY_V4 : ANY_V6;
    const unset = { source: undefined, mtu: undefined };
    this.net.routes.add({ destination, prefixLength: 0, gateway, interfaceIndex, metric: 0, ...unset });
  }

  /**
   * Shows what happens in the host, from now on until the function that it answers is called. There may be
   * any number of observers, and they may come and go at any time. They look on: none may call back or throw.
   */
  observe(observers: HostObservers): () => void {
    return this.#context.observe(observers);
  }

  /** Runs due timers, tells users what happened, and sends what is to be sent. Answers when to poll again. */
  poll(): Instant {
    const context = this.#context;
    context.begin();
    this.#isPolling = true;
    this.#isWoken = false;
    try {
      this.#expire();
      let rounds = 0;
      do this.#tellThenSend();
      while (this.tcp.hasNews && ++rounds < ROUNDS);
      if (rounds === ROUNDS) this.#isWoken = true;
    } finally {
      this.#isPolling = false;
      context.finish();
    }
    if (this.#isWoken) this.onWork?.();
    return earlier(this.net.deadline, this.tcp.deadline);
  }

  /** Takes the devices away. Connections are not told: end them first. */
  close(): void {
    for (const device of this.#devices) device.close();
    this.#devices.length = 0;
  }

  #expire(): void {
    const { now } = this.#context;
    if (this.net.deadline <= now) this.net.expire();
    if (this.tcp.deadline <= now) this.tcp.expire();
  }

  /** Users hear of what came before anything is sent: what they say to it takes the acknowledgment along. */
  #tellThenSend(): void {
    this.udp.deliver();
    this.tcp.deliver();
    this.tcp.pump();
  }

  #wake(): void {
    if (this.#isWoken || this.#isPolling) return;
    this.#isWoken = true;
    this.onWork?.();
  }

  #addLoopback(scheduler: Scheduler): void {
    const loopback = createLoopback(scheduler);
    const addresses = [
      { address: LOOPBACK_V4, prefixLength: 8 },
      { address: LOOPBACK_V6, prefixLength: 128 },
    ];
    this.attach(loopback, { addresses, duplicateDetection: false });
  }
}
