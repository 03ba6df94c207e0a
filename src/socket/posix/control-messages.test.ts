import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MSG_CTRUNC } from "./constants.ts";
import { ControlWriter, controlBytes, controlLength, controlSpace, readControl } from "./control-messages.ts";

const message = fc.record({
  level: fc.integer({ min: 0, max: 1_000 }),
  type: fc.integer({ min: 0, max: 1_000 }),
  data: fc.uint8Array({ maxLength: 60 }),
});

describe("control messages (RFC 3542 §20)", () => {
  test("CMSG_LEN and CMSG_SPACE of a 64-bit machine", () => {
    expect([0, 1, 4, 8, 9].map(controlLength)).toEqual([16, 17, 20, 24, 25]);
    expect([0, 1, 4, 8, 9].map(controlSpace)).toEqual([16, 24, 24, 24, 32]);
  });

  test("what is written is read again", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), messages => {
        expect(readControl(controlBytes(messages))).toEqual(messages);
      }),
    );
  });

  test("whatever the bytes, reading them does not fail, and never leaves them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        const total = (readControl(bytes) ?? []).reduce((sum, { data }) => sum + 16 + data.length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test("a message that says less than its header, or more than there is, is malformed", () => {
    const bytes = controlBytes([{ level: 1, type: 2, data: new Uint8Array(8) }]);
    const claims = (length: number): unknown => {
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      return readControl(bytes);
    };
    expect([claims(15), claims(25), claims(2 ** 40)]).toEqual([undefined, undefined, undefined]);
    expect(claims(24)).toHaveLength(1);
    expect(readControl(new Uint8Array(15))).toEqual([]);
  });

  test("what does not fit is cut, as Linux's put_cmsg does, and MSG_CTRUNC says so", () => {
    const writer = new ControlWriter(new Uint8Array(44));
    writer.putInt(1, 2, 3);
    expect([writer.used, writer.flags]).toEqual([24, 0]);
    writer.put(1, 3, new Uint8Array(8));
    expect([writer.used, writer.flags]).toEqual([44, MSG_CTRUNC]);
    const tiny = new ControlWriter(new Uint8Array(15));
    tiny.putInt(1, 2, 3);
    expect([tiny.used, tiny.flags]).toEqual([0, MSG_CTRUNC]);
    const none = new ControlWriter(null);
    none.putInt(1, 2, 3);
    expect([none.used, none.flags]).toEqual([0, MSG_CTRUNC]);
  });
});
