/** IGMP: RFC 2236, RFC 3376. */
import { hexText, type Layer, named, yesNo } from "./field-tree.ts";
import { addChecksum, type IpScope } from "./ip-scope.ts";

const TYPES: Readonly<Record<number, string>> = {
  17: "membership query",
  18: "membership report v1",
  22: "membership report v2",
  23: "leave group",
  34: "membership report v3",
};

/** The message at `into.at` that reaches to `end`. */
export function dissectIgmp(into: Layer, end: number, scope: IpScope): void {
  const start = into.at;
  into.layer(
    "IGMP",
    "igmp",
    end - start,
    layer => {
      const type = layer.uint8("Type", "type", value => named(TYPES)(value));
      layer.describe(TYPES[type] ?? `type ${type}`);
      layer.uint8("Maximum response time", "max_resp");
      addChecksum(layer, scope, undefined, start, scope.end);
      if (type === 34) return report(layer);
      layer.address("Group", "maddr", 4);
      if (type === 17 && layer.left >= 4) query(layer);
    },
    end,
  );
}

/** RFC 3376 §4.1. */
function query(layer: Layer): void {
  layer.uint8("Flags", "flags", value => hexText(value, 2), [
    { mask: 0xf0, name: "Reserved", abbreviation: "flags.reserved" },
    { mask: 0x08, name: "Suppress", abbreviation: "flags.s", show: yesNo },
    { mask: 0x07, name: "Robustness", abbreviation: "flags.qrv" },
  ]);
  layer.uint8("Query interval code", "qqic");
  const sources = layer.uint16("Number of sources", "num_src");
  for (let i = 0; i < sources && layer.left >= 4; i++) layer.address("Source", "saddr", 4);
}

/** RFC 3376 §4.2. */
function report(layer: Layer): void {
  layer.uint16("Reserved", "reserved");
  const records = layer.uint16("Number of records", "num_grp_recs");
  for (let i = 0; i < records && layer.left >= 8; i++) {
    const { bytes, at } = layer;
    const sources = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    layer.part("Record", "record", 8 + 4 * sources + 4 * (bytes[at + 1] as number), record => {
      record.uint8("Type", "type");
      record.uint8("Auxiliary data length", "aux_data_len");
      record.uint16("Number of sources", "num_src");
      record.describe(record.address("Group", "maddr", 4).toString());
      for (let j = 0; j < sources && record.left >= 4; j++) record.address("Source", "saddr", 4);
    });
  }
}
