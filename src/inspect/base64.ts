/** Base64, RFC 4648 §4: how the protocol carries the bytes of packets. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LETTERS = [...ALPHABET];
/** Two letters for each 12 bits: half as many pieces to put together. */
const PAIRS = LETTERS.flatMap(first => LETTERS.map(second => first + second));

export function base64(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let text = "";
  for (let at = 0; at < whole; at += 3) {
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const third = bytes[at + 2] as number;
    text += (PAIRS[(first << 4) | (second >>> 4)] as string) + PAIRS[((second & 15) << 8) | third];
  }
  return text + endOf(bytes, whole);
}

/** The one or two bytes that are left, with their padding. */
function endOf(bytes: Uint8Array, at: number): string {
  const left = bytes.length - at;
  if (left === 0) return "";
  const word = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8);
  const last = left === 1 ? "=" : ALPHABET.charAt((word >>> 6) & 63);
  return `${PAIRS[word >>> 12]}${last}=`;
}
