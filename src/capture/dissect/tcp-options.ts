/** TCP options, field by field: RFC 9293 §3.2 and the RFCs named below. */
import { hexText, type Layer } from "./field-tree.ts";

const NAMES: Readonly<Record<number, string>> = {
  0: "End of options",
  1: "No operation",
  2: "Maximum segment size",
  3: "Window scale",
  4: "SACK permitted",
  5: "SACK",
  8: "Timestamps",
  19: "MD5 signature",
  28: "User timeout",
  29: "Authentication",
  30: "Multipath TCP",
  34: "Fast open",
  253: "Experiment",
  254: "Experiment",
};

/** Lengths that are the only right ones. */
const LENGTHS: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 8: 10, 19: 18, 28: 4 };

/** All options up to the end of the header. */
export function dissectTcpOptions(header: Layer): void {
  header.part("Options", "options", header.left, options => {
    while (options.left > 0) {
      const kind = options.bytes[options.at] as number;
      if (kind <= 1) {
        options.part(NAMES[kind] as string, "option", 1, option => void option.uint8("Kind", "kind"));
        if (kind === 0) break;
        continue;
      }
      const length = options.left < 2 ? 0 : (options.bytes[options.at + 1] as number);
      const isPossible = length >= 2 && length <= options.left;
      const size = isPossible ? length : options.left;
      options.part(NAMES[kind] ?? `Option ${kind}`, "option", size, option => {
        option.uint8("Kind", "kind");
        option.uint8("Length", "len");
        if (!isPossible) return option.complain(`a length of ${length} cannot be`);
        if (LENGTHS[kind] !== undefined && LENGTHS[kind] !== length) {
          return option.complain(`the length should be ${LENGTHS[kind]}`);
        }
        value(option, kind);
      });
      if (!isPossible) break;
    }
    if (options.left > 0) options.data("Padding", "padding", options.left);
  });
}

function value(option: Layer, kind: number): void {
  switch (kind) {
    case 2:
      option.describe(`${option.uint16("Value", "mss")}`);
      break;
    case 3:
      // RFC 7323 §2.2.
      option.describe(`shift ${option.uint8("Shift", "wscale", shift => `${shift} (times ${2 ** shift})`)}`);
      break;
    case 5:
      // RFC 2018 §3.
      while (option.left >= 8) {
        option.uint32("Left edge", "sack_le");
        option.uint32("Right edge", "sack_re");
      }
      break;
    case 8: {
      // RFC 7323 §3.2.
      const stamp = option.uint32("Value", "tsval");
      option.describe(`value ${stamp}, echo ${option.uint32("Echo reply", "tsecr")}`);
      break;
    }
    case 28:
      // RFC 5482 §2.
      option.uint16("Timeout", "user_to", raw => hexText(raw, 4), [
        {
          mask: 0x8000,
          name: "Unit",
          abbreviation: "user_to.granularity",
          show: unit => (unit === 1 ? "minutes" : "seconds"),
        },
        { mask: 0x7fff, name: "Value", abbreviation: "user_to.value" },
      ]);
      break;
    case 29:
      // RFC 5925 §2.2.
      option.uint8("Key", "ao.keyid");
      option.uint8("Next key", "ao.rnextkeyid");
      option.data("MAC", "ao.mac", option.left);
      break;
    case 34:
      // RFC 7413 §4.1.1.
      option.data("Cookie", "tfo.cookie", option.left);
      break;
    case 253:
    case 254:
      // RFC 6994 §3.
      option.uint16("Experiment", "exp.id", id => hexText(id, 4));
      option.data("Data", "exp.data", option.left);
      break;
    default:
      option.data("Data", "data", option.left);
  }
}
