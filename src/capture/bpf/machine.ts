/**
 * The machine that runs filters: an accumulator, an index register, 16 words of memory, all unsigned 32-bit.
 * A load beyond the packet and a division by 0 end the run with 0: no match. An index from X is not negative:
 * the sum with the offset does not wrap around.
 */
import { readUint16, readUint32 } from "../../base/bytes.ts";
import { INTERFACE_AT, PACKET_TYPE_AT } from "./circumstances.ts";
import {
  ALU,
  type BpfInstruction,
  CLASS,
  CLASS_MASK,
  JMP,
  MEMORY_WORDS,
  MISC,
  MISC_MASK,
  MODE,
  MODE_MASK,
  OPERATION_MASK,
  RETURN_A,
  RETURN_MASK,
  SIZE,
  SIZE_MASK,
  SOURCE_X,
} from "./instruction.ts";
import { verifyProgram } from "./verifier.ts";

/** What programs load from beyond the packet: `circumstances`. Undefined: it is not known. */
export interface PacketNumbers {
  readonly packetType: number | undefined;
  readonly interfaceNumber: number | undefined;
}

const NO_NUMBERS: PacketNumbers = { packetType: undefined, interfaceNumber: undefined };

/** No packet has this byte: the load failed. */
const OUTSIDE = -1;

export class BpfMachine {
  readonly program: readonly BpfInstruction[];
  readonly #memory = new Uint32Array(MEMORY_WORDS);

  /** Takes programs that the verifier has found good. */
  private constructor(program: readonly BpfInstruction[]) {
    this.program = program;
  }

  /** The machine, or what is wrong with the program. */
  static load(program: readonly BpfInstruction[]): BpfMachine | string {
    return verifyProgram(program) ?? new BpfMachine(program);
  }

  /**
   * Runs over the packet `bytes[start, end)`, whose length on the wire was `length`. Answers how many bytes
   * of it are wanted; 0: it does not match.
   */
  run(
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    length = end - start,
    numbers: PacketNumbers = NO_NUMBERS,
  ): number {
    const { program } = this;
    const memory = this.#memory.fill(0);
    let a = 0;
    let x = 0;
    let at = 0;
    for (;;) {
      const { code, jt, jf, k } = program[at++] as BpfInstruction;
      switch (code & CLASS_MASK) {
        case CLASS.ld: {
          const mode = code & MODE_MASK;
          if (mode === MODE.abs || mode === MODE.ind) {
            const offset = mode === MODE.abs ? k : k + x;
            const loaded = load(bytes, start, end, offset, code & SIZE_MASK);
            const known = loaded === OUTSIDE && mode === MODE.abs ? beside(numbers, k) : loaded;
            if (known === OUTSIDE) return 0;
            a = known;
          } else a = mode === MODE.imm ? k : mode === MODE.len ? length : (memory[k] as number);
          break;
        }
        case CLASS.ldx: {
          const mode = code & MODE_MASK;
          if (mode === MODE.msh) {
            const loaded = load(bytes, start, end, k, SIZE.byte);
            if (loaded === OUTSIDE) return 0;
            x = (loaded & 0x0f) * 4;
          } else x = mode === MODE.imm ? k : mode === MODE.len ? length : (memory[k] as number);
          break;
        }
        case CLASS.st:
          memory[k] = a;
          break;
        case CLASS.stx:
          memory[k] = x;
          break;
        case CLASS.alu: {
          const operand = (code & SOURCE_X) === 0 ? k : x;
          const operation = code & OPERATION_MASK;
          if (operand === 0 && (operation === ALU.div || operation === ALU.mod)) return 0;
          a = calculate(operation, a, operand);
          break;
        }
        case CLASS.jmp:
          if ((code & OPERATION_MASK) === JMP.ja) at += k;
          else at += holds(code & OPERATION_MASK, a, (code & SOURCE_X) === 0 ? k : x) ? jt : jf;
          break;
        case CLASS.ret:
          return (code & RETURN_MASK) === RETURN_A ? a : k;
        default:
          if ((code & MISC_MASK) === MISC.tax) x = a;
          else a = x;
      }
    }
  }
}

function load(bytes: Uint8Array, start: number, end: number, offset: number, size: number): number {
  const at = start + offset;
  if (size === SIZE.byte) return at < end ? (bytes[at] as number) : OUTSIDE;
  if (size === SIZE.half) return at + 2 <= end ? readUint16(bytes, at) : OUTSIDE;
  return at + 4 <= end ? readUint32(bytes, at) : OUTSIDE;
}

function beside({ packetType, interfaceNumber }: PacketNumbers, offset: number): number {
  if (offset === PACKET_TYPE_AT) return packetType ?? OUTSIDE;
  return offset === INTERFACE_AT ? (interfaceNumber ?? OUTSIDE) : OUTSIDE;
}

/** Modulo 2³². The caller has refused divisions by 0. */
export function calculate(operation: number, a: number, b: number): number {
  switch (operation) {
    case ALU.add:
      return (a + b) >>> 0;
    case ALU.sub:
      return (a - b) >>> 0;
    case ALU.mul:
      return Math.imul(a, b) >>> 0;
    case ALU.div:
      return Math.floor(a / b);
    case ALU.mod:
      return a % b;
    case ALU.or:
      return (a | b) >>> 0;
    case ALU.and:
      return (a & b) >>> 0;
    case ALU.xor:
      return (a ^ b) >>> 0;
    case ALU.lsh:
      return b > 31 ? 0 : (a << b) >>> 0;
    case ALU.rsh:
      return b > 31 ? 0 : a >>> b;
    default:
      return -a >>> 0;
  }
}

function holds(operation: number, a: number, b: number): boolean {
  switch (operation) {
    case JMP.jeq:
      return a === b;
    case JMP.jgt:
      return a > b;
    case JMP.jge:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}
