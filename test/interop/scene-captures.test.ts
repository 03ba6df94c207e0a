/**
 * What the hosts of every guided scene send and receive, as a pcapng: tshark opens it without a complaint, and
 * finds in it what the scene is about.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { linkTypeOf } from "../../src/capture/link-type.ts";
import { PcapngWriter } from "../../src/capture/pcapng-writer.ts";
import type { NetInterface } from "../../src/net/interface.ts";
import { Performance, SCENES, type Scene } from "../../src/scenes/scenes.ts";
import { missingTools, output } from "../support/capture-tools.ts";
import { captureComplaints } from "./capture-complaints.ts";

const skipped = missingTools("tshark");
const directory = mkdtempSync(join(tmpdir(), "postel-scenes-"));

afterAll(() => rmSync(directory, { recursive: true }));

/** Plays the scene; every interface of every host is one of the file's. */
function captureOf(scene: Scene): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter(chunk => chunks.push(chunk));
  const performance = new Performance(scene);
  for (const host of performance.hosts) {
    const interfaces = new Map<NetInterface, number>();
    const indexOf = (iface: NetInterface): number => {
      const known = interfaces.get(iface);
      if (known !== undefined) return known;
      const index = writer.addInterface({ linkType: linkTypeOf(iface.device.medium), name: iface.name });
      interfaces.set(iface, index);
      return index;
    };
    host.observe({
      frames: {
        frame: (iface, direction, { bytes, start, end }) =>
          writer.packet(indexOf(iface), performance.world.now(), bytes, start, end, { direction }),
      },
    });
  }
  performance.run();
  writer.end();
  return concatBytes(chunks);
}

/** A filter of tshark's that finds the matter of the scene. */
const MATTER: Readonly<Record<string, string>> = {
  "three-way-handshake": "tcp.flags.syn==1 && tcp.flags.ack==1",
  "lost-third-ack": "tcp.flags.reset==1",
  "four-segment-close": "tcp.flags.fin==1",
  simultaneous: "tcp.flags.syn==1 && tcp.flags.ack==1",
  "retransmission-timeout": "tcp.analysis.retransmission",
  "fast-retransmit": "tcp.options.sack_le",
  "zero-window": "tcp.analysis.zero_window",
  "congestion-control": "tcp.analysis.fast_retransmission",
  "nagle-delayed-ack": "tcp.len==6",
  "syn-flood": "ip.src==203.0.113.0/24",
  "path-mtu": "icmp.type==3 && icmp.code==4",
  "power-off": "tcp.analysis.keep_alive",
};

describe.skipIf(skipped !== undefined)(`with tshark${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  test.each(SCENES.map(scene => [scene.description.id, scene] as const))("%s", async (id, scene) => {
    const path = join(directory, `${id}.pcapng`);
    writeFileSync(path, captureOf(scene));
    expect(await captureComplaints(path)).toEqual([]);
    const found = output("tshark", ["-n", "-r", path, "-Y", MATTER[id] ?? "!ip"], /^Running as user/);
    expect(found.split("\n").length).toBeGreaterThan(1);
  });
});
