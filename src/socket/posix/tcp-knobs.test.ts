/** Mechanisms that TCP may come to have are used as soon as a connection has them. */
import { describe, expect, test } from "vitest";
import { C, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import type { Seq } from "../../base/seq.ts";
import { seqDiff } from "../../base/seq.ts";
import { readControl } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";
import { knobsOf, type TcpKnobs } from "./tcp-knobs.ts";

function ends(knobs: (told: unknown[]) => Partial<TcpKnobs>) {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  const connection = w.a.sys.connectionOf(client);
  if (connection === undefined) throw new Error("no connection");
  const told: unknown[] = [];
  Object.assign(knobsOf(connection), knobs(told));
  return Object.assign(w, { client, server, connection, told });
}

describe("options", () => {
  test("go to the connection's setter, in its units", () => {
    const w = ends(told => ({
      setWindowClamp: bytes => told.push(["clamp", bytes]),
    }));
    for (const [name, value] of [[O.TCP_WINDOW_CLAMP, 5_000]] as const)
      expect(w.a.setOption(w.client, C.SOL_TCP, name, value)).toBe(0);
    expect(w.told).toEqual([["clamp", 5_000]]);
  });
});

test("MSG_MORE waits for the next call, TCP_CORK until it is taken off", () => {
  const w = ends(() => ({}));
  const arrives = (): unknown => {
    w.pass(0.05);
    return w.b.recv(w.server, 999);
  };
  w.a.send(w.client, 10, C.MSG_MORE);
  expect(arrives()).toBe("EAGAIN");
  w.a.send(w.client, 10);
  expect(arrives()).toBe(20);
  w.a.setOption(w.client, C.SOL_TCP, O.TCP_CORK, 1);
  w.a.send(w.client, 10);
  expect(arrives()).toBe("EAGAIN");
  w.a.setOption(w.client, C.SOL_TCP, O.TCP_CORK, 0);
  expect(arrives()).toBe(10);
});

test("text that comes after SHUT_RDWR is refused: ECONNRESET (RFC 9293 §3.6.1, SHLD-3)", () => {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  w.a.sys.shutdown(client, C.SHUT_RDWR);
  w.pass();
  expect(w.b.send(server, 10)).toBe(10);
  w.pass();
  expect(w.a.recv(client)).toBe("ECONNRESET");
  expect(w.b.send(server, 10)).toBe("EPIPE");
});

describe("SO_TIMESTAMPING of what is sent", () => {
  const flags =
    C.SOF_TIMESTAMPING_TX_SCHED |
    C.SOF_TIMESTAMPING_TX_SOFTWARE |
    C.SOF_TIMESTAMPING_TX_ACK |
    C.SOF_TIMESTAMPING_SOFTWARE |
    C.SOF_TIMESTAMPING_OPT_ID;

  type Tell = Parameters<TcpKnobs["requestStamp"]>[1];

  function stamped(options = flags) {
    const asked: Array<{ end: number; told: Tell }> = [];
    const w = ends(() => ({ requestStamp: (end, told) => asked.push({ end, told }) }));
    expect(w.a.setOption(w.client, C.SOL_SOCKET, O.SO_TIMESTAMPING, options)).toBe(0);
    /** Kind, number, length and flags of the next entry of the error queue. */
    const next = (): readonly unknown[] => {
      const header: MessageHeader = { vectors: [{ bytes: null, length: 0 }], control: new Uint8Array(200) };
      const got = show(w.a.sys.recvmsg(w.client, header, C.MSG_ERRQUEUE));
      if (typeof got === "string") return [got];
      const messages = readControl(header.control?.subarray(0, header.controlLength) as Uint8Array) ?? [];
      const [time, error] = messages.map(({ data }) => new DataView(data.buffer, data.byteOffset));
      if (time === undefined || error === undefined) return ["no time"];
      const at = Number(time.getBigInt64(0, true)) + Number(time.getBigInt64(8, true)) / 1e9;
      return [
        messages.map(({ type }) => type),
        header.flags,
        error.getUint32(0, true),
        error.getUint8(4),
        error.getUint32(8, true),
        error.getUint32(12, true),
        Math.round(at * 1_000) / 1_000,
      ];
    };
    return Object.assign(w, { asked, next });
  }

  const about = [
    [O.SCM_TIMESTAMPING, O.IP_RECVERR],
    C.MSG_ERRQUEUE | C.MSG_TRUNC,
    42,
    C.SO_EE_ORIGIN_TIMESTAMPING,
  ];

  test("the last byte of each write is stamped: scheduled, sent and acknowledged", () => {
    const w = stamped();
    w.a.send(w.client, 11_000);
    const [first] = w.asked;
    expect(seqDiff(first?.end as Seq, w.connection.sendBuffer.end)).toBe(0);
    const at = Math.round(w.time * 1_000) / 1_000;
    first?.told("scheduled");
    first?.told("sent");
    w.pass(0.01);
    first?.told("acknowledged");
    expect(w.a.mask(w.client)).toBe("OUT ERR");
    expect(w.next()).toEqual([...about, C.SCM_TSTAMP_SCHED, 10_999, at]);
    expect(w.next()).toEqual([...about, C.SCM_TSTAMP_SND, 10_999, at]);
    expect(w.next()).toEqual([...about, C.SCM_TSTAMP_ACK, 10_999, Math.round((at + 0.01) * 1_000) / 1_000]);
    expect(w.next()).toEqual(["EAGAIN"]);
    w.a.send(w.client, 5);
    w.asked[1]?.told("sent");
    expect(w.next()[5]).toBe(11_004);
  });

  test("only the kinds that were asked for are told; OPT_TSONLY leaves the payload out", () => {
    const w = stamped(
      C.SOF_TIMESTAMPING_TX_ACK | C.SOF_TIMESTAMPING_SOFTWARE | C.SOF_TIMESTAMPING_OPT_TSONLY,
    );
    w.a.send(w.client, 100);
    w.asked[0]?.told("sent");
    w.asked[0]?.told("acknowledged");
    expect(w.next().slice(0, 6)).toEqual([
      [O.SCM_TIMESTAMPING, O.IP_RECVERR],
      C.MSG_ERRQUEUE,
      42,
      C.SO_EE_ORIGIN_TIMESTAMPING,
      C.SCM_TSTAMP_ACK,
      0,
    ]);
    expect(w.next()).toEqual(["EAGAIN"]);
  });
});
