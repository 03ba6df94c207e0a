/**
 * What our SYNs and the kernel's agree on: options in Linux's order, peers without some of them, MTUs, urgent
 * data.
 */
import { describe, expect } from "vitest";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { WRITE } from "../../src/tcp/write.ts";
import type { IpFamily } from "../../src/wire/address.ts";
import { missingTools } from "../support/capture-tools.ts";
import { type FieldValues, tsharkFields } from "../support/tshark.ts";
import { exchange, OPENERS, open } from "./kernel-connection.ts";
import { type DeviceKind, FAMILIES, type KernelHost, KINDS, POSTEL, withKernelHost } from "./kernel-host.ts";
import { rootTest } from "./root-test.ts";

const missing = missingTools("tshark");

interface Syn {
  readonly fromUs: boolean;
  readonly isSynAck: boolean;
  readonly fields: FieldValues;
}

const SYN_FIELDS = [
  ...[
    "ip.src",
    "ipv6.src",
    "ip.ttl",
    "ipv6.hlim",
    "ip.flags.df",
    "tcp.flags",
    "tcp.flags.ack",
    "tcp.flags.syn",
  ],
  ...["tcp.option_kind", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval"],
  ...["tcp.options.timestamp.tsecr", "tcp.window_size_value", "tcp.urgent_pointer", "tcp.len", "tcp.ack_raw"],
];

/** The SYNs and SYN-ACKs that have crossed the device. Ends the capture. */
function syns(kernelHost: KernelHost): Syn[] {
  return tsharkFields(kernelHost.endCapture(), SYN_FIELDS)
    .filter(fields => fields.get("tcp.flags.syn")?.[0] === "1")
    .map(fields => {
      const source = fields.get("ip.src")?.[0] ?? fields.get("ipv6.src")?.[0];
      const fromUs = source === POSTEL[4] || source === POSTEL[6];
      return { fromUs, isSynAck: fields.get("tcp.flags.ack")?.[0] === "1", fields };
    });
}

/** Opens a connection each way, and answers what each side has sent to open and to answer. */
async function fourSyns(kernelHost: KernelHost, family: IpFamily) {
  for (const opener of OPENERS) {
    await exchange(await open(kernelHost, opener, family, { send: 1_000 }), 1_000);
  }
  const all = syns(kernelHost);
  const only = (fromUs: boolean, isSynAck: boolean): FieldValues => {
    const [syn, ...more] = all.filter(s => s.fromUs === fromUs && s.isSynAck === isSynAck);
    expect(more).toEqual([]);
    return syn?.fields ?? new Map();
  };
  return {
    ours: { syn: only(true, false), synAck: only(true, true) },
    theirs: { syn: only(false, false), synAck: only(false, true) },
  };
}

const kinds = (fields: FieldValues) => fields.get("tcp.option_kind");

describe.skipIf(missing !== undefined)("what opens a connection", () => {
  for (const kind of KINDS) {
    for (const family of FAMILIES) {
      rootTest(`over ${kind}, IPv${family}, our SYN and SYN-ACK have the kernel's options in its order`, () =>
        withKernelHost({ kind }, async kernelHost => {
          const { ours, theirs } = await fourSyns(kernelHost, family);
          // MSS, SACK permitted, timestamps, no operation, window scale.
          for (const fields of [ours.syn, ours.synAck, theirs.syn, theirs.synAck]) {
            expect(kinds(fields)).toEqual(["2", "4", "8", "1", "3"]);
            expect(fields.get("tcp.options.mss_val")).toEqual([family === 4 ? "1460" : "1440"]);
            expect(fields.get(family === 4 ? "ip.ttl" : "ipv6.hlim")).toEqual(["64"]);
            if (family === 4) expect(fields.get("ip.flags.df")).toEqual(["1"]);
            expect(fields.get("tcp.urgent_pointer")).toEqual(["0"]);
            expect(fields.get("tcp.len")).toEqual(["0"]);
            expect(Number(fields.get("tcp.window_size_value"))).toBeGreaterThan(60_000);
          }
          expect(ours.syn.get("tcp.ack_raw")).toEqual(["0"]);
          expect(ours.syn.get("tcp.options.timestamp.tsecr")).toEqual(["0"]);
          const asked = theirs.syn.get("tcp.options.timestamp.tsval");
          expect(ours.synAck.get("tcp.options.timestamp.tsecr")).toEqual(asked);
        }),
      );
    }
  }

  for (const [without, sysctl] of [
    ["timestamps", { "net.ipv4.tcp_timestamps": 0 }],
    ["SACK", { "net.ipv4.tcp_sack": 0 }],
    ["window scaling", { "net.ipv4.tcp_window_scaling": 0 }],
    ["any", { "net.ipv4.tcp_timestamps": 0, "net.ipv4.tcp_sack": 0, "net.ipv4.tcp_window_scaling": 0 }],
  ] as const) {
    rootTest(`without ${without} of the kernel's options, our SYN-ACK has what its SYN-ACK has`, () =>
      withKernelHost({ sysctl }, async kernelHost => {
        const { ours, theirs } = await fourSyns(kernelHost, 4);
        expect(kinds(ours.syn)).toEqual(["2", "4", "8", "1", "3"]);
        expect(kinds(ours.synAck)).toEqual(kinds(theirs.synAck));
      }),
    );

    for (const opener of OPENERS) {
      rootTest(`opened by ${opener}, transfers without ${without} over a bad wire`, () =>
        withKernelHost({ sysctl, impairment: { loss: 0.01, reorder: 0.01 }, seed: 3 }, async kernelHost => {
          const connection = await open(kernelHost, opener, 4, { send: 1_000_000 });
          await exchange(connection, 1_000_000);
          const { timestamps, sack, sendScale } = connection.stream.info();
          expect(timestamps).toBe(!("net.ipv4.tcp_timestamps" in sysctl));
          expect(sack).toBe(!("net.ipv4.tcp_sack" in sysctl));
          expect(sendScale > 0).toBe(!("net.ipv4.tcp_window_scaling" in sysctl));
        }),
      );
    }
  }
});

const MTUS: Array<readonly [number, DeviceKind, IpFamily]> = [
  [576, "tun", 4],
  [296, "tap", 4],
  [1_280, "tap", 6],
  [1_280, "tun", 6],
  [9_000, "tap", 4],
  [65_521, "tun", 6],
];

describe.each(MTUS)("an MTU of %i over %s, IPv%i", (mtu, kind, family) => {
  for (const opener of OPENERS) {
    rootTest(`opened by ${opener}: segments fill it, and no more`, () =>
      withKernelHost({ kind, mtu }, async kernelHost => {
        const connection = await open(kernelHost, opener, family, { send: 1_000_000 });
        await exchange(connection, 1_000_000);
        const { sendMss, receiveMss } = connection.stream.info();
        expect(sendMss).toBe(mtu - (family === 4 ? 20 : 40) - 20 - 12);
        if (mtu < 65_521) expect(receiveMss).toBe(sendMss);
        expect(kernelHost.wire.counters.dropped).toBe(0);
      }),
    );
  }
});

/**
 * Runs a program of the kernel's side that has a connected socket `s` to our listener; answers what it
 * prints.
 */
async function withSocket({ namespace }: KernelHost, port: number, program: string): Promise<string> {
  const script = `import socket, time\ns = socket.create_connection(("${POSTEL[4]}", ${port}))\n${program}`;
  return (await namespace.exec("python3", ["-c", script])).stdout.trim();
}

describe("urgent data (RFC 6093)", () => {
  rootTest("the kernel's MSG_OOB is told, and its byte stays in the stream", () =>
    withKernelHost({}, async kernelHost => {
      const heard: number[] = [];
      let text = "";
      const listener = kernelHost.host.tcp.listen({ port: 80 });
      const take = (connection: TcpConnection): void => {
        const bytes = new Uint8Array(100);
        text += Buffer.from(bytes.subarray(0, connection.receive(bytes))).toString();
        if (connection.isAtEnd) connection.close();
      };
      listener.observer = {
        acceptable: () =>
          listener.accept()?.observe({
            connectionEvent: (connection, events) => {
              heard.push(events);
              take(connection);
            },
          }),
      };
      const program =
        's.send(b"before "); s.send(b"!", socket.MSG_OOB); s.send(b" after"); s.shutdown(1); s.recv(1)';
      await withSocket(kernelHost, 80, program);
      expect(text).toBe("before ! after");
      expect(heard.some(events => (events & CONNECTION_EVENT.urgent) !== 0)).toBe(true);
    }),
  );

  rootTest("our urgent byte is the kernel's MSG_OOB", () =>
    withKernelHost({}, async kernelHost => {
      const listener = kernelHost.host.tcp.listen({ port: 80 });
      listener.observer = {
        acceptable: () => {
          const connection = listener.accept();
          connection?.send(Buffer.from("before "));
          connection?.send(Buffer.from("!"), 0, 1, WRITE.urgent);
          connection?.send(Buffer.from(" after"));
          connection?.close();
        },
      };
      const program =
        "time.sleep(0.3); print(s.recv(1, socket.MSG_OOB).decode())\n" +
        "text = b''\nwhile block := s.recv(100): text += block\nprint(text.decode())";
      expect(await withSocket(kernelHost, 80, program)).toBe("!\nbefore  after");
    }),
  );
});
