/** What tshark finds wrong in a capture: malformed packets, and checksums that do not match. */
import { spawn } from "node:child_process";
import { missingTools } from "../support/capture-tools.ts";

/** The payload is pseudo-random: what it may look like is nobody's business. */
const PAYLOAD = ["tcp", "udp"].flatMap(protocol => ["-d", `${protocol}.port==1-65535,data`]);
const PREFERENCES = ["ip", "tcp", "udp"].flatMap(protocol => ["-o", `${protocol}.check_checksum:TRUE`]);

/**
 * The kernel sends 0xffff for a sum of zero in TCP too: the same number, in ones' complement (RFC 1624 §3).
 */
const OTHER_ZERO = "tcp.checksum.ffff";
/**
 * tshark takes the sum of what an ICMP error quotes of a segment, though it is only the segment's beginning.
 */
const QUOTED = "icmp || icmpv6";
/** 0: bad. */
const WRONG = [
  "_ws.malformed",
  ...["ip", "icmp", "icmpv6"].map(protocol => `${protocol}.checksum.status == 0`),
  `(tcp.checksum.status == 0 && !(${QUOTED}) && !${OTHER_ZERO})`,
  `(udp.checksum.status == 0 && !(${QUOTED}))`,
  `(_ws.expert.severity == error && !(${QUOTED}) && !${OTHER_ZERO})`,
].join(" || ");

const missing = missingTools("tshark");

/** A line for each frame that tshark complains of. Without tshark nobody does; on CI it is there. */
export function captureComplaints(path: string): Promise<string[]> {
  if (missing !== undefined) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const child = spawn("tshark", [...["-n", "-r", path], ...PAYLOAD, ...PREFERENCES, ...["-Y", WRONG]], {
      stdio: "pipe",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", text => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", text => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", code => {
      if (code === 0) resolve(stdout.split("\n").slice(0, -1));
      else reject(new Error(`tshark exited with ${code}: ${stderr.trim()}`));
    });
  });
}
