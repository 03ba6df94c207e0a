/**
 * What `wire/` writes, tshark reads with the same values and good checksums; and our own readers agree with
 * it. Every kind of packet, each several times, with field values drawn from a seed.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { missingTools, withFile } from "../support/capture-tools.ts";
import { frameFields } from "../support/frame-fields.ts";
import { COMPARED_FIELDS } from "../support/header-fields.ts";
import { jumbogram, packetKinds } from "../support/packet-kinds.ts";
import { type FieldValues, found, pcapFile, told, tsharkFields } from "../support/tshark.ts";

const skipped = missingTools("tshark");
const title = skipped === undefined ? "" : ` [skipped: ${skipped}]`;
const kinds = [...packetKinds(2024), { name: "an IPv6 jumbogram (RFC 2675)", frames: [jumbogram(2024)] }];

/** Wireshark's grade "error"; warnings are about things that we do on purpose, such as odd flags. */
const SEVERITY_ERROR = 8_388_608;

let seen: FieldValues[] = [];

beforeAll(() => {
  if (skipped !== undefined) return;
  const frames = kinds.flatMap(kind => kind.frames.map(frame => frame.bytes));
  const fields = [...COMPARED_FIELDS, "_ws.expert.severity", "_ws.expert.message"];
  seen = withFile(pcapFile(frames), "wire.pcap", file => tsharkFields(file, fields));
});

describe.skipIf(skipped !== undefined)(`tshark reads our${title}`, () => {
  let at = 0;
  for (const kind of kinds) {
    const first = at;
    at += kind.frames.length;
    test(kind.name, () => {
      expect(kind.frames.length).toBeGreaterThan(0);
      for (const [i, frame] of kind.frames.entries()) {
        const values = seen[first + i];
        const expected = told([...frame.fields, ...frame.checksums]);
        expect(found(values)).toEqual(expected);
        expect(told(frameFields(frame.bytes))).toEqual(expected);
        const grades = values?.get("_ws.expert.severity") ?? [];
        const isError = grades.some(grade => Number(grade) >= SEVERITY_ERROR);
        expect(isError ? values?.get("_ws.expert.message") : []).toEqual([]);
      }
    });
  }
});

test.skipIf(skipped !== undefined)(`what is wrong would be seen${title}`, () => {
  const segment = kinds.find(kind => kind.name === "TCP without options")?.frames[0]?.bytes as Uint8Array;
  const cut = segment.slice(0, 14 + 20 + 12);
  const changed = segment.slice();
  changed[14 + 20 + 4] = (changed[14 + 20 + 4] as number) ^ 1;
  const [first, second] = withFile(pcapFile([cut, changed]), "bad.pcap", file =>
    tsharkFields(file, COMPARED_FIELDS),
  );
  expect(found(first)).toHaveProperty(["_ws.malformed"]);
  expect(found(second)).toMatchObject({ "tcp.checksum.status": ["0"] });
  expect(told(frameFields(changed))).toMatchObject({ "tcp.checksum.status": ["0"] });
});
