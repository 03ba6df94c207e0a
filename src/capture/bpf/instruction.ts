/**
 * Instructions of the classic Berkeley Packet Filter: McCanne and Jacobson, "The BSD Packet Filter" (USENIX
 * 1993), §3; the numbers are those of <net/bpf.h>, so a program can be given to a kernel as it is.
 */
export interface BpfInstruction {
  readonly code: number;
  /** How many instructions a conditional jump skips when it holds, and when not. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** The lowest three bits. */
export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, ret: 6, misc: 7 } as const;
export const CLASS_MASK = 0x07;

export const SIZE = { word: 0x00, half: 0x08, byte: 0x10 } as const;
export const SIZE_MASK = 0x18;

export const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, len: 0x80, msh: 0xa0 } as const;
export const MODE_MASK = 0xe0;

export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
} as const;

export const JMP = { ja: 0x00, jeq: 0x10, jgt: 0x20, jge: 0x30, jset: 0x40 } as const;
export const OPERATION_MASK = 0xf0;

/** The operand of ALU and jumps: the constant, or the index register. */
export const SOURCE_X = 0x08;

/** What RET answers: the constant or the accumulator. */
export const RETURN_A = 0x10;
export const RETURN_MASK = 0x18;

export const MISC = { tax: 0x00, txa: 0x80 } as const;
export const MISC_MASK = 0xf8;

/** Words of scratch memory. */
export const MEMORY_WORDS = 16;
/** As many as kernels take. */
export const MAX_INSTRUCTIONS = 4096;

export function statement(code: number, k: number): BpfInstruction {
  return { code, jt: 0, jf: 0, k: k >>> 0 };
}

export function jump(code: number, k: number, jt: number, jf: number): BpfInstruction {
  return { code, jt, jf, k: k >>> 0 };
}
