/**
 * The tree that a dissection answers, and its construction.
 *
 * A cursor runs once over the bytes; every field takes what is under it. What a layer leaves over within its
 * bounds becomes a leaf of its own when the layer ends. So each byte belongs to exactly one leaf, by
 * construction. Bit fields hang below the leaf whose bytes they share, and have a mask.
 */
import { hex, readUint16, readUint32 } from "../../base/bytes.ts";
import { IpAddress, type IpFamily } from "../../wire/address.ts";
import { macText, readMac } from "../../wire/mac-address.ts";

export type ChecksumStatus = "good" | "bad" | "unverified";

export interface FieldNode {
  readonly name: string;
  /** A stable key: `tcp.window`. */
  readonly abbreviation: string;
  /** In the frame. */
  readonly offset: number;
  readonly length: number;
  /** Printable ASCII only. */
  readonly value: string;
  readonly children: readonly FieldNode[];
  /** Of a bit field: its bits in the parent's bytes. */
  readonly mask?: number;
  readonly checksum?: ChecksumStatus;
  /** What is wrong here. */
  readonly problem?: string;
}

/** A leaf holds bytes of its own: only bit fields are below it. */
export function isLeaf(node: FieldNode): boolean {
  return node.mask === undefined && node.children.every(child => child.mask !== undefined);
}

export interface BitField {
  readonly mask: number;
  readonly name: string;
  readonly abbreviation: string;
  /** The bits, shifted down, as text. */
  readonly show?: (value: number) => string;
}

export const yesNo = (value: number): string => (value === 0 ? "not set" : "set");

