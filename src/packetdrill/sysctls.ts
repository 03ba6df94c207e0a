/**
 * Linux's settings by name, as knobs of the stack. What has no knob yet is listed, so that nothing is lost in
 * silence.
 */
import { microseconds, milliseconds, seconds } from "../base/time.ts";
import { congestionControlNames } from "../tcp/congestion/congestion-controls.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";

/** Sets knobs; `values` are the setting's words. Undefined or false: the value cannot be had. */
type Knob = (config: TcpConfig, values: readonly string[]) => boolean;

function flag(set: (config: TcpConfig, on: boolean) => void): Knob {
  return (config, [value = "0"]) => {
    set(config, Number(value) !== 0);
    return true;
  };
}

function count(set: (config: TcpConfig, value: number) => void): Knob {
  return (config, [value = ""]) => {
    const number = Number(value);
    if (!Number.isFinite(number)) return false;
    set(config, number);
    return true;
  };
}

const KNOBS: Readonly<Record<string, Knob>> = {
  "net.ipv4.tcp_timestamps": flag((config, on) => {
    config.timestamps = on;
  }),
  "net.ipv4.tcp_window_scaling": flag((config, on) => {
    config.windowScaling = on;
  }),
  "net.ipv4.tcp_sack": flag((config, on) => {
    config.sack = on;
  }),
  "net.ipv4.tcp_dsack": flag((config, on) => {
    config.duplicateSack = on;
  }),
  "net.ipv4.tcp_stdurg": flag((config, on) => {
    config.urgentPointsAtLast = on;
  }),
  "net.ipv4.tcp_congestion_control": (config, [name]) => {
    if (name === undefined || !congestionControlNames().includes(name)) return false;
    config.congestionControl = name;
    return true;
  },
  "net.ipv4.tcp_slow_start_after_idle": flag((config, on) => {
    config.slowStartAfterIdle = on;
  }),
  "sys.module.tcp_cubic.parameters.hystart": flag((config, on) => {
    config.hystart = on ? "classic" : "off";
  }),
  "sys.module.tcp_cubic.parameters.hystart_detect": count((config, value) => {
    config.hystartDetect = value;
  }),
  "net.ipv4.tcp_syn_retries": count((config, value) => {
    config.synRetries = value;
  }),
  "net.ipv4.tcp_syn_linear_timeouts": count((config, value) => {
    config.synLinearTimeouts = value;
  }),
  "net.ipv4.tcp_synack_retries": count((config, value) => {
    config.synAckRetries = value;
  }),
  "net.ipv4.tcp_min_snd_mss": count((config, value) => {
    config.leastMss = value;
  }),
  "net.ipv4.ip_no_pmtu_disc": flag((config, on) => {
    config.pathMtuDiscovery = on ? "dont" : "want";
  }),
  "net.ipv4.tcp_mtu_probing": count((config, value) => {
    config.mtuProbing = value;
  }),
  "net.ipv4.tcp_base_mss": count((config, value) => {
    config.baseMss = value;
  }),
  "net.ipv4.tcp_mtu_probe_floor": count((config, value) => {
    config.mtuProbeFloor = value;
  }),
  "net.ipv4.tcp_probe_interval": count((config, value) => {
    config.mtuProbeInterval = seconds(value);
  }),
  "net.ipv4.tcp_probe_threshold": count((config, value) => {
    config.mtuProbeThreshold = value;
  }),
  "net.ipv4.tcp_ecn": (config, [value = ""]) => {
    config.ecn = Number(value);
    return config.ecn >= 0 && config.ecn <= 2;
  },
  "net.ipv4.tcp_ecn_fallback": flag((config, on) => {
    config.ecnFallback = on;
  }),
  "net.ipv4.tcp_retries1": count((config, value) => {
    config.retries1 = value;
  }),
  "net.ipv4.tcp_orphan_retries": count((config, value) => {
    config.orphanRetries = value;
  }),
  "net.ipv4.tcp_max_orphans": count((config, value) => {
    config.orphanLimit = value;
  }),
  "net.ipv4.tcp_retries2": count((config, value) => {
    config.retries2 = value;
  }),
  "net.ipv4.tcp_thin_linear_timeouts": flag((config, on) => {
    config.thinLinearTimeouts = on;
  }),
  "net.ipv4.tcp_min_rtt_wlen": count((config, value) => {
    config.minRttWindow = seconds(value);
  }),
  "net.ipv4.tcp_recovery": count((config, value) => {
    config.rack = (value & 1) !== 0;
    config.rackStaticWindow = (value & 2) !== 0;
    config.rackWithoutThreshold = (value & 4) !== 0;
  }),
  "net.ipv4.tcp_frto": flag((config, on) => {
    config.forwardRto = on;
  }),
  "net.ipv4.tcp_reordering": count((config, value) => {
    config.reordering = value;
  }),
  "net.ipv4.tcp_max_reordering": count((config, value) => {
    config.maxReordering = value;
  }),
  "net.ipv4.tcp_early_retrans": count((config, value) => {
    config.tailLossProbe = value >= 3;
  }),
  "net.ipv4.tcp_rmem": (config, [, usual = "", most = ""]) => {
    config.receiveBuffer = Math.floor(Number(usual) / 2);
    config.receiveBufferLimit = Math.floor(Number(most) / 2);
    return Number.isFinite(config.receiveBuffer) && Number.isFinite(config.receiveBufferLimit);
  },
  "net.core.rmem_max": count((config, value) => {
    config.receiveBufferCeiling = value;
  }),
  "net.ipv4.tcp_moderate_rcvbuf": flag((config, on) => {
    config.moderateReceiveBuffer = on;
  }),
  "net.ipv4.tcp_app_win": count((config, value) => {
    config.applicationWindow = value;
  }),
  "net.ipv4.tcp_shrink_window": flag((config, on) => {
    config.shrinkWindow = on;
  }),
  "net.ipv4.tcp_workaround_signed_windows": flag((config, on) => {
    config.signedWindows = on;
  }),
  "net.ipv4.tcp_wmem": (config, [, usual = "", most = ""]) => {
    config.sendBuffer = Number(usual);
    config.sendBufferLimit = Number(most);
    return Number.isFinite(config.sendBuffer) && Number.isFinite(config.sendBufferLimit);
  },
  "net.ipv4.tcp_max_syn_backlog": count((config, value) => {
    config.synBacklog = value;
  }),
  "net.ipv4.tcp_syncookies": count((config, value) => {
    config.synCookies = value;
  }),
  "net.ipv4.tcp_migrate_req": flag((config, on) => {
    config.migrateOnClose = on;
  }),
  "net.core.somaxconn": count((config, value) => {
    config.acceptBacklogLimit = value;
  }),
  "net.ipv4.tcp_abort_on_overflow": flag((config, on) => {
    config.abortOnOverflow = on;
  }),
  "net.ipv4.ip_local_port_range": (config, [first = "", last = ""]) => {
    config.firstEphemeralPort = Number(first);
    config.lastEphemeralPort = Number(last);
    return true;
  },
  "net.ipv4.tcp_fastopen": count((config, value) => {
    config.fastOpen = value;
  }),
  "net.ipv4.tcp_fastopen_key": (config, [keys = ""]) => {
    const key = fastOpenKey(keys);
    if (key === undefined) return false;
    config.fastOpenKey = key;
    return true;
  },
  "net.ipv4.tcp_fastopen_blackhole_timeout_sec": count((config, value) => {
    config.fastOpenBlackholeTimeout = seconds(value);
  }),
  "net.ipv4.tcp_max_tw_buckets": count((config, value) => {
    config.timeWaitLimit = value;
  }),
  "net.ipv4.tcp_tw_reuse": count((config, value) => {
    config.timeWaitReuse = value;
  }),
  "net.ipv4.tcp_tw_reuse_delay": count((config, value) => {
    config.timeWaitReuseDelay = milliseconds(value);
  }),
  "net.ipv4.tcp_rfc1337": flag((config, on) => {
    config.rfc1337 = on;
  }),
  "net.ipv4.tcp_fin_timeout": count((config, value) => {
    config.finTimeout = seconds(value);
  }),
  "net.ipv4.tcp_keepalive_time": count((config, value) => {
    config.keepaliveTime = seconds(value);
  }),
  "net.ipv4.tcp_keepalive_intvl": count((config, value) => {
    config.keepaliveInterval = seconds(value);
  }),
  "net.ipv4.tcp_keepalive_probes": count((config, value) => {
    config.keepaliveProbes = value;
  }),
  "net.ipv4.tcp_challenge_ack_limit": count((config, value) => {
    config.challengeAckLimit = value;
  }),
  "net.ipv4.tcp_invalid_ratelimit": count((config, value) => {
    config.invalidAckInterval = milliseconds(value);
  }),
  "net.ipv4.tcp_min_tso_segs": count((config, value) => {
    config.minTsoSegments = value;
  }),
  "net.ipv4.tcp_tso_win_divisor": count((config, value) => {
    config.tsoWindowDivisor = value;
  }),
  "net.ipv4.tcp_tso_rtt_log": count((config, value) => {
    config.tsoRttLog = value;
  }),
  "net.ipv4.tcp_pacing_ss_ratio": count((config, value) => {
    config.pacingSlowStartRatio = value;
  }),
  "net.ipv4.tcp_pacing_ca_ratio": count((config, value) => {
    config.pacingAvoidanceRatio = value;
  }),
  "net.ipv4.tcp_comp_sack_delay_ns": count((config, value) => {
    config.sackDelay = microseconds(Math.round(value / 1_000));
  }),
  "net.ipv4.tcp_comp_sack_rtt_percent": count((config, value) => {
    config.sackDelayShare = value;
  }),
  "net.ipv4.tcp_comp_sack_nr": count((config, value) => {
    config.sacksTogether = value;
  }),
  "net.ipv4.tcp_pingpong_thresh": count((config, value) => {
    config.interactiveAfter = value;
  }),
  "net.ipv4.tcp_notsent_lowat": count((config, value) => {
    config.notSentLowWater = value >>> 0;
  }),
  "net.ipv4.tcp_rto_min_us": count((config, value) => {
    config.minRto = microseconds(value);
  }),
  "net.ipv4.tcp_rto_max_ms": count((config, value) => {
    config.maxRto = milliseconds(value);
  }),
};

