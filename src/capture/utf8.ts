/** UTF-8 (RFC 3629) for the texts of capture files: the core has no TextEncoder. */

const REPLACEMENT = 0xfffd;

export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const raw = character.codePointAt(0) as number;
    const code = raw >= 0xd800 && raw <= 0xdfff ? REPLACEMENT : raw;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >>> 6), continuation(code));
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >>> 12), continuation(code >>> 6), continuation(code));
    else {
      bytes.push(
        0xf0 | (code >>> 18),
        continuation(code >>> 12),
        continuation(code >>> 6),
        continuation(code),
      );
    }
  }
  return Uint8Array.from(bytes);
}

function continuation(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** Bytes that are no UTF-8 become U+FFFD, one for each. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  while (at < end) {
    const size = sizeOf(bytes[at] as number);
    const code = at + size <= end ? codeAt(bytes, at, size) : -1;
    text += String.fromCodePoint(code < 0 ? REPLACEMENT : code);
    at += code < 0 ? 1 : size;
  }
  return text;
}

function sizeOf(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 1;
}

/** §3: no overlong forms, no surrogates, nothing above U+10FFFF. −1 for those. */
function codeAt(bytes: Uint8Array, at: number, size: number): number {
  const first = bytes[at] as number;
  if (size === 1) return first < 0x80 ? first : -1;
  let code = first & (0xff >>> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] as number;
    if (next >>> 6 !== 2) return -1;
    code = (code << 6) | (next & 0x3f);
  }
  const least = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x1_0000;
  if (code < least || code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return -1;
  return code;
}
