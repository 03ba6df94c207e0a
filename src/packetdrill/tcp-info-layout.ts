/**
 * Linux's struct tcp_info by name, as code blocks see it: include/uapi/linux/tcp.h, `tcpi_*`; and the names
 * of its values.
 */

/** What every release has had, by size; later fields follow. `u4` and `u1`… are bit fields of one byte. */
const LAYOUT: ReadonlyArray<readonly [size: 1 | 2 | 4 | 8, names: string]> = [
  [1, "state ca_state retransmits probes backoff options wscales app_limited_and_fastopen"],
  [4, "rto ato snd_mss rcv_mss unacked sacked lost retrans fackets"],
  [4, "last_data_sent last_ack_sent last_data_recv last_ack_recv"],
  [4, "pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans"],
  [8, "pacing_rate max_pacing_rate bytes_acked bytes_received"],
  [4, "segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out"],
  [8, "delivery_rate busy_time rwnd_limited sndbuf_limited"],
  [4, "delivered delivered_ce"],
  [8, "bytes_sent bytes_retrans"],
  [4, "dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash"],
  [2, "total_rto total_rto_recoveries"],
  [4, "total_rto_time"],
];

/** Enough for every release. */
export const TCP_INFO_ROOM = 512;

/** The fields that are in the bytes, as `tcpi_…`. */
export function tcpInfoFields(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<string, number>();
  let at = 0;
  for (const [size, names] of LAYOUT) {
    for (const name of names.split(" ")) {
      if (at + size > bytes.length) return fields;
      fields.set(`tcpi_${name}`, readField(view, at, size));
      at += size;
    }
  }
  return splitBitFields(fields);
}

/** struct tcp_bbr_info, as TCP_CC_INFO gives it; nothing if the control is another. */
export function bbrInfoFields(bytes: Uint8Array): Map<string, number> {
  const fields = new Map<string, number>();
  if (bytes.length < 20) return fields;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = ["bbr_bw_lo", "bbr_bw_hi", "bbr_min_rtt", "bbr_pacing_gain", "bbr_cwnd_gain"];
  for (const [index, name] of names.entries()) fields.set(name, view.getUint32(4 * index, true));
  fields.set("bbr_bw", Number(view.getBigUint64(0, true)));
  return fields;
}

const MEMORY = "RMEM_ALLOC RCVBUF WMEM_ALLOC SNDBUF FWD_ALLOC WMEM_QUEUED OPTMEM BACKLOG DROPS";

/** The numbers of SO_MEMINFO, as `SK_MEMINFO_…`. */
export function memoryInfoFields(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<string, number>();
  for (const [index, name] of MEMORY.split(" ").entries()) {
    if (4 * index + 4 <= bytes.length) fields.set(`SK_MEMINFO_${name}`, view.getUint32(4 * index, true));
  }
  return fields;
}

function readField(view: DataView, at: number, size: 1 | 2 | 4 | 8): number {
  switch (size) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true);
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
  }
}

function splitBitFields(fields: Map<string, number>): Map<string, number> {
  const scales = fields.get("tcpi_wscales") ?? 0;
  const bits = fields.get("tcpi_app_limited_and_fastopen") ?? 0;
  fields.set("tcpi_snd_wscale", scales & 0xf);
  fields.set("tcpi_rcv_wscale", scales >>> 4);
  fields.set("tcpi_delivery_rate_app_limited", bits & 1);
  fields.set("tcpi_fastopen_client_fail", (bits >>> 1) & 3);
  return fields;
}

const STATES =
  "ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING";

export const TCP_INFO_CONSTANTS: ReadonlyMap<string, number> = new Map([
  ...STATES.split(" ").map((name, index) => [`TCP_${name}`, index + 1] as const),
  ...["Open", "Disorder", "CWR", "Recovery", "Loss"].map((name, index) => [`TCP_CA_${name}`, index] as const),
  ...["TIMESTAMPS", "SACK", "WSCALE", "ECN", "ECN_SEEN", "SYN_DATA", "USEC_TS", "TFO_CHILD"].map(
    (name, bit) => [`TCPI_OPT_${name}`, 1 << bit] as const,
  ),
]);
