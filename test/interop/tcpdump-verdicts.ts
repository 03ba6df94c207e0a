/** Which packets filters choose, as tcpdump says, as its compiled program does, and as ours do. */
import { spawnSync } from "node:child_process";
import { concatBytes } from "../../src/base/bytes.ts";
import { compileFilter } from "../../src/capture/bpf/compile.ts";
import { BpfMachine } from "../../src/capture/bpf/machine.ts";
import { PcapWriter } from "../../src/capture/pcap.ts";
import { withFile } from "../support/capture-tools.ts";

/** The numbers of the packets that match; "refused": this is no filter, or none for the link. */
export type Verdict = readonly number[] | "refused";

export interface FilterVerdict {
  readonly text: string;
  readonly verdict: Verdict;
}

export function ourVerdict(text: string, linkType: number, packets: readonly Uint8Array[]): Verdict {
  const compiled = compileFilter(text, linkType);
  if (!compiled.ok) return "refused";
  return packets.flatMap((packet, index) => (compiled.filter.matches(packet) ? [index] : []));
}

/** What `tcpdump -r` prints of a capture of these packets. */
export function tcpdumpVerdicts(
  linkType: number,
  packets: readonly Uint8Array[],
  filters: readonly string[],
): readonly FilterVerdict[] {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType });
  // A packet's time is its number.
  for (const [index, packet] of packets.entries()) writer.packet(index * 1_000_000, packet, 0, packet.length);
  return withFile(concatBytes(chunks), "packets.pcap", path =>
    filters.map(text => ({ text, verdict: tcpdumpVerdict(path, text) })),
  );
}

function tcpdumpVerdict(path: string, filter: string): Verdict {
  const args = ["-n", "-tt", "-r", path, ...(filter === "" ? [] : ["--", filter])];
  const run = spawnSync("tcpdump", args, { encoding: "utf8" });
  if (run.stderr.includes("expression rejects all packets")) return [];
  if (run.status !== 0) return "refused";
  return run.stdout.split("\n").flatMap(line => /^\d+\.\d{6}/.exec(line)?.map(Number.parseFloat) ?? []);
}

/** The program that tcpdump itself compiles, in our machine. */
export function programVerdict(text: string, linkType: string, packets: readonly Uint8Array[]): Verdict {
  const run = spawnSync("tcpdump", ["-y", linkType, "-ddd", "--", text], { encoding: "utf8" });
  if (run.stderr.includes("expression rejects all packets")) return [];
  if (run.status !== 0) return "refused";
  const program = run.stdout
    .trim()
    .split("\n")
    .slice(1)
    .map(line => {
      const [code = 0, jt = 0, jf = 0, k = 0] = line.split(" ").map(Number);
      return { code, jt, jf, k };
    });
  const machine = BpfMachine.load(program);
  if (typeof machine === "string") throw new Error(`${text}: ${machine}`);
  return packets.flatMap((packet, index) => (machine.run(packet) === 0 ? [] : [index]));
}
