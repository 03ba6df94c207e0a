/** Base64, RFC 4648 §4: how the protocol carries the bytes of packets. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(bytes: Uint8Array): string {
  let text = "";
  const { length } = bytes;
  for (let at = 0; at < length; at += 3) {
    const word = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(word >>> 18) + ALPHABET.charAt((word >>> 12) & 63);
    text += at + 1 < length ? ALPHABET.charAt((word >>> 6) & 63) : "=";
    text += at + 2 < length ? ALPHABET.charAt(word & 63) : "=";
  }
  return text;
}
