/**
 * The machine that a script's commands set up: the stack's configuration, routes and device, and a few files.
 */
import type { NetInterface } from "../net/interface.ts";
import type { Route } from "../net/routes.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";
import type { Profile } from "./profile.ts";
import type { Settings } from "./settings.ts";
import type { RouteChange, ShellTarget } from "./shell.ts";
import { UnsupportedCommand } from "./shell-words.ts";
import type { Stage } from "./stage.ts";
import { applySysctl } from "./sysctls.ts";

/** Where other scripts come from; the path is as the script has it. */
export type TextLoader = (path: string) => string | undefined;

export class StackSettings implements ShellTarget {
  /** Set by the script, and without effect: the stack has no such knob. */
  readonly withoutKnob = new Set<string>();
  readonly files = new Map<string, number>();
  readonly #stage: Stage;
  readonly #config: TcpConfig;
  readonly #settings: Settings;
  readonly #loader: TextLoader;
  readonly #values = new Map<string, string>();
  readonly #countersBefore = new Map<string, number>();
  #route: Route | undefined;

  constructor(stage: Stage, settings: Settings, profile: Profile, loader: TextLoader) {
    this.#stage = stage;
    this.#config = stage.host.tcp.context.config;
    this.#settings = settings;
    this.#loader = loader;
    for (const [name, value] of Object.entries(profile.sysctls)) {
      this.#values.set(name, value);
      applySysctl(this.#config, name, value);
    }
  }

  setSysctl(name: string, value: string): boolean {
    const result = applySysctl(this.#config, name, value);
    if (result === "bad-value") throw new UnsupportedCommand(`${name} cannot be ${value}`);
    if (result === "unknown") return false;
    if (result === "without-knob") this.withoutKnob.add(name);
    this.#values.set(name, value);
    return true;
  }

  sysctl(name: string): string | undefined {
    return this.#values.get(name);
  }

  setQueue(discipline: string, limit: number | undefined): void {
    const { device } = this.#stage;
    this.#config.pacing = discipline === "fq";
    if (limit === 0) device.isBlocked = true;
    else device.unblock();
  }

  /** A route to the script's end, whatever address the command names: there is no other. */
  changeRoute(change: RouteChange): boolean {
    const { routes } = this.#stage.host.net;
    const { remoteAddress } = this.#settings;
    if (this.#route !== undefined) routes.remove(this.#route);
    this.#route = routes.add({
      destination: remoteAddress,
      prefixLength: remoteAddress.family === 4 ? 32 : 128,
      gateway: undefined,
      interfaceIndex: this.#interface().index,
      metric: 0,
      source: undefined,
      mtu: change.mtu,
      isMtuLocked: change.isMtuLocked,
      advertisedMss: change.advertisedMss,
      initialWindow: change.initialWindow,
    });
    return true;
  }

  /** The device never cuts: the stack sends single segments as it is. */
  setSegmentationOffload(on: boolean): void {
    if (on) this.withoutKnob.add("segmentation offload");
  }

  flushMetrics(): void {
    this.#stage.host.tcp.fastOpen.cookies.clear();
  }

  counter(name: string): number | undefined {
    const now = this.#counterNow(name);
    return now === undefined ? undefined : now - (this.#countersBefore.get(name) ?? 0);
  }

  resetCounters(): void {
    for (const name of Object.keys(COUNTERS)) this.#countersBefore.set(name, this.#counterNow(name) ?? 0);
  }

  isListening(port: number): boolean {
    for (const listener of this.#stage.host.tcp.listeners()) if (listener.port === port) return true;
    return false;
  }

  makeFile(path: string, size: number): void {
    this.files.set(path, size);
  }

  removeFile(path: string): void {
    this.files.delete(path);
  }

  loadText(path: string): string | undefined {
    return this.#loader(path) ?? (path.endsWith("/defaults.sh") ? DEFAULTS : undefined);
  }

  #counterNow(name: string): number | undefined {
    return COUNTERS[name]?.(this.#stage);
  }

  #interface(): NetInterface {
    const found = this.#stage.host.net.interfaces().find(iface => !iface.isLoopback);
    if (found === undefined) throw new UnsupportedCommand("the machine has no interface");
    return found;
  }
}

/** Linux's names of counters that this stack has too. */
const COUNTERS: Readonly<Record<string, (stage: Stage) => number>> = {
  TcpActiveOpens: ({ host }) => host.tcpCounters.activeOpens,
  TcpExtListenOverflows: ({ host }) => host.tcpCounters.listenOverflows,
  TcpExtListenDrops: ({ host }) => host.tcpCounters.listenDrops,
  TcpExtTCPReqQFullDoCookies: ({ host }) => host.tcpCounters.synQueueFullCookies,
  TcpExtTCPReqQFullDrop: ({ host }) => host.tcpCounters.synQueueFullDrops,
  TcpExtSyncookiesSent: ({ host }) => host.tcpCounters.synCookiesSent,
  TcpExtSyncookiesRecv: ({ host }) => host.tcpCounters.synCookiesReceived,
  TcpExtSyncookiesFailed: ({ host }) => host.tcpCounters.synCookiesFailed,
  TcpExtTCPMD5NotFound: ({ host }) => host.tcpCounters.md5Missing,
  TcpExtTCPMD5Unexpected: ({ host }) => host.tcpCounters.md5Unexpected,
  TcpExtTCPMD5Failure: ({ host }) => host.tcpCounters.md5Wrong,
  TcpExtEmbryonicRsts: ({ host }) => host.tcpCounters.embryonicResets,
  TcpExtTCPDeferAcceptDrop: ({ host }) => host.tcpCounters.deferredAccepts,
  TcpExtTCPFastOpenActive: ({ host }) => host.tcpCounters.fastOpenActives,
  TcpExtTCPFastOpenActiveFail: ({ host }) => host.tcpCounters.fastOpenActiveFails,
  TcpExtTCPFastOpenPassive: ({ host }) => host.tcpCounters.fastOpenPassives,
  TcpExtTCPFastOpenPassiveFail: ({ host }) => host.tcpCounters.fastOpenPassiveFails,
  TcpExtTCPFastOpenListenOverflow: ({ host }) => host.tcpCounters.fastOpenListenOverflows,
  TcpExtTCPFastOpenCookieReqd: ({ host }) => host.tcpCounters.fastOpenCookieRequests,
  TcpExtTCPFastOpenBlackhole: ({ host }) => host.tcpCounters.fastOpenBlackholes,
  TcpExtTCPFastOpenPassiveAltKey: ({ host }) => host.tcpCounters.fastOpenPassiveAlternateKeys,
  TcpExtTCPChallengeACK: ({ host }) => host.tcpCounters.challengeAcks,
  TcpExtTCPSYNChallenge: ({ host }) => host.tcpCounters.synChallenges,
  TcpExtTCPACKSkippedSynRecv: ({ host }) => host.tcpCounters.skippedSynReceived,
  TcpExtTCPACKSkippedPAWS: ({ host }) => host.tcpCounters.skippedPaws,
  TcpExtTCPACKSkippedSeq: ({ host }) => host.tcpCounters.skippedSequence,
  TcpExtTCPACKSkippedTimeWait: ({ host }) => host.tcpCounters.skippedTimeWait,
  TcpExtTCPACKSkippedChallenge: ({ host }) => host.tcpCounters.skippedChallenge,
  TcpExtPAWSEstab: ({ host }) => host.tcpCounters.pawsRejected,
  TcpExtPAWSOldAck: ({ host }) => host.tcpCounters.pawsOldAcks,
  TcpExtTCPAckCompressed: ({ host }) => host.tcpCounters.acksCompressed,
  TcpExtDelayedACKs: ({ host }) => host.tcpCounters.delayedAcks,
  TcpExtTCPToZeroWindowAdv: ({ host }) => host.tcpCounters.windowsClosed,
  TcpExtTCPFromZeroWindowAdv: ({ host }) => host.tcpCounters.windowsOpened,
  TcpRetransSegs: ({ host }) => host.tcpCounters.segmentsRetransmitted,
  TcpExtTCPTimeouts: ({ host }) => host.tcpCounters.timeouts,
  TcpExtTCPLossProbes: ({ host }) => host.tcpCounters.tailLossProbes,
  TcpExtTCPLossProbeRecovery: ({ host }) => host.tcpCounters.tailLossProbeRecoveries,
  TcpExtTCPLostRetransmit: ({ host }) => host.tcpCounters.lostRetransmissions,
  TcpExtTCPFullUndo: ({ host }) => host.tcpCounters.fullUndos,
  TcpExtTCPPartialUndo: ({ host }) => host.tcpCounters.partialUndos,
  TcpExtTCPDSACKUndo: ({ host }) => host.tcpCounters.duplicateUndos,
  TcpExtTCPLossUndo: ({ host }) => host.tcpCounters.lossUndos,
  TcpExtTCPSpuriousRTOs: ({ host }) => host.tcpCounters.spuriousTimeouts,
  TcpExtTCPSACKReneging: ({ host }) => host.tcpCounters.sackReneges,
  TcpExtOutOfWindowIcmps: ({ host }) => host.drops.get("icmp-no-socket"),
};

/** What Google's test scripts begin with, for scripts that name it and have none at hand. */
const DEFAULTS = `
sysctl -q net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))"
sysctl -q net.ipv4.tcp_wmem="4096 $((256*1024)) 4194304"
sysctl -q net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1
sysctl -q net.ipv4.tcp_syn_retries=5 net.ipv4.tcp_synack_retries=5
sysctl -q net.ipv4.tcp_congestion_control=cubic net.ipv4.tcp_early_retrans=4 net.ipv4.tcp_ecn=0
sysctl -q net.ipv4.tcp_slow_start_after_idle=0
sysctl -q net.ipv4.tcp_fastopen=0x70403
sysctl -q net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4
`;
