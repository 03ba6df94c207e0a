/**
 * What a program must be for the machine to run it: it ends, it stays within itself and its memory, and it
 * knows no unknown instruction. The rules are those of the kernels.
 */
import {
  ALU,
  type BpfInstruction,
  CLASS,
  CLASS_MASK,
  JMP,
  MAX_INSTRUCTIONS,
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

const LOAD_MODES: readonly number[] = [MODE.imm, MODE.abs, MODE.ind, MODE.mem, MODE.len];
const INDEX_MODES: readonly number[] = [MODE.imm, MODE.mem, MODE.len, MODE.msh];
const JUMPS: readonly number[] = [JMP.jeq, JMP.jgt, JMP.jge, JMP.jset];
const OPERATIONS: readonly number[] = Object.values(ALU);

/** Undefined: the program is good. Else what is wrong with it. */
export function verifyProgram(program: readonly BpfInstruction[]): string | undefined {
  if (program.length === 0) return "the program is empty";
  if (program.length > MAX_INSTRUCTIONS) return `more than ${MAX_INSTRUCTIONS} instructions`;
  for (const [at, instruction] of program.entries()) {
    const problem = isWhole(instruction)
      ? check(instruction, program.length - at - 1)
      : "numbers out of range";
    if (problem !== undefined) return `instruction ${at}: ${problem}`;
  }
  const last = program[program.length - 1] as BpfInstruction;
  return (last.code & CLASS_MASK) === CLASS.ret ? undefined : "the last instruction is no return";
}

function isWhole({ code, jt, jf, k }: BpfInstruction): boolean {
  const within = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= limit;
  return within(code, 0xffff) && within(jt, 0xff) && within(jf, 0xff) && within(k, 0xffff_ffff);
}

/** `left`: how many instructions follow this one. */
function check({ code, jt, jf, k }: BpfInstruction, left: number): string | undefined {
  const operation = code & OPERATION_MASK;
  switch (code & CLASS_MASK) {
    case CLASS.ld:
      return checkLoad(code, k, LOAD_MODES);
    case CLASS.ldx:
      return checkLoad(code, k, INDEX_MODES);
    case CLASS.st:
    case CLASS.stx:
      return code > CLASS_MASK ? "unknown store" : checkMemory(k);
    case CLASS.alu:
      return checkArithmetic(code, k);
    case CLASS.jmp:
      if (code === (CLASS.jmp | JMP.ja)) return k < left ? undefined : "a jump beyond the end";
      if (code > 0xff || !JUMPS.includes(operation)) return "unknown jump";
      return jt < left && jf < left ? undefined : "a jump beyond the end";
    case CLASS.ret:
      return code > 0xff || ((code & RETURN_MASK) !== 0 && code !== (CLASS.ret | RETURN_A))
        ? "unknown return"
        : undefined;
    default: {
      const kind = code & MISC_MASK;
      return code > 0xff || (kind !== MISC.tax && kind !== MISC.txa) ? "unknown instruction" : undefined;
    }
  }
}

function checkLoad(code: number, k: number, modes: readonly number[]): string | undefined {
  const mode = code & MODE_MASK;
  const size = code & SIZE_MASK;
  if (code > 0xff || !modes.includes(mode)) return "unknown load";
  if (mode === MODE.mem) return size === SIZE.word ? checkMemory(k) : "memory holds words";
  if (mode === MODE.msh) return size === SIZE.byte ? undefined : "unknown load";
  if (mode === MODE.abs || mode === MODE.ind) return size > SIZE.byte ? "unknown size" : undefined;
  return size === SIZE.word ? undefined : "unknown load";
}

function checkMemory(k: number): string | undefined {
  return k < MEMORY_WORDS ? undefined : `there is no memory word ${k}`;
}

function checkArithmetic(code: number, k: number): string | undefined {
  const operation = code & OPERATION_MASK;
  if (code > 0xff || !OPERATIONS.includes(operation)) return "unknown arithmetic";
  if ((code & SOURCE_X) !== 0) return operation === ALU.neg ? "unknown arithmetic" : undefined;
  if (k === 0 && (operation === ALU.div || operation === ALU.mod)) return "a division by 0";
  if (k > 31 && (operation === ALU.lsh || operation === ALU.rsh)) return `a shift by ${k}`;
  return undefined;
}
