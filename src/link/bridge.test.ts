import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { BROADCAST_MAC, type MacAddress, writeMac } from "../wire/mac-address.ts";
import { Bridge } from "./bridge.ts";
import type { NetDevice } from "./net-device.ts";
import { createPair } from "./pair.ts";
import { VirtualTime } from "./virtual-time.ts";

const [A, B, C] = [0x020000000001, 0x020000000002, 0x020000000003] as MacAddress[] as [
  MacAddress,
  MacAddress,
  MacAddress,
];

/** A bridge with three stations; `heard` lists who heard something since the last look. */
function lan() {
  const time = new VirtualTime();
  const dropped: string[] = [];
  const bridge = new Bridge(time, { dropped: reason => dropped.push(reason) });
  let hearers: string[] = [];
  const ports: NetDevice[] = [];
  const stations = ["a", "b", "c"].map(name => {
    const [station, port] = createPair(time, { names: [name, `port-${name}`], queueLimit: 2 });
    station.attach({ receive: () => hearers.push(name), writable() {} });
    bridge.add(port);
    ports.push(port);
    return station;
  }) as [NetDevice, NetDevice, NetDevice];
  const send = (from: NetDevice, source: MacAddress, destination: MacAddress): void => {
    const bytes = new Uint8Array(60);
    writeMac(bytes, 0, destination);
    writeMac(bytes, 6, source);
    from.transmit(PacketBuffer.from(bytes));
  };
  const heard = (): string => {
    time.runFor(milliseconds(1));
    const list = hearers.toSorted().join("");
    hearers = [];
    return list;
  };
  return { time, bridge, stations, ports, send, heard, dropped };
}

describe("Bridge", () => {
  test("floods what it does not know, to all ports but the one it came from (802.1D §7.7)", () => {
    const { stations, send, heard } = lan();
    send(stations[0], A, B);
    expect(heard()).toBe("bc");
  });

  test("learns from source addresses and forwards to that port only (802.1D §7.8)", () => {
    const { stations, send, heard } = lan();
    send(stations[1], B, A);
    heard();
    send(stations[0], A, B);
    expect(heard()).toBe("b");
    send(stations[1], B, A);
    expect(heard()).toBe("a");
  });

  test("follows a station that moved", () => {
    const { stations, ports, bridge, send, heard } = lan();
    send(stations[1], B, A);
    heard();
    send(stations[2], B, A);
    heard();
    expect(bridge.portOf(B)).toBe(ports[2]);
    send(stations[0], A, B);
    expect(heard()).toBe("c");
  });

  test("floods group addresses, and never learns one", () => {
    const { stations, bridge, send, heard } = lan();
    send(stations[0], BROADCAST_MAC, C);
    expect(heard()).toBe("bc");
    expect(bridge.portOf(BROADCAST_MAC)).toBe(undefined);
    send(stations[1], B, BROADCAST_MAC);
    expect(heard()).toBe("ac");
    send(stations[1], B, 0x01005e000001 as MacAddress);
    expect(heard()).toBe("ac");
  });

  test("does not send a frame back out of the port it came from", () => {
    const { stations, send, heard } = lan();
    send(stations[0], A, C);
    send(stations[0], B, C);
    heard();
    send(stations[0], A, B);
    expect(heard()).toBe("");
  });

  test("forgets a station 300 s after its last frame (802.1D §7.9.2)", () => {
    const { time, stations, send, heard } = lan();
    send(stations[1], B, A);
    heard();
    time.runFor(seconds(299));
    send(stations[0], A, B);
    expect(heard()).toBe("b");
    time.runFor(seconds(2));
    send(stations[0], A, B);
    expect(heard()).toBe("bc");
  });

  test("a frame renews what is known", () => {
    const { time, stations, send, heard } = lan();
    send(stations[1], B, A);
    time.runFor(seconds(200));
    send(stations[1], B, A);
    time.runFor(seconds(200));
    heard();
    send(stations[0], A, B);
    expect(heard()).toBe("b");
  });

  test("keeps reserved addresses to itself (802.1D §7.12.6)", () => {
    const { stations, send, heard } = lan();
    send(stations[0], A, 0x0180c2000000 as MacAddress);
    send(stations[0], A, 0x0180c200000f as MacAddress);
    expect(heard()).toBe("");
    send(stations[0], A, 0x0180c2000010 as MacAddress);
    expect(heard()).toBe("bc");
  });

  test("a port that was removed hears nothing, is not heard, and its stations are forgotten", () => {
    const { bridge, stations, ports, send, heard } = lan();
    send(stations[1], B, A);
    heard();
    bridge.remove(ports[1] as NetDevice);
    expect(bridge.portOf(B)).toBe(undefined);
    send(stations[0], A, B);
    expect(heard()).toBe("c");
    send(stations[1], B, A);
    expect(heard()).toBe("");
  });

  test("counts what is too short, and what finds a port full", () => {
    const { stations, send, heard, dropped, bridge } = lan();
    stations[0].transmit(PacketBuffer.from(new Uint8Array(13)));
    expect(heard()).toBe("");
    expect(dropped).toEqual(["frame-truncated"]);
    send(stations[2], C, A);
    heard();
    for (const station of [stations[0], stations[1]]) for (let i = 0; i < 2; i++) send(station, A, C);
    expect(heard()).toBe("cc");
    expect(dropped).toEqual(["frame-truncated", "queue-full", "queue-full"]);
    expect(bridge.portOf(C)?.name).toBe("port-c");
  });

  test("does not remember more stations than its table holds", () => {
    const { time, bridge, stations, send } = lan();
    for (let i = 0; i < 5_000; i++) {
      send(stations[0], (0x020000010000 + i) as MacAddress, A);
      if (i % 2 === 1) time.runFor(milliseconds(1));
    }
    expect(bridge.portOf(0x020000010000 as MacAddress)?.name).toBe("port-a");
    expect(bridge.portOf((0x020000010000 + 4_999) as MacAddress)).toBe(undefined);
    time.runFor(seconds(301));
    send(stations[0], A, B);
    time.runFor(milliseconds(1));
    expect(bridge.portOf(A)?.name).toBe("port-a");
  });
});
