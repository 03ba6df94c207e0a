import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { Signatures } from "./md5-signatures.ts";
import { SignatureCheck } from "./signature-check.ts";
import { TcpCounters } from "./tcp-counters.ts";

const PEER = ip("10.0.0.2");
const GOOD = new Uint8Array([1, 2]);
const WRONG = new Uint8Array([1, 3]);
const LONGER = new Uint8Array([1, 2, 0]);

function keys(): Signatures {
  const signatures = new Signatures();
  signatures.set(PEER, 32, new Uint8Array([7]));
  return signatures;
}

function judged(
  md5: Uint8Array | undefined,
  addressee?: { signatures: Signatures | undefined },
  from = PEER,
) {
  const counters = new TcpCounters();
  const segment = { source: from, options: { md5 }, signature: () => GOOD };
  const reason = new SignatureCheck(counters).judge(segment, addressee);
  const { md5Missing, md5Unexpected, md5Wrong } = counters;
  return [reason, md5Missing, md5Unexpected, md5Wrong];
}

test("a segment is dropped without the signature it should have, with a wrong one, and with one nobody asked for", () => {
  const strict = { signatures: keys() };
  expect(judged(GOOD, strict)).toEqual([undefined, 0, 0, 0]);
  expect(judged(undefined, strict)).toEqual(["tcp-md5-missing", 1, 0, 0]);
  expect(judged(WRONG, strict)).toEqual(["tcp-md5-wrong", 0, 0, 1]);
  expect(judged(LONGER, strict)).toEqual(["tcp-md5-wrong", 0, 0, 1]);
  const plain = { signatures: undefined };
  expect(judged(undefined, plain)).toEqual([undefined, 0, 0, 0]);
  expect(judged(GOOD, plain)).toEqual(["tcp-md5-unexpected", 0, 1, 0]);
});

test("keys are a peer's: others are neither asked for a signature nor allowed one", () => {
  const strict = { signatures: keys() };
  const other = ip("10.0.0.3");
  expect(judged(undefined, strict, other)).toEqual([undefined, 0, 0, 0]);
  expect(judged(GOOD, strict, other)).toEqual(["tcp-md5-unexpected", 0, 1, 0]);
});

test("what belongs to nobody is not judged, and answered without the keys of whom came before", () => {
  expect(judged(GOOD)).toEqual([undefined, 0, 0, 0]);
  const check = new SignatureCheck(new TcpCounters());
  const segment = { source: PEER, options: { md5: GOOD }, signature: () => GOOD };
  const signatures = keys();
  check.judge(segment, { signatures });
  expect(check.keys).toBe(signatures);
  check.judge(segment, undefined);
  expect(check.keys).toBeUndefined();
});