/** Of Linux, and without a knob here: a script may set them, but they change nothing. */
const WITHOUT_KNOB: ReadonlySet<string> = new Set(
  [
    "adv_win_scale autocorking ecn_option",
    "fack limit_output_bytes linear_timeouts no_metrics_save",
    "no_ssthresh_metrics_save retrans_collapse",
    "comp_sack_slack_ns",
    "reflect_tos plb_enabled",
  ]
    .join(" ")
    .split(" ")
    .map(name => `net.ipv4.tcp_${name}`)
    .concat(["net.core.wmem_max", "net.core.default_qdisc"]),
);

/**
 * Linux's form of a Fast Open key: four hexadecimal words, which a little-endian machine keeps with the
 * lowest byte first; with a comma the backup key follows.
 */
function fastOpenKey(text: string): Uint8Array | undefined {
  const words = text.split(",").map(key => key.split("-").map(word => Number.parseInt(word, 16)));
  const isKey = words.length <= 2 && words.every(key => key.length === 4 && !key.some(Number.isNaN));
  if (!isKey) return undefined;
  const bytes = new Uint8Array(16 * words.length);
  const view = new DataView(bytes.buffer);
  words.flat().forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  return bytes;
}

/** What became of a setting. */
export type Setting = "set" | "without-knob" | "bad-value" | "unknown";

export function applySysctl(config: TcpConfig, name: string, value: string): Setting {
  const knob = KNOBS[name];
  if (knob !== undefined) return knob(config, value.trim().split(/\s+/)) ? "set" : "bad-value";
  return WITHOUT_KNOB.has(name) ? "without-knob" : "unknown";
}
