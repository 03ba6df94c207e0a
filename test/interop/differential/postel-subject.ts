/** Postel: its BSD sockets in virtual time, behind a device whose other end is the test. */
import { PacketBuffer } from "../../../src/base/packet-buffer.ts";
import { type Duration, milliseconds } from "../../../src/base/time.ts";
import {
  type FrameSink,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "../../../src/link/net-device.ts";
import { addHost } from "../../../src/sim/sim-host.ts";
import { World } from "../../../src/sim/world.ts";
import { sockaddr } from "../../../src/socket/posix/addresses.ts";
import * as C from "../../../src/socket/posix/constants.ts";
import { int32 } from "../../../src/socket/posix/control-messages.ts";
import { ERRNO } from "../../../src/socket/posix/errno.ts";
import * as O from "../../../src/socket/posix/option-names.ts";
import { PosixSockets } from "../../../src/socket/posix/posix-sockets.ts";
import { isPending, type SysOutcome } from "../../../src/socket/posix/sys-result.ts";
import type { IpAddress } from "../../../src/wire/address.ts";
import { PEER_ADDRESS, STACK_ADDRESS } from "./raw-peer.ts";
import { type Call, peerPort, type Result, type Subject, stackPort } from "./subject.ts";

const PAUSE = milliseconds(70);
/** struct linger { on, 0 s }: close resets. */
const LINGER_ZERO = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

export class PostelSubject implements Subject, NetDevice {
  readonly name = "Postel";
  readonly medium = "ip";
  readonly mtu = 1_500;
  readonly offload = NO_OFFLOAD;
  readonly counters = newDeviceCounters();
  onPacket: (packet: Uint8Array) => void = () => {};
  readonly #world = new World();
  readonly #sys: PosixSockets;
  readonly #listeners = new Map<number, number>();
  readonly #sockets = new Map<number, number>();
  #sink: FrameSink | undefined;

  constructor() {
    const host = addHost(this.#world, "postel", {
      tcp: { congestionControl: "reno", invalidAckInterval: 0 as Duration },
    });
    const addresses = [{ address: STACK_ADDRESS, prefixLength: 24 }];
    host.attach(this, { addresses, duplicateDetection: false });
    this.#sys = new PosixSockets(host, this.#world);
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    this.onPacket(frame.view().slice());
    return true;
  }

  async call(calls: readonly Call[]): Promise<Result[]> {
    return calls.map(call => this.#perform(call));
  }

  inject(packet: Uint8Array): void {
    this.#sink?.receive(PacketBuffer.from(packet));
  }

  async settle(): Promise<void> {
    this.#world.runFor(PAUSE);
  }

  async close(): Promise<void> {}

  #perform({ connection, call, value }: Call): Result {
    const sys = this.#sys;
    if (call === "listen") return this.#listen(connection);
    if (call === "connect") return this.#connect(connection);
    if (call === "accept") return this.#accept(connection);
    const fd = this.#sockets.get(connection);
    if (fd === undefined) return "EBADF";
    switch (call) {
      case "state":
        return this.#state(fd);
      case "send":
        return shown(sys.send(fd, new Uint8Array(value), value, C.MSG_NOSIGNAL));
      case "recv":
        return this.#receive(fd, value);
      case "shutdown":
        return shown(sys.shutdown(fd, value));
      case "soError":
        return this.#error(fd);
      default:
        if (call === "abort") sys.setsockopt(fd, C.SOL_SOCKET, O.SO_LINGER, LINGER_ZERO);
        this.#sockets.delete(connection);
        return shown(sys.close(fd));
    }
  }

  #newSocket(connection: number): number {
    const sys = this.#sys;
    const fd = sys.socket(C.AF_INET, C.SOCK_STREAM | C.SOCK_NONBLOCK, 0).value;
    sys.setsockopt(fd, C.SOL_SOCKET, O.SO_REUSEADDR, int32(1));
    sys.bind(fd, inet(STACK_ADDRESS, stackPort(connection)));
    return fd;
  }

  #listen(connection: number): Result {
    const fd = this.#newSocket(connection);
    this.#listeners.set(connection, fd);
    return shown(this.#sys.listen(fd, 4));
  }

  #connect(connection: number): Result {
    const fd = this.#newSocket(connection);
    this.#sockets.set(connection, fd);
    return shown(this.#sys.connect(fd, inet(PEER_ADDRESS, peerPort(connection))));
  }

  #accept(connection: number): Result {
    const outcome = this.#sys.accept4(this.#listeners.get(connection) ?? -1, null, C.SOCK_NONBLOCK);
    if (isPending(outcome) || outcome.value < 0) return shown(outcome);
    this.#sockets.set(connection, outcome.value);
    return 0;
  }

  #state(fd: number): Result {
    const info = new Uint8Array(8);
    this.#sys.getsockopt(fd, C.SOL_TCP, O.TCP_INFO, info, { value: 8 });
    return info[0] as number;
  }

  #receive(fd: number, count: number): Result {
    const buffer = new Uint8Array(count);
    const outcome = this.#sys.recv(fd, buffer, count);
    if (isPending(outcome) || outcome.value < 0) return shown(outcome);
    const sum = buffer.subarray(0, outcome.value).reduce((a, b) => a + b, 0);
    return `${outcome.value} bytes, sum ${sum}`;
  }

  #error(fd: number): Result {
    const value = new Uint8Array(4);
    this.#sys.getsockopt(fd, C.SOL_SOCKET, O.SO_ERROR, value, { value: 4 });
    const code = new DataView(value.buffer).getInt32(0, true);
    return Object.entries(ERRNO).find(([, number]) => number === code)?.[0] ?? code;
  }
}

function inet(address: IpAddress, port: number): Uint8Array {
  return sockaddr(C.AF_INET, { address, port });
}

function shown(outcome: SysOutcome): Result {
  if (isPending(outcome)) return "waits";
  return outcome.value < 0 ? (outcome.errno ?? "?") : outcome.value;
}
