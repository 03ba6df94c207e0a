/** SO_TIMESTAMPING of what a TCP socket sends, as on Linux. */
import { describe, expect, test } from "vitest";
import { C, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";
import { readControl } from "./control-messages.ts";
import type { MessageHeader } from "./message-header.ts";

const FLAGS =
  C.SOF_TIMESTAMPING_TX_SCHED |
  C.SOF_TIMESTAMPING_TX_SOFTWARE |
  C.SOF_TIMESTAMPING_TX_ACK |
  C.SOF_TIMESTAMPING_SOFTWARE |
  C.SOF_TIMESTAMPING_OPT_ID;

function stamped(options = FLAGS) {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  expect(w.a.setOption(client, C.SOL_SOCKET, O.SO_TIMESTAMPING, options)).toBe(0);
  /** Kind, number, length and flags of the next entry of the error queue. */
  const next = (): readonly unknown[] => {
    const header: MessageHeader = { vectors: [{ bytes: null, length: 0 }], control: new Uint8Array(200) };
    const got = show(w.a.sys.recvmsg(client, header, C.MSG_ERRQUEUE));
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
  /** The kinds and numbers of all that is told. */
  const all = (): Array<readonly [unknown, unknown]> => {
    const entries: Array<readonly [unknown, unknown]> = [];
    for (let entry = next(); entry[0] !== "EAGAIN"; entry = next()) entries.push([entry[4], entry[5]]);
    return entries;
  };
  return Object.assign(w, { client, server, next, all });
}

const ABOUT = [
  [O.SCM_TIMESTAMPING, O.IP_RECVERR],
  C.MSG_ERRQUEUE | C.MSG_TRUNC,
  42,
  C.SO_EE_ORIGIN_TIMESTAMPING,
];

test("the last byte of each write is stamped: scheduled, sent and acknowledged", () => {
  const w = stamped();
  w.a.send(w.client, 11_000);
  const at = Math.round(w.time * 1_000) / 1_000;
  w.pass(0.1);
  expect(w.a.mask(w.client)).toBe("OUT ERR");
  const scheduled = w.next();
  expect(scheduled).toEqual([...ABOUT, C.SCM_TSTAMP_SCHED, 10_999, at]);
  expect(w.next()).toEqual([...ABOUT, C.SCM_TSTAMP_SND, 10_999, at]);
  const acknowledged = w.next();
  expect(acknowledged.slice(0, 6)).toEqual([...ABOUT, C.SCM_TSTAMP_ACK, 10_999]);
  expect(acknowledged[6]).toBeGreaterThan(at);
  expect(w.next()).toEqual(["EAGAIN"]);
  w.a.send(w.client, 5);
  w.pass(0.1);
  expect(w.next()[5]).toBe(11_004);
});

test("only the kinds that were asked for are told; OPT_TSONLY leaves the payload out", () => {
  const w = stamped(C.SOF_TIMESTAMPING_TX_ACK | C.SOF_TIMESTAMPING_SOFTWARE | C.SOF_TIMESTAMPING_OPT_TSONLY);
  w.a.send(w.client, 100);
  w.pass(0.1);
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

describe("writes that wait together", () => {
  test("are one: the last is stamped for all", () => {
    const w = stamped();
    w.a.send(w.client, 10, C.MSG_MORE);
    w.a.send(w.client, 20, C.MSG_MORE);
    w.a.send(w.client, 30);
    w.pass(0.1);
    expect(w.all()).toEqual([
      [C.SCM_TSTAMP_SCHED, 59],
      [C.SCM_TSTAMP_SND, 59],
      [C.SCM_TSTAMP_ACK, 59],
    ]);
  });

  test("but not across the end of a record (MSG_EOR)", () => {
    const w = stamped(C.SOF_TIMESTAMPING_TX_ACK | C.SOF_TIMESTAMPING_SOFTWARE | C.SOF_TIMESTAMPING_OPT_ID);
    w.a.send(w.client, 10, C.MSG_MORE | C.MSG_EOR);
    w.a.send(w.client, 20);
    w.pass(0.1);
    expect(w.all()).toEqual([
      [C.SCM_TSTAMP_ACK, 9],
      [C.SCM_TSTAMP_ACK, 29],
    ]);
  });
});

test("who waits for errors is woken", async () => {
  const w = stamped();
  const poll = w.a.sys.poll([{ fd: w.client, events: 0, revents: 0 }], -1);
  w.a.send(w.client, 10);
  expect(await w.until(poll)).toBe(1);
});
