/**
 * Carries plans out on a stack, all at once and step by step, and writes down what each connection showed:
 * what the calls gave, which state it was in, and what it sent.
 */
import { IPV4_HEADER_SIZE } from "../../../src/wire/ipv4.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../../../src/wire/tcp.ts";
import { TcpOptions } from "../../../src/wire/tcp-options.ts";
import type { CallPlan, Plan } from "./plan.ts";
import { RawPeer, type Seen } from "./raw-peer.ts";
import { type Call, peerPort, type Result, type Subject, stackPort } from "./subject.ts";

/** One step of one connection. */
export interface StepTrace {
  readonly what: string;
  result: Result | undefined;
  /** TCP_INFO's, while the user has the socket. */
  state: Result | undefined;
  packets: readonly Seen[];
}

export type Trace = StepTrace[];

interface Connection {
  readonly number: number;
  readonly plan: Plan;
  readonly peer: RawPeer;
  readonly trace: Trace;
}

/** @returns a trace for each plan. */
export async function carryOut(subject: Subject, plans: readonly Plan[]): Promise<Trace[]> {
  const connections = plans.map((plan, number) => connectionOf(plan, number));
  subject.onPacket = packet => distribute(packet, connections);
  await open(subject, connections);
  const longest = Math.max(...plans.map(({ steps }) => steps.length));
  for (let i = 0; i < longest; i++) await step(subject, connections, i);
  return connections.map(({ trace }) => trace);
}

function connectionOf(plan: Plan, number: number): Connection {
  const peer = new RawPeer(peerPort(number), stackPort(number), plan.seed * 7_919, plan.offer);
  return { number, plan, peer, trace: [] };
}

function distribute(packet: Uint8Array, connections: readonly Connection[]): void {
  const header = new TcpHeader();
  if (packet[9] !== 6 || header.read(packet, IPV4_HEADER_SIZE, packet.length) !== undefined) return;
  const connection = connections[header.sourcePort - stackPort(0)];
  if (connection === undefined || header.destinationPort !== connection.peer.port) return;
  const options = new TcpOptions();
  const text = IPV4_HEADER_SIZE + header.dataOffset;
  options.read(packet, IPV4_HEADER_SIZE + TCP_HEADER_SIZE, text);
  connection.peer.arrived(header, options, packet.length - text);
}

async function open(subject: Subject, connections: readonly Connection[]): Promise<void> {
  const isPassive = ({ plan }: Connection): boolean => plan.opening === "passive";
  const calls = connections.map(c => callOn(c, isPassive(c) ? "listen" : "connect"));
  await round(subject, connections, "opens", calls, ({ plan, peer }) =>
    plan.opening === "passive" ? [peer.syn(false)] : [],
  );
  await round(subject, connections, "the peer answers", [], ({ plan, peer }) => {
    if (plan.opening === "passive") return [peer.ack()];
    if (plan.opening === "refused") return [peer.refusal()];
    return [peer.syn(plan.opening === "active")];
  });
  const accepts = connections.filter(isPassive).map(c => callOn(c, "accept"));
  await round(subject, connections, "is open", accepts, ({ plan, peer }) =>
    plan.opening === "simultaneous" ? [peer.ack()] : [],
  );
}

async function step(subject: Subject, all: readonly Connection[], index: number): Promise<void> {
  const connections = all.filter(({ plan }) => index < plan.steps.length);
  const calls = connections.flatMap(c => {
    const planned = c.plan.steps[index];
    return planned?.who === "user" ? [callOn(c, planned.call, planned)] : [];
  });
  await round(
    subject,
    connections,
    ({ plan }) => JSON.stringify(plan.steps[index]),
    calls,
    ({ plan, peer }) => {
      const packets = peer.owesAck ? [peer.ack()] : [];
      const planned = plan.steps[index];
      if (planned?.who === "peer") packets.push(peer.segment(planned));
      return packets;
    },
  );
}

/** Packets in, calls, time for the answers; then the states. */
async function round(
  subject: Subject,
  connections: readonly Connection[],
  what: string | ((connection: Connection) => string),
  calls: readonly Call[],
  packetsOf: (connection: Connection) => Uint8Array[],
): Promise<void> {
  const isListenFirst = calls[0]?.call === "listen" || calls[0]?.call === "connect";
  const before = isListenFirst ? await subject.call(calls) : [];
  for (const connection of connections) for (const packet of packetsOf(connection)) subject.inject(packet);
  if (!isListenFirst) await subject.settle();
  const results = isListenFirst ? before : await subject.call(calls);
  await subject.settle();
  const states = await subject.call(connections.map(c => callOn(c, "state")));
  connections.forEach((connection, i) => {
    const at = calls.findIndex(call => call.connection === connection.number);
    connection.trace.push({
      what: typeof what === "string" ? what : what(connection),
      result: at < 0 ? undefined : results[at],
      state: states[i],
      packets: connection.peer.seen,
    });
    connection.peer.seen = [];
  });
}

function callOn({ number }: Connection, call: Call["call"], planned?: CallPlan): Call {
  return { connection: number, call, value: planned?.value ?? 0 };
}
