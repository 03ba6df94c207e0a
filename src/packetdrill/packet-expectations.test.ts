import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { Connections } from "./connections.ts";
import { buildTcp } from "./packet-builder.ts";
import { PacketExpectations } from "./packet-expectations.ts";
import { parseScript } from "./parser.ts";
import type { TcpSpec } from "./script.ts";
import { settingsFor } from "./settings.ts";
import { Stage } from "./stage.ts";
import { Transcript } from "./transcript.ts";

const PLACE = { line: 1, column: 1 };

function fixture(): {
  stage: Stage;
  expectations: PacketExpectations;
  send(change?: (bytes: Uint8Array) => void): void;
} {
  const script = parseScript("t", "0 `true`\n+0 > R 1:1(0) win 0");
  const settings = settingsFor(script, "ipv4");
  const stage = new Stage(settings, {}, 1);
  const connections = new Connections(settings);
  const expectations = new PacketExpectations(stage, settings, connections, new Transcript());
  const ends = {
    source: settings.localAddress,
    sourcePort: 8_080,
    destination: settings.remoteAddress,
    destinationPort: 40_001,
  };
  const action = script.events[1]?.action;
  if (action?.kind !== "packet") throw new Error("the second event is a packet");
  const send = (change: (bytes: Uint8Array) => void = () => undefined): void => {
    const bytes = buildTcp(action.body as TcpSpec, ends, action.ip);
    change(bytes);
    stage.device.transmit(PacketBuffer.from(bytes));
  };
  return { stage, expectations, send };
}

test("a packet with a wrong checksum fails the script, whether it is expected or not", () => {
  const { expectations, send } = fixture();
  send();
  expect(() => expectations.checkFaults(PLACE)).not.toThrow();
  send(bytes => {
    bytes[36] = (bytes[36] as number) ^ 1;
  });
  expect(() => expectations.checkFaults(PLACE)).toThrow(/TCP checksum is wrong/);
});

test("so does a wrong checksum of IP", () => {
  const { expectations, send } = fixture();
  send(bytes => {
    bytes[10] = (bytes[10] as number) ^ 1;
  });
  expect(() => expectations.checkFaults(PLACE)).toThrow(/IPv4 checksum is wrong/);
});
