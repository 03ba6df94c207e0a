/** A script as a tree: what the parser makes and the runner walks. Times are µs of script time. */
import type { Place } from "./place.ts";

export interface Script {
  /** For messages: usually the path. */
  readonly name: string;
  readonly source: string;
  readonly options: readonly ScriptOption[];
  /** Shell text before the first event. */
  readonly setup: readonly ShellAction[];
  readonly events: readonly ScriptEvent[];
  /** Shell text after the last event: runs whatever happened. */
  readonly cleanup: readonly ShellAction[];
}

/** `--name` or `--name=value`. */
export interface ScriptOption {
  readonly place: Place;
  readonly name: string;
  readonly value: string | undefined;
}

export interface ScriptEvent {
  readonly place: Place;
  readonly time: EventTime;
  readonly action: Action;
}

export interface EventTime {
  /** `any` is the star: whenever it comes. */
  readonly kind: "absolute" | "relative" | "any";
  readonly at: number;
  /** `T~T`: the end of the range, on the same terms as `at`. */
  readonly until: number | undefined;
  /** `T...T`: when a blocking call returns. */
  readonly returns: number | undefined;
}

export type Action = PacketAction | CallAction | ShellAction | CodeAction;

export interface ShellAction {
  readonly kind: "shell";
  readonly place: Place;
  readonly text: string;
}

export interface CodeAction {
  readonly kind: "code";
  /** Of its first character. */
  readonly place: Place;
  readonly text: string;
}

// --- packets

export interface PacketAction {
  readonly kind: "packet";
  readonly direction: "in" | "out";
  readonly ip: IpSpec;
  /** What the packet is wrapped in, if the script wraps it: no stack here unwraps it. */
  readonly encapsulation: string | undefined;
  readonly body: TcpSpec | UdpSpec | IcmpSpec;
}

export type EcnCode = "noecn" | "ect0" | "ect1" | "ce" | "ect01";

/** What is undefined is not compared; on the way in it gets the usual value. */
export interface IpSpec {
  readonly ecn: EcnCode | undefined;
  /** The whole octet. */
  readonly trafficClass: number | undefined;
  readonly flowLabel: number | undefined;
  readonly hopLimit: number | undefined;
}

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface TcpSpec {
  readonly protocol: "tcp";
  readonly ports: Ports | undefined;
  /** A sum of `TCP_FLAG`. */
  readonly flags: number;
  /** The flags AE, CWR and ECE as the counter of RFC 9768, where the script writes a digit. */
  readonly ace: number | undefined;
  readonly sequence: number;
  readonly length: number;
  /** Without the field 0 is sent, and compared when the ACK flag is expected. */
  readonly acknowledgment: number | undefined;
  /** Raw, as in the header. */
  readonly window: number | undefined;
  readonly urgentPointer: number | undefined;
  /** Undefined: `<...>`, any. */
  readonly options: readonly TcpOptionSpec[] | undefined;
}

export type TcpOptionSpec =
  | { readonly kind: "mss"; readonly value: number }
  | { readonly kind: "wscale"; readonly value: number }
  | { readonly kind: "sackOK" }
  | { readonly kind: "sack"; readonly blocks: ReadonlyArray<readonly [number, number]> }
  | { readonly kind: "TS"; readonly value: number; readonly echo: number }
  | { readonly kind: "nop" }
  | { readonly kind: "eol" }
  /** Bytes as hexadecimal digits. */
  | { readonly kind: "md5"; readonly digest: string }
  | { readonly kind: "FO"; readonly cookie: string }
  | { readonly kind: "FOEXP"; readonly cookie: string }
  /** RFC 9768 §3.2.3: the counters in the order of the option, `first` says which ECT comes first. */
  | { readonly kind: "ECN"; readonly first: "e0b" | "e1b"; readonly counters: readonly number[] }
  /** Only of packets that the stack sends. */
  | { readonly kind: "other"; readonly number: number; readonly content: string };

export interface UdpSpec {
  readonly protocol: "udp";
  readonly ports: Ports | undefined;
  readonly length: number;
}

export interface IcmpSpec {
  readonly protocol: "icmp";
  readonly type: string;
  readonly code: string | undefined;
  readonly mtu: number | undefined;
  readonly identifier: number | undefined;
  readonly quote: IcmpQuote | undefined;
}

/** The packet that an ICMP error is about. */
export type IcmpQuote =
  | { readonly kind: "tcp"; readonly sequence: number; readonly length: number }
  | { readonly kind: "udp" | "raw"; readonly length: number };

// --- system calls

export interface CallAction {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expression[];
  readonly result: Expression;
  readonly errno: string | undefined;
}

export type Expression =
  | { readonly kind: "integer"; readonly place: Place; readonly value: number }
  | { readonly kind: "symbol"; readonly place: Place; readonly name: string }
  | { readonly kind: "string"; readonly place: Place; readonly text: string }
  /** `...`: the runner knows. */
  | { readonly kind: "ellipsis"; readonly place: Place }
  | { readonly kind: "or"; readonly place: Place; readonly terms: readonly Expression[] }
  | { readonly kind: "list"; readonly place: Place; readonly items: readonly Expression[] }
  | {
      readonly kind: "call";
      readonly place: Place;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  /** `{a, b}` and `{name=a, name(n)=b}`. */
  | { readonly kind: "struct"; readonly place: Place; readonly members: readonly Member[] };

export interface Member {
  readonly name: string | undefined;
  readonly value: Expression;
}
