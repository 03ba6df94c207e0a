import { expect, test } from "vitest";
import { dissect } from "../../../../src/capture/dissect.ts";
import { tcpPacket } from "../../../../test/page/messages.ts";
import { fieldAt, fieldRows, pathOfByte, pathsAbove } from "./field-rows.ts";
import { packetBytes } from "./packet-bytes.ts";

const packet = tcpPacket(1);
const root = dissect(packet.linkType, packetBytes(packet.bytes));

test("what is folded is not a row", () => {
  const folded = fieldRows(root, () => false);
  expect(folded.map(({ node }) => node.abbreviation)).toEqual(["ip", "tcp"]);
  const open = fieldRows(root, node => node.abbreviation === "tcp");
  expect(open.length).toBeGreaterThan(8);
  expect(open.find(({ node }) => node.abbreviation === "tcp.srcport")?.level).toBe(2);
});

test("every byte has its innermost field, and the field is found at its path", () => {
  for (let at = 0; at < packet.length; at++) {
    const field = fieldAt(root, pathOfByte(root, at));
    expect(field?.offset).toBeLessThanOrEqual(at);
    expect((field?.offset ?? 0) + (field?.length ?? 0)).toBeGreaterThan(at);
    expect(field?.children.every(({ mask }) => mask !== undefined)).toBe(true);
  }
  expect(fieldAt(root, pathOfByte(root, 24))?.abbreviation).toBe("tcp.seq");
  expect(pathOfByte(root, packet.length)).toBeUndefined();
});

test("the paths above a path", () => {
  expect(pathsAbove("1.2.3")).toEqual(["1", "1.2"]);
  expect(pathsAbove("1")).toEqual([]);
});

test("a packet of very many fields has a bounded number of rows", () => {
  const leaf = { ...root, children: [] };
  expect(fieldRows({ ...root, children: Array(10_000).fill(leaf) }, () => true)).toHaveLength(2000);
});
