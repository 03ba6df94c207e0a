/** Bytes as text, sixteen a line: offset, hexadecimal digits, printable ASCII. */

const ROW = 16;

/**
 * `0000  45 00 00 3c 1c 46 40 00  40 06 b1 e6 ac 10 0a 63  E..<.F@.@......c`, counting from `firstOffset`.
 */
export function renderHex(bytes: Uint8Array, firstOffset = 0): string {
  const digits = Math.max(4, (firstOffset + bytes.length).toString(16).length);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = Array.from(bytes.subarray(at, at + ROW));
    const half = (from: number): string =>
      row
        .slice(from, from + ROW / 2)
        .map(byte => byte.toString(16).padStart(2, "0"))
        .join(" ");
    const columns = `${half(0).padEnd(23)}  ${half(ROW / 2).padEnd(23)}`;
    const text = row.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${(firstOffset + at).toString(16).padStart(digits, "0")}  ${columns}  ${text}`);
  }
  return lines.join("\n");
}
