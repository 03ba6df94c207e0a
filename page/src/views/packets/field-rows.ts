/**
 * A dissection as rows: what of the tree is unfolded, one field a row; and which field a byte belongs to.
 */
import type { FieldNode } from "../../../../src/capture/dissect.ts";

export interface FieldRow {
  readonly node: FieldNode;
  /** From 1. */
  readonly level: number;
  /** Its place in the tree: `0.2.1`. */
  readonly path: string;
  readonly isOpen: boolean;
}

/** A hostile packet may have thousands of fields. */
const MOST_ROWS = 2_000;

/** `isOpen` says of a field whether those below it are shown; the root itself is no row. */
export function fieldRows(root: FieldNode, isOpen: (node: FieldNode, path: string) => boolean): FieldRow[] {
  const rows: FieldRow[] = [];
  const add = (nodes: readonly FieldNode[], level: number, prefix: string): void => {
    for (const [index, node] of nodes.entries()) {
      if (rows.length >= MOST_ROWS) return;
      const path = `${prefix}${index}`;
      const isNodeOpen = node.children.length > 0 && isOpen(node, path);
      rows.push({ node, level, path, isOpen: isNodeOpen });
      if (isNodeOpen) add(node.children, level + 1, `${path}.`);
    }
  };
  add(root.children, 1, "");
  return rows;
}

/** The path to the innermost field, above bit fields, that holds a byte. */
export function pathOfByte(root: FieldNode, offset: number): string | undefined {
  let path: string | undefined;
  let children = root.children;
  for (;;) {
    const index = children.findIndex(node => node.mask === undefined && holds(node, offset));
    const found = children[index];
    if (found === undefined) return path;
    path = path === undefined ? String(index) : `${path}.${index}`;
    children = found.children;
  }
}

/** The field at a path. */
export function fieldAt(root: FieldNode, path: string | undefined): FieldNode | undefined {
  if (path === undefined) return undefined;
  let node: FieldNode | undefined = root;
  for (const index of path.split(".")) node = node?.children[Number(index)];
  return node;
}

/** The paths above a path: they must be open for it to be a row. */
export function pathsAbove(path: string): readonly string[] {
  const parts = path.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

function holds(node: FieldNode, offset: number): boolean {
  return offset >= node.offset && offset < node.offset + node.length;
}
