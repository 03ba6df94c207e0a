/** Base64, RFC 4648 §4: how the protocol carries the bytes of packets. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from(ALPHABET, letter => letter.charCodeAt(0));
const PADDING = 0x3d;
/** Letters that become text at once: as many as a call may have arguments, and fewer. */
const CHUNK = 4_096;

export function base64(bytes: Uint8Array): string {
  const letters = lettersOf(bytes);
  let text = "";
  for (let at = 0; at < letters.length; at += CHUNK)
    text += String.fromCharCode(...letters.subarray(at, at + CHUNK));
  return text;
}

function lettersOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const letters = new Uint8Array(4 * Math.ceil(length / 3));
  for (let from = 0, to = 0; from < length; from += 3, to += 4) {
    const word = ((bytes[from] as number) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    letters[to] = CODES[word >>> 18] as number;
    letters[to + 1] = CODES[(word >>> 12) & 63] as number;
    letters[to + 2] = from + 1 < length ? (CODES[(word >>> 6) & 63] as number) : PADDING;
    letters[to + 3] = from + 2 < length ? (CODES[word & 63] as number) : PADDING;
  }
  return letters;
}
