/** The bytes of a packet, out of Base64. */

export function packetBytes(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Four characters stand for three bytes. */
const HEAD_CHARACTERS = 512;

/** The first few hundred bytes: all headers are there, and most of the text of a large segment is not. */
export function packetHead(base64: string): Uint8Array {
  return packetBytes(base64.length > HEAD_CHARACTERS ? base64.slice(0, HEAD_CHARACTERS) : base64);
}
