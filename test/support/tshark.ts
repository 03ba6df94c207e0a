/**
 * Runs tshark over frames, and answers the fields that it found. The pcap file is assembled here, so that the
 * tests of
 * `wire/` need nothing of `capture/`. https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html
 */
import { output } from "./capture-tools.ts";
import { COMPARED_FIELDS, type Fields } from "./header-fields.ts";

const LINKTYPE_ETHERNET = 1;

/** A pcap file of Ethernet frames, a millisecond apart. */
export function pcapFile(frames: readonly Uint8Array[]): Uint8Array {
  const size = frames.reduce((sum, frame) => sum + 16 + frame.length, 24);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  let at = 24;
  for (const [i, frame] of frames.entries()) {
    view.setUint32(at, 1_700_000_000 + Math.floor(i / 1_000), true);
    view.setUint32(at + 4, (i % 1_000) * 1_000, true);
    view.setUint32(at + 8, frame.length, true);
    view.setUint32(at + 12, frame.length, true);
    file.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return file;
}

/**
 * The frames of a pcap file that this machine's tcpdump has written: little-endian, Ethernet, nothing cut
 * off.
 */
export function framesOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (view.getUint32(0, true) !== 0xa1b2c3d4 || view.getUint32(20, true) !== LINKTYPE_ETHERNET) {
    throw new Error("not a little-endian pcap file of Ethernet frames");
  }
  const frames: Uint8Array[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = view.getUint32(at + 8, true);
    if (captured !== view.getUint32(at + 12, true)) throw new Error("a frame was cut off by the capture");
    frames.push(file.slice(at + 16, at + 16 + captured));
    at += 16 + captured;
  }
  return frames;
}

const PREFERENCES = [
  "ip.check_checksum:TRUE",
  "tcp.check_checksum:TRUE",
  "udp.check_checksum:TRUE",
  // Fields as they stand in each packet, whatever came before.
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
  "tcp.analyze_sequence_numbers:FALSE",
];

/** The values of each field, in the order of the packet. */
export type FieldValues = ReadonlyMap<string, readonly string[]>;

/** What tshark finds for these fields in each frame of a capture file. */
export function tsharkFields(file: string, fields: readonly string[]): FieldValues[] {
  const options = ["-n", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-E", "separator=/t"];
  const preferences = PREFERENCES.flatMap(preference => ["-o", preference]);
  const args = ["-r", file, ...options, ...preferences, ...fields.flatMap(field => ["-e", field])];
  return output("tshark", args, /^Running as user/)
    .split("\n")
    .slice(0, -1)
    .map(line => {
      const columns = line.split("\t");
      return new Map(
        fields.map((field, i) => {
          const column = columns[i] ?? "";
          return [
            field,
            column === "" ? [] : column.split("|").map(value => canonical(field, value)),
          ] as const;
        }),
      );
    });
}

/** Fields of which only the presence counts: tshark shows a text or the option's bytes. */
const PRESENCE = new Set(["tcp.options.sack_perm", "tcp.options.tfo.request", "_ws.malformed"]);

/**
 * One form for a value, however tshark's version shows it: decimal numbers, 0 and 1, bytes without colons.
 */
function canonical(field: string, value: string | number | boolean): string {
  if (PRESENCE.has(field)) return "present";
  const text = String(value);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true" ? "1" : "0";
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return BigInt(text).toString();
  if (field.endsWith(".digest") || field.endsWith(".cookie")) return text.replaceAll(":", "");
  return text;
}

/** What tshark found in a frame of `COMPARED_FIELDS`, absent ones left out. */
export function found(values: FieldValues | undefined): Record<string, readonly string[]> {
  const entries = COMPARED_FIELDS.map(name => [name, values?.get(name) ?? []] as const);
  return Object.fromEntries(entries.filter(([, list]) => list.length > 0));
}

/** Our own fields in the same form. */
export function told(fields: Fields): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [name, value] of fields) {
    const group = groups[name] ?? [];
    group.push(canonical(name, value));
    groups[name] = group;
  }
  return groups;
}
