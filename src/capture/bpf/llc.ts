/** Kinds of 802.2 LLC frames in the filter language. IEEE 802.2 §5.2 to §5.4. */
import { LONGEST_802_3 } from "./carriage.ts";
import { both, type Condition, compare, constant, maskedEquals } from "./condition.ts";
import { known } from "./known-name.ts";
import type { LinkLayout } from "./link-layout.ts";
import { loadAt } from "./place.ts";

/** Of the control field's first byte: which bits count, and what they are. */
interface Control {
  readonly mask: number;
  readonly value: number;
}

/** The bit that asks for an answer, or answers, does not make a frame another one. */
const UNNUMBERED_MASK = 0xef;
const SUPERVISORY_MASK = 0x0f;

const KINDS: Readonly<Record<string, Control>> = {
  i: { mask: 0x01, value: 0x00 },
  s: { mask: 0x03, value: 0x01 },
  u: { mask: 0x03, value: 0x03 },
  rr: { mask: SUPERVISORY_MASK, value: 0x01 },
  rnr: { mask: SUPERVISORY_MASK, value: 0x05 },
  rej: { mask: SUPERVISORY_MASK, value: 0x09 },
  ui: { mask: UNNUMBERED_MASK, value: 0x03 },
  ua: { mask: UNNUMBERED_MASK, value: 0x63 },
  disc: { mask: UNNUMBERED_MASK, value: 0x43 },
  sabme: { mask: UNNUMBERED_MASK, value: 0x6f },
  test: { mask: UNNUMBERED_MASK, value: 0xe3 },
  xid: { mask: UNNUMBERED_MASK, value: 0xaf },
  frmr: { mask: UNNUMBERED_MASK, value: 0x87 },
};

export const LLC_KINDS: readonly string[] = Object.keys(KINDS);

/** Whether it is a frame of LLC, of this kind. NetWare's without LLC has all ones in its place. */
export function isLlcFrame(link: LinkLayout, kind: string | undefined): Condition {
  const isFrame = both(
    compare(loadAt(link.type, 0, 2), "<=", constant(LONGEST_802_3)),
    compare(loadAt(link.payload, 0, 2), "!=", constant(0xffff)),
  );
  const control = kind === undefined ? undefined : known(KINDS, kind);
  if (control === undefined) return isFrame;
  return both(isFrame, maskedEquals(loadAt(link.payload, 2, 1), control.mask, control.value));
}
