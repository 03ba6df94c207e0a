import { describe, expect, test } from "vitest";
import { ip } from "../../wire/address.ts";
import { PEER_V4, PEER_V6 } from "../network-plan.ts";
import { MachineLoopback } from "./machine-loopback.ts";
import { PublishedPorts } from "./published-ports.ts";

const V4 = ip("127.0.0.1");
const V6 = ip("::1");

function setUp() {
  const calls: string[] = [];
  const publish = (protocol: string, port: number) => {
    calls.push(`open ${protocol} ${port}`);
    return Promise.resolve({
      host: "127.0.0.1",
      port,
      close: () => void calls.push(`close ${protocol} ${port}`),
      unref: () => undefined,
    });
  };
  const told: string[] = [];
  const loopback = new MachineLoopback(new PublishedPorts(publish, "all", line => told.push(line)));
  return { loopback, calls, told };
}

describe("a program's loopback on the user link", () => {
  test("a port that nobody of the program listens to is the machine's", () => {
    const { loopback } = setUp();
    expect(loopback.destinationOf("tcp", V4, 5_432)).toBe(PEER_V4);
    expect(loopback.destinationOf("tcp", ip("127.9.9.9"), 5_432)).toBe(PEER_V4);
    expect(loopback.destinationOf("tcp", V6, 5_432)).toBe(PEER_V6);
    const far = ip("192.0.2.1");
    expect(loopback.destinationOf("tcp", far, 5_432)).toBe(far);
  });

  test("its own are its own, until the last listener closes", () => {
    const { loopback } = setUp();
    loopback.opened("tcp", 80);
    loopback.opened("tcp", 80);
    loopback.closed("tcp", 80);
    expect(loopback.destinationOf("tcp", V4, 80)).toBe(V4);
    // UDP has ports of its own.
    expect(loopback.destinationOf("udp", V4, 80)).toBe(PEER_V4);
    loopback.closed("tcp", 80);
    expect(loopback.destinationOf("tcp", V4, 80)).toBe(PEER_V4);
  });

  test("who listens on the loopback alone is reached all the same", () => {
    const { loopback } = setUp();
    expect([loopback.opensUp(V4), loopback.opensUp(V6), loopback.opensUp(ip("10.0.0.1"))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("ports are published while they are open", async () => {
    const { loopback, calls } = setUp();
    loopback.opened("tcp", 80);
    loopback.opened("udp", 53);
    loopback.closed("udp", 53);
    loopback.closed("tcp", 80);
    await new Promise(resolve => setImmediate(resolve));
    expect(calls.slice(0, 2)).toEqual(["open tcp 80", "open udp 53"]);
    expect(calls.slice(2).sort()).toEqual(["close tcp 80", "close udp 53"]);
  });

  test("a port that is opened again at once is published again, after it was let go", async () => {
    const { loopback, calls } = setUp();
    loopback.opened("tcp", 80);
    loopback.closed("tcp", 80);
    loopback.opened("tcp", 80);
    await new Promise(resolve => setImmediate(resolve));
    expect(calls).toEqual(["open tcp 80", "close tcp 80", "open tcp 80"]);
  });

  test("a port that is taken already is told, and the program goes on", async () => {
    const told: string[] = [];
    const failing = () =>
      Promise.reject(Object.assign(new Error("x"), { code: "EADDRINUSE", message: "Taken" }));
    const ports = new PublishedPorts(failing, "all", line => told.push(line));
    ports.opened("tcp", 80);
    await new Promise(resolve => setImmediate(resolve));
    ports.closed("tcp", 80);
    expect(told).toEqual(["Taken."]);
  });
});