export function hexText(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** A value with its name from a table: `6 (TCP)`. */
export function named(names: Readonly<Record<number, string>>): (value: number) => string {
  return value => (names[value] === undefined ? String(value) : `${value} (${names[value]})`);
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type OpenNode = Omit<Mutable<FieldNode>, "children"> & { children: OpenNode[] };

/** How much of a long field is shown as its value. */
const SHOWN_BYTES = 16;

export class Layer {
  readonly bytes: Uint8Array;
  /** The next byte that no field has taken. */
  at: number;
  /** Where the layer's bytes end. */
  readonly end: number;
  /** A field reached beyond the end; those after it are not there. */
  short = false;
  readonly #node: OpenNode;
  readonly #prefix: string;

  private constructor(bytes: Uint8Array, at: number, end: number, node: OpenNode, prefix: string) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#node = node;
    this.#prefix = prefix;
  }

  /** The root: all of `bytes`. `fill` takes it apart. */
  static root(
    name: string,
    abbreviation: string,
    bytes: Uint8Array,
    fill: (layer: Layer) => void,
  ): FieldNode {
    const node: OpenNode = { name, abbreviation, offset: 0, length: bytes.length, value: "", children: [] };
    const layer = new Layer(bytes, 0, bytes.length, node, "");
    fill(layer);
    layer.data("Trailer", `${abbreviation}.trailer`, layer.left);
    return node;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** The summary that stands beside the layer's name. */
  describe(value: string): void {
    if (!this.short) this.#node.value = value;
  }

  /** Notes what is wrong with the layer; the first such note stays. */
  complain(problem: string): void {
    this.#node.problem ??= problem;
  }

  /**
   * A protocol's layer of `length` bytes, or as many as there are before `limit`. `fill` takes it apart; what
   * it leaves becomes one field.
   */
  layer(
    name: string,
    abbreviation: string,
    length: number,
    fill: (layer: Layer) => void,
    limit: number = this.end,
  ): void {
    this.#open(name, abbreviation, abbreviation, Math.min(this.at + length, limit), fill);
  }

  /** A part of a layer, of several fields. */
  part(name: string, key: string, length: number, fill: (part: Layer) => void): void {
    this.#open(name, `${this.#prefix}.${key}`, this.#prefix, this.at + length, fill);
  }

  /** A part of a layer that holds a packet with layers of its own. */
  packet(name: string, key: string, length: number, fill: (part: Layer) => void): void {
    this.#open(name, `${this.#prefix}.${key}`, "", this.at + length, fill);
  }

  #open(name: string, abbreviation: string, prefix: string, end: number, fill: (part: Layer) => void): void {
    const node: OpenNode = { name, abbreviation, offset: this.at, length: 0, value: "", children: [] };
    const inner = new Layer(this.bytes, this.at, Math.max(this.at, Math.min(end, this.end)), node, prefix);
    fill(inner);
    if (inner.short) node.problem ??= "ends too early";
    inner.data("Not decoded", prefix === "" ? `${abbreviation}.rest` : "rest", inner.left);
    node.length = inner.at - node.offset;
    this.at = inner.at;
    if (node.length > 0) this.#node.children.push(node);
  }

  uint8(
    name: string,
    key: string,
    show: (value: number) => string = String,
    bits?: readonly BitField[],
  ): number {
    return this.#number(name, key, 1, show, bits);
  }

  uint16(
    name: string,
    key: string,
    show: (value: number) => string = String,
    bits?: readonly BitField[],
  ): number {
    return this.#number(name, key, 2, show, bits);
  }

  uint32(
    name: string,
    key: string,
    show: (value: number) => string = String,
    bits?: readonly BitField[],
  ): number {
    return this.#number(name, key, 4, show, bits);
  }

  /**
   * A checksum of 16 bits, judged. `right` is what it should be; undefined: it cannot be told, because of
   * `why`.
   */
  checksum(found: number, right: number | undefined, why: string): void {
    const node = this.#take("Checksum", "checksum", 2);
    if (node === undefined) return;
    const bad = right !== undefined && right !== found;
    node.checksum = right === undefined ? "unverified" : bad ? "bad" : "good";
    const verdict =
      right === undefined
        ? `unverified: ${why}`
        : bad
          ? `incorrect, should be ${hexText(right, 4)}`
          : "correct";
    node.value = `${hexText(found, 4)} (${verdict})`;
  }

  mac(name: string, key: string): string {
    const node = this.#take(name, key, 6);
    if (node === undefined) return "";
    node.value = macText(readMac(this.bytes, node.offset));
    return node.value;
  }

  address(name: string, key: string, family: IpFamily): IpAddress {
    const node = this.#take(name, key, family === 4 ? 4 : 16);
    if (node === undefined) return family === 4 ? IpAddress.v4(0) : IpAddress.v6(0, 0, 0, 0);
    const address = IpAddress.read(family, this.bytes, node.offset);
    node.value = address.toString();
    return address;
  }

  /** Bytes without inner form, up to `length` of them; shown as hexadecimal digits, or as `show` says. */
  data(name: string, key: string, length: number, show?: (node: FieldNode) => string): void {
    if (length <= 0) return;
    const node = this.#take(name, key, length);
    if (node !== undefined) node.value = show?.(node) ?? this.#dataText(node);
  }

  #dataText(node: FieldNode): string {
    const shown = Math.min(node.length, SHOWN_BYTES);
    const digits = hex(this.bytes.subarray(node.offset, node.offset + shown));
    return shown < node.length ? `${digits}... (${node.length} bytes)` : digits;
  }

  #number(
    name: string,
    key: string,
    size: 1 | 2 | 4,
    show: (value: number) => string,
    bits: readonly BitField[] | undefined,
  ): number {
    const node = this.#take(name, key, size);
    if (node === undefined) return 0;
    const { bytes } = this;
    const at = node.offset;
    const value =
      size === 1 ? (bytes[at] as number) : size === 2 ? readUint16(bytes, at) : readUint32(bytes, at);
    node.value = show(value);
    for (const bit of bits ?? []) node.children.push(bitNode(node, bit, value, this.#prefix));
    return value;
  }

  /**
   * The next field. Undefined when it is not all there: then what is there becomes a field without a value.
   */
  #take(name: string, key: string, length: number): OpenNode | undefined {
    const available = Math.min(length, this.left);
    if (available < length) this.short = true;
    if (available <= 0) return undefined;
    const node: OpenNode = {
      name,
      abbreviation: this.#prefix === "" ? key : `${this.#prefix}.${key}`,
      offset: this.at,
      length: available,
      value: "",
      children: [],
    };
    this.at += available;
    this.#node.children.push(node);
    if (available === length) return node;
    node.problem = "ends too early";
    node.value = this.#dataText(node);
    return undefined;
  }
}

function bitNode(parent: OpenNode, bit: BitField, value: number, prefix: string): OpenNode {
  const shift = 31 - Math.clz32(bit.mask & -bit.mask);
  const bits = (value & bit.mask) >>> shift;
  return {
    name: bit.name,
    abbreviation: `${prefix}.${bit.abbreviation}`,
    offset: parent.offset,
    length: parent.length,
    value: (bit.show ?? String)(bits),
    children: [],
    mask: bit.mask >>> 0,
  };
}
