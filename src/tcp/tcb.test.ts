import { describe, expect, test } from "vitest";
import { seq } from "../base/seq.ts";
import { NEVER } from "../base/time.ts";
import { Tcb } from "./tcb.ts";
import { ConnectionTimers } from "./timers.ts";

describe("Tcb: RFC 9293 §3.3.1", () => {
  test("RCV.WND is what is left up to the edge that was told, never negative, across the wrap", () => {
    const tcb = new Tcb();
    tcb.rcv.nxt = seq(-10);
    tcb.rcv.adv = seq(90);
    expect(tcb.receiveWindow).toBe(100);
    tcb.rcv.nxt = seq(91);
    expect(tcb.receiveWindow).toBe(0);
  });

  test("outstanding is SND.NXT − SND.UNA", () => {
    const tcb = new Tcb();
    tcb.snd.una = seq(-10);
    tcb.snd.nxt = seq(5);
    expect(tcb.outstanding).toBe(15);
  });

  test("begins CLOSED, with RFC 9293's default segment size", () => {
    expect(new Tcb()).toMatchObject({ state: "CLOSED", snd: { mss: 536, wscale: 0 }, rcv: { wscale: 0 } });
  });
});

describe("ConnectionTimers", () => {
  const NAMES = [
    "retransmit",
    "tailLossProbe",
    "reordering",
    "persist",
    "delayedAck",
    "compressedAck",
    "keepalive",
    "finWait2",
  ] as const;

  test.each(NAMES)("%s can be the earliest, and is stopped with all the others", name => {
    const timers = new ConnectionTimers();
    expect(timers.earliest).toBe(NEVER);
    for (const other of NAMES) Object.assign(timers, { [other]: 20 });
    Object.assign(timers, { [name]: 10 });
    expect(timers.earliest).toBe(10);
    timers.stopAll();
    expect(timers.earliest).toBe(NEVER);
  });
});
