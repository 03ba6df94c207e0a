/** What a machine is like before a script changes it: the defaults and habits of a system. */
import type { TcpConfig } from "../tcp/tcp-config.ts";

export interface Profile {
  readonly name: string;
  /** For people: `postel drill --help`. */
  readonly description: string;
  /** Settings as `sysctl` shows them. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Habits that no sysctl sets: initial window, bounds of the RTO, option order. */
  readonly tcp: Partial<TcpConfig>;
}

const LINUX: Profile = {
  name: "linux",
  description: "Linux 6.x: the stack's own defaults",
  sysctls: {
    "net.ipv4.tcp_rmem": "4096 131072 33554432",
    "net.ipv4.tcp_wmem": "4096 16384 4194304",
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv4.tcp_window_scaling": "1",
    "net.ipv4.tcp_sack": "1",
    "net.ipv4.tcp_syn_retries": "6",
    "net.ipv4.tcp_synack_retries": "5",
    "net.ipv4.tcp_early_retrans": "3",
    "net.ipv4.tcp_congestion_control": "cubic",
    "net.ipv4.tcp_ecn": "2",
    "net.ipv4.tcp_fastopen": "1",
    "net.ipv4.tcp_fastopen_key": "00000000-00000000-00000000-00000000",
    "net.ipv4.tcp_min_tso_segs": "2",
    "net.ipv4.tcp_mtu_probing": "0",
    "net.ipv4.tcp_base_mss": "1024",
    "net.ipv4.tcp_slow_start_after_idle": "1",
    "net.ipv4.tcp_reordering": "3",
    "net.ipv4.tcp_notsent_lowat": "4294967295",
    "net.ipv4.tcp_syncookies": "1",
  },
  tcp: {},
};

const PROFILES: readonly Profile[] = [LINUX];

export const DEFAULT_PROFILE = LINUX;

export function profiles(): readonly Profile[] {
  return PROFILES;
}

export function profileNamed(name: string): Profile | undefined {
  return PROFILES.find(profile => profile.name === name);
}
