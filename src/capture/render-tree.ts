/** Shows a dissected packet as text: a line a field, its bytes beside. */
import { hex } from "../base/bytes.ts";
import { type FieldNode, isLeaf } from "./dissect/field-tree.ts";

/** How many bytes of a field stand beside it. */
const BYTES_SHOWN = 8;
const BYTES_WIDTH = 3 * BYTES_SHOWN;

/** An indented line for each layer and field. With the frame's bytes, offset and bytes stand before each. */
export function renderTree(root: FieldNode, bytes?: Uint8Array): string {
  const lines: string[] = [];
  addLines(lines, root, 0, bytes);
  return lines.join("\n");
}

function addLines(lines: string[], node: FieldNode, depth: number, bytes: Uint8Array | undefined): void {
  const value = node.value === "" ? "" : `: ${node.value}`;
  const problem = node.problem === undefined ? "" : ` [${node.problem}]`;
  const bits = node.mask === undefined ? "" : `${maskText(node, bytes)} = `;
  const margin = bytes === undefined ? "" : marginText(node, bytes);
  lines.push(`${margin}${"  ".repeat(depth)}${bits}${node.name}${value}${problem}`);
  for (const child of node.children) addLines(lines, child, depth + 1, bytes);
}

function marginText(node: FieldNode, bytes: Uint8Array): string {
  const offset = node.offset.toString(16).padStart(4, "0");
  const shown = Math.min(node.length, BYTES_SHOWN);
  const isCut = shown < node.length;
  const digits = isLeaf(node)
    ? hex(bytes.subarray(node.offset, node.offset + (isCut ? shown - 1 : shown)), " ") + (isCut ? " .." : "")
    : "";
  return `${offset}  ${digits.padEnd(BYTES_WIDTH)} `;
}

/** The bits of a field in their place: `..01 ....`. Without the bytes, an `x` for each. */
function maskText(node: FieldNode, bytes: Uint8Array | undefined): string {
  let text = "";
  for (let bit = 8 * node.length - 1; bit >= 0; bit--) {
    const byte = bytes?.[node.offset + node.length - 1 - (bit >>> 3)];
    const isOurs = (((node.mask ?? 0) >>> bit) & 1) === 1;
    text += !isOurs ? "." : byte === undefined ? "x" : (byte >>> (bit & 7)) & 1;
    if (bit % 4 === 0 && bit > 0) text += " ";
  }
  return text;
}
