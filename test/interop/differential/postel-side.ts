/** The differential check's side in memory: a host in virtual time, BSD sockets, and the peer's wire. */
import { milliseconds, seconds } from "../../../src/base/time.ts";
import type { Settings } from "../../../src/packetdrill/settings.ts";
import { Stage } from "../../../src/packetdrill/stage.ts";
import { sockaddr } from "../../../src/socket/posix/addresses.ts";
import * as C from "../../../src/socket/posix/constants.ts";
import { int32 } from "../../../src/socket/posix/control-messages.ts";
import { ERRNO } from "../../../src/socket/posix/errno.ts";
import * as O from "../../../src/socket/posix/option-names.ts";
import { PosixSockets } from "../../../src/socket/posix/posix-sockets.ts";
import { isPending, type SysOutcome } from "../../../src/socket/posix/sys-result.ts";
import type { TcpConfig } from "../../../src/tcp/tcp-config.ts";
import { type IpAddress, ip } from "../../../src/wire/address.ts";
import { type CallStep, type Look, lookOf, type Observation, type Plan, type Step } from "./steps.ts";
import { Wire } from "./wire.ts";

export const HOST = "10.78.0.1";
export const PEER_PORT = 4_000;
export const STEP_TIME = 40_000; // µs

/** As `kernel-side.ts` sets the kernel: nothing that depends on how long a step takes. */
const CONFIG: Partial<TcpConfig> = {
  initialRto: seconds(60),
  minRto: seconds(60),
  tailLossProbe: false,
  quickAcks: 1_000_000,
  interactiveAfter: 1_000_000,
  delayedAck: milliseconds(5),
  delayedAckMax: milliseconds(10),
  challengeAckLimit: 1_000_000,
  invalidAckInterval: milliseconds(0),
  synCookies: 0,
  congestionControl: "reno",
};

export function peerAddress(index: number): string {
  return `10.78.${1 + (index >> 7)}.${1 + (index & 127)}`;
}

export class PostelSide {
  readonly wire: Wire;
  readonly #stage: Stage;
  readonly #sys: PosixSockets;
  #listener = -1;
  #fd = -1;

  constructor(plan: Plan) {
    const host = ip(HOST);
    const peer = ip(peerAddress(0));
    this.#stage = new Stage({ mode: "ipv4", localAddress: host, mtu: 1_500 } as Settings, CONFIG, plan.seed);
    this.#sys = new PosixSockets(this.#stage.host, this.#stage.world);
    const hostPort = 8_080;
    this.wire = new Wire(plan, {
      source: peer,
      sourcePort: PEER_PORT,
      destination: host,
      destinationPort: hostPort,
    });
    this.#open(plan, host, hostPort, peer);
  }

  /** What the opening itself sent. */
  async begin(): Promise<Observation> {
    return this.#observe(undefined, undefined);
  }

  async take(step: Step): Promise<Observation> {
    let result: number | string | undefined;
    if (step.kind === "segment") this.#stage.device.inject(this.wire.packet(step), 0);
    else result = shown(this.#call(step));
    return this.#observe(step, result);
  }

  get hasSocket(): boolean {
    return this.#fd >= 0;
  }

  get listens(): boolean {
    return this.#listener >= 0;
  }

  close(): void {
    this.#stage.close();
  }

  #open(plan: Plan, host: IpAddress, port: number, peer: IpAddress): void {
    const sys = this.#sys;
    const fd = sys.socket(C.AF_INET, C.SOCK_STREAM | C.SOCK_NONBLOCK, 0).value;
    sys.bind(fd, sockaddr(C.AF_INET, { address: host, port }));
    if (plan.opener === "peer") {
      sys.listen(fd, 8);
      this.#listener = fd;
    } else {
      sys.connect(fd, sockaddr(C.AF_INET, { address: peer, port: PEER_PORT }));
      this.#fd = fd;
    }
  }

  async #observe(step: Step | undefined, result: number | string | undefined): Promise<Observation> {
    await this.#stage.advanceTo(this.#stage.now + STEP_TIME);
    await this.#stage.settle();
    const { emitted } = this.#stage.device;
    const sent = this.wire.summary(emitted, step);
    emitted.length = 0;
    return { result, sent, look: this.#look() };
  }

  #look(): Look | undefined {
    if (this.#fd < 0) return undefined;
    const state = new Uint8Array(1);
    this.#sys.getsockopt(this.#fd, C.SOL_TCP, O.TCP_INFO, state, { value: 1 });
    const descriptor = { fd: this.#fd, events: C.POLLIN | C.POLLOUT | C.POLLPRI | C.POLLRDHUP, revents: 0 };
    this.#sys.poll([descriptor], 0);
    return lookOf(state[0] ?? 0, this.#queued(C.SIOCINQ), this.#queued(C.SIOCOUTQ), descriptor.revents);
  }

  #queued(request: number): number | string {
    const argument = { value: 0 };
    const { value, errno } = this.#sys.ioctl(this.#fd, request, argument);
    return value < 0 ? (errno ?? "?") : argument.value;
  }

  #call({ call, argument = 0 }: CallStep): SysOutcome {
    const sys = this.#sys;
    const fd = this.#fd;
    switch (call) {
      case "accept": {
        const outcome = sys.accept4(this.#listener, null, C.SOCK_NONBLOCK);
        if (!isPending(outcome) && outcome.value >= 0) {
          this.#fd = outcome.value;
          return { value: 0 };
        }
        return outcome;
      }
      case "write":
        return sys.send(fd, new Uint8Array(argument), argument, C.MSG_NOSIGNAL);
      case "send_urgent":
        return sys.send(fd, new Uint8Array(argument), argument, C.MSG_NOSIGNAL | C.MSG_OOB);
      case "read":
        return sys.recv(fd, new Uint8Array(argument), argument);
      case "peek":
        return sys.recv(fd, new Uint8Array(argument), argument, C.MSG_PEEK);
      case "urgent":
        return sys.recv(fd, new Uint8Array(1), 1, C.MSG_OOB);
      case "shutdown":
        return sys.shutdown(fd, argument);
      case "abort":
        sys.setsockopt(fd, C.SOL_SOCKET, O.SO_LINGER, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]));
        this.#fd = -1;
        return sys.close(fd);
      case "close":
        this.#fd = -1;
        return sys.close(fd);
      case "stop_listening": {
        const listener = this.#listener;
        this.#listener = -1;
        return sys.close(listener);
      }
      case "error":
        return this.#error();
      case "no_delay":
        return sys.setsockopt(fd, C.SOL_TCP, O.TCP_NODELAY, int32(argument));
      case "cork":
        return sys.setsockopt(fd, C.SOL_TCP, O.TCP_CORK, int32(argument));
    }
  }

  #error(): SysOutcome {
    const bytes = new Uint8Array(4);
    this.#sys.getsockopt(this.#fd, C.SOL_SOCKET, O.SO_ERROR, bytes, { value: 4 });
    const value = new DataView(bytes.buffer).getInt32(0, true);
    const name = Object.entries(ERRNO).find(([, number]) => number === value)?.[0];
    return value === 0 ? { value: 0 } : ({ value: -1, errno: name } as SysOutcome);
  }
}

function shown(outcome: SysOutcome): number | string {
  if (isPending(outcome)) return "waits";
  return outcome.value < 0 ? (outcome.errno ?? "?") : outcome.value;
}
