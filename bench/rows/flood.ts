/**
 * A listener under a SYN flood: 200,000 a second from random addresses, by a program of our own in a
 * namespace without a way out, while one client of the kernel's fetches a thousand small pages. Every page
 * has to arrive, and memory to stay where it is. A SYN that the device's queue has no room for is lost to
 * everybody alike: an honest one is sent again a second later, which is the slowest page.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Program } from "../network/program.ts";
import { startSubject } from "../network/turn.ts";
import { LOAD_HOST, SUBJECT_HOST, Wiring } from "../network/wiring.ts";
import { buildFlood, PAGES } from "../peers/peers.ts";
import type { Conditions, Contestant, Measurement, Row } from "../row.ts";
import { KERNEL_VETH, POSTEL_TUN, type Server } from "./subjects.ts";

const SYNS_PER_SECOND = 200_000;
const PAGES_WANTED = 1_000;
const AT_ONCE = "8";
const PORT = 5004;
/** Frames: 50 ms of the flood, which is more than a collection of garbage takes. */
const QUEUE_LENGTH = "10000";
/** The network of the strangers: RFC 2544's. */
const STRANGERS = "198.18.0.0/15";
/** Before memory is looked at: the flood has met every queue, and code is compiled. */
const SETTLED_MS = 3_000;
/** A turn is given so long. */
const PATIENCE_MS = 60_000;

export function floodRows(): Row[] {
  return [
    {
      name: "syn-flood",
      section: "A listener under a SYN flood",
      title: "200,000 SYNs a second, and a client that fetches 1,000 pages",
      quantities: [
        { name: "pages", unit: "of 1,000", better: "more" },
        { name: "half", unit: "ms, median page", better: "less" },
        { name: "slowest", unit: "ms, slowest page", better: "less" },
        { name: "flood", unit: "SYNs/s", better: "more" },
        { name: "growth", unit: "MB", better: "less" },
      ],
      contestants: [underFlood(POSTEL_TUN), underFlood(KERNEL_VETH)],
      targets: [
        { quantity: "pages", of: POSTEL_TUN.name, bound: { atLeast: PAGES_WANTED } },
        { quantity: "growth", of: POSTEL_TUN.name, bound: { atMost: 16 } },
      ],
      needsRoot: true,
      maxRounds: 3,
    },
  ];
}

function underFlood(server: Server): Contestant {
  let flood: readonly string[] = [];
  let command: readonly string[] = [];
  return {
    name: server.name,
    async prepare() {
      const [flooder, program] = await Promise.all([buildFlood(), server.program()]);
      if (typeof flooder === "string") return flooder;
      if (typeof program === "string") return program;
      flood = flooder;
      command = program;
      return undefined;
    },
    async measure({ signal }: Conditions): Promise<Measurement> {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      const wiring = new Wiring(server.wire);
      try {
        return await attack(wiring, command, flood, patience);
      } finally {
        wiring.close();
      }
    },
  };
}

async function attack(
  wiring: Wiring,
  command: readonly string[],
  flood: readonly string[],
  signal: AbortSignal,
): Promise<Measurement> {
  // Answers to strangers have a way to go, and end at the load's kernel, which does not forward.
  const isOurs = wiring.wire === "tun";
  if (!isOurs) wiring.subject.ip("route", "add", STRANGERS, "via", LOAD_HOST);
  const whole = isOurs ? [...command, "--gateway", LOAD_HOST] : command;
  const server = await startSubject(wiring, { wire: wiring.wire, command: whole }, undefined, signal);
  wiring.load.ip("link", "set", "pb0", "txqueuelen", QUEUE_LENGTH);
  try {
    await fetchPages(wiring, 10, signal);
    const aim = ["--device", "pb0", "--to", SUBJECT_HOST, "--port", String(PORT)];
    const pace = ["--rate", String(SYNS_PER_SECOND), "--seconds", String(PATIENCE_MS / 1_000)];
    const flooder = new Program(wiring.load, [...flood, ...aim, ...pace], { signal });
    const sent = onlyLine(flooder);
    await sleep(SETTLED_MS, undefined, { signal });
    const before = server.residentBytes();
    const pages = await fetchPages(wiring, PAGES_WANTED, signal);
    const growth = (server.residentBytes() - before) / 1e6;
    await flooder.close();
    const { sent: syns = 0, seconds = Number.NaN } = await sent;
    const { arrived: arrivedPages = 0, half = Number.NaN, slowest = Number.NaN } = pages;
    const figures = { pages: arrivedPages, half, slowest, flood: syns / seconds };
    // What the kernel keeps is not in its process.
    return isOurs ? { ...figures, growth } : figures;
  } finally {
    await server.close();
  }
}

async function fetchPages(wiring: Wiring, count: number, signal: AbortSignal): Promise<Line> {
  const command = [...PAGES, "--to", SUBJECT_HOST, "--pages", String(count), "--at-once", AT_ONCE];
  return await onlyLine(new Program(wiring.load, command, { signal }));
}

/** What the flood and its client print in the end. */
type Line = Readonly<Partial<Record<"sent" | "seconds" | "arrived" | "half" | "slowest", number>>>;

async function onlyLine(program: Program): Promise<Line> {
  let said: Line = {};
  for await (const line of program.lines()) said = JSON.parse(line) as Line;
  return said;
}
