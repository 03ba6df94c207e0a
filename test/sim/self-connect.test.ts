/**
 * A socket that connects to itself: its SYN comes back as the peer's, and a simultaneous open with oneself
 * follows (RFC 9293 §3.5, figure 7). Linux does so too.
 */
import { expect, test } from "vitest";
import { seconds } from "../../src/base/time.ts";
import { addHost } from "../../src/sim/sim-host.ts";
import { World } from "../../src/sim/world.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import { ip } from "../../src/wire/address.ts";

test.each(["127.0.0.1", "::1"])("to %s from the same port: what is sent is received", address => {
  const world = new World({ seed: 1 });
  const host = addHost(world, "a");
  const remote = ip(address);
  const states: string[] = [];
  const connection = host.tcp.connect({ remote, remotePort: 4_000, local: remote, localPort: 4_000 });
  const received: number[] = [];
  connection.observe({
    connectionEvent: (c, events) => {
      states.push(c.state);
      if ((events & CONNECTION_EVENT.connected) !== 0) c.send(new Uint8Array([1, 2, 3]));
      const target = new Uint8Array(10);
      if ((events & CONNECTION_EVENT.readable) !== 0) received.push(...target.subarray(0, c.receive(target)));
    },
  });
  world.runFor(seconds(1));
  expect(states[0]).toBe("ESTABLISHED");
  expect(received).toEqual([1, 2, 3]);
  connection.release();
  world.runFor(seconds(1));
  // Its FIN is the peer's too: CLOSING, then TIME-WAIT.
  expect(connection.state).toBe("TIME-WAIT");
  world.runFor(seconds(61));
  expect([...host.tcp.timeWaits(), ...host.tcp.connections()]).toEqual([]);
});

test("nobody else may take the port meanwhile", () => {
  const world = new World({ seed: 2 });
  const host = addHost(world, "a");
  const remote = ip("127.0.0.1");
  const open = () => host.tcp.connect({ remote, remotePort: 4_000, local: remote, localPort: 4_000 });
  open();
  expect(open).toThrow("EADDRINUSE");
});
