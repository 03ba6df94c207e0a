import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, O, PosixWorld, type Process, show } from "../../../test/sim/posix-world.ts";
import { readTcpInfo, TCP_INFO_SIZE, TCP_STATE_NUMBERS, type TcpInfoFields } from "./tcp-info-struct.ts";

function infoOf(process: Process, fd: number): TcpInfoFields {
  const bytes = new Uint8Array(400);
  const length = { value: bytes.length };
  expect(show(process.sys.getsockopt(fd, C.SOL_TCP, O.TCP_INFO, bytes, length))).toBe(0);
  expect(length.value).toBe(TCP_INFO_SIZE);
  return readTcpInfo(bytes);
}

test("the struct has the 280 bytes of Linux 6.18; less room gets less of it", () => {
  const { a } = new PosixWorld();
  expect(TCP_INFO_SIZE).toBe(280);
  const bytes = new Uint8Array(10);
  const length = { value: 10 };
  a.sys.getsockopt(a.tcp(), C.SOL_TCP, O.TCP_INFO, bytes, length);
  expect([length.value, ...bytes]).toEqual([10, 7, 0, 0, 0, 0, 0, 0, 1, 0x40, 0x42]);
});

test("fields lie where linux/tcp.h has them", () => {
  const bytes = new Uint8Array(TCP_INFO_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 1, true);
  view.setUint32(68, 2, true);
  view.setUint32(100, 3, true);
  view.setBigUint64(120, 4n, true);
  view.setUint32(148, 5, true);
  view.setBigUint64(200, 6n, true);
  view.setUint32(228, 7, true);
  view.setUint16(240, 8, true);
  bytes[6] = 0x97;
  expect(readTcpInfo(bytes)).toMatchObject({
    tcpi_rto: 1,
    tcpi_rtt: 2,
    tcpi_total_retrans: 3,
    tcpi_bytes_acked: 4,
    tcpi_min_rtt: 5,
    tcpi_bytes_sent: 6,
    tcpi_snd_wnd: 7,
    tcpi_total_rto: 8,
    tcpi_snd_wscale: 7,
    tcpi_rcv_wscale: 9,
  });
});

describe("what it says", () => {
  test("of a socket without a connection, as on Linux 6.18", () => {
    const { a } = new PosixWorld();
    expect(infoOf(a, a.tcp())).toMatchObject({
      tcpi_state: TCP_STATE_NUMBERS.CLOSED,
      tcpi_rto: 1_000_000,
      tcpi_snd_mss: 536,
      tcpi_rttvar: 250_000,
      tcpi_snd_ssthresh: 0x7fffffff,
      tcpi_snd_cwnd: 10,
      tcpi_reordering: 3,
      tcpi_delivery_rate_app_limited: 1,
    });
  });

  test("of a listening one: how many wait, and how many may", () => {
    const w = new PosixWorld();
    const fd = w.b.listener(80, C.SOCK_NONBLOCK, 7);
    w.a.connect(w.a.tcp(C.SOCK_NONBLOCK), inet(ADDRESS_B, 80));
    w.pass();
    expect(infoOf(w.b, fd)).toMatchObject({ tcpi_state: 10, tcpi_unacked: 1, tcpi_sacked: 7 });
  });

  test("of a connection", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    w.a.send(client, 5 * 1_448 + 10);
    w.pass(0.001);
    expect(infoOf(w.a, client)).toMatchObject({
      tcpi_state: TCP_STATE_NUMBERS.ESTABLISHED,
      tcpi_ca_state: 0,
      tcpi_options: 7,
      tcpi_snd_mss: 1_448,
      tcpi_advmss: 1_448,
      tcpi_pmtu: 1_500,
      tcpi_snd_cwnd: 10,
      tcpi_unacked: 6,
      tcpi_bytes_sent: 5 * 1_448 + 10,
      tcpi_notsent_bytes: 0,
      tcpi_data_segs_out: 6,
    });
    w.pass(2.009);
    const info = infoOf(w.a, client);
    // The SYN is a byte too.
    expect(info).toMatchObject({ tcpi_unacked: 0, tcpi_bytes_acked: 5 * 1_448 + 11, tcpi_total_retrans: 0 });
    expect(info.tcpi_rtt).toBeGreaterThan(9_000);
    expect(info.tcpi_rtt).toBeLessThan(60_000);
    expect(info.tcpi_min_rtt).toBeGreaterThanOrEqual(10_000);
    expect(info.tcpi_last_data_sent).toBeGreaterThan(1_900);
    expect(info.tcpi_snd_wscale).toBe(info.tcpi_rcv_wscale);
  });

  test("of lost segments", () => {
    const w = new PosixWorld();
    const { client } = w.pair();
    w.world.remove(w.hosts.b);
    w.a.send(client, 1_000);
    w.pass(3);
    const info = infoOf(w.a, client);
    expect(info).toMatchObject({ tcpi_ca_state: 4, tcpi_unacked: 1 });
    expect(info.tcpi_total_retrans).toBeGreaterThan(1);
    expect(info.tcpi_data_segs_out).toBe(1 + info.tcpi_total_retrans);
    expect(info.tcpi_bytes_sent).toBe(1_000 + info.tcpi_bytes_retrans);
    expect(info.tcpi_busy_time).toBe(3_000_000);
    expect(info.tcpi_backoff).toBeGreaterThan(0);
    expect(info.tcpi_retransmits).toBe(info.tcpi_backoff);
  });
});
