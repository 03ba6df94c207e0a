import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ALU,
  type BpfInstruction,
  CLASS,
  JMP,
  jump,
  MISC,
  MODE,
  RETURN_A,
  SIZE,
  SOURCE_X,
  statement,
} from "./instruction.ts";
import { BpfMachine } from "./machine.ts";
import { verifyProgram } from "./verifier.ts";

const PACKET = Uint8Array.of(0x45, 1, 2, 3, 0xff, 0xfe, 0xfd, 0xfc);
const RETURN = statement(CLASS.ret | RETURN_A, 0);

function run(...program: readonly BpfInstruction[]): number {
  const machine = BpfMachine.load(program);
  if (typeof machine === "string") throw new Error(machine);
  return machine.run(PACKET, 0, PACKET.length, 1000);
}

const loadA = (value: number): BpfInstruction => statement(CLASS.ld | MODE.imm, value);
const loadX = (value: number): BpfInstruction => statement(CLASS.ldx | MODE.imm, value);

describe("the machine (McCanne and Jacobson, §3.3)", () => {
  test("loads bytes, half words and words, from fixed and indexed places", () => {
    expect(run(statement(CLASS.ld | SIZE.byte | MODE.abs, 4), RETURN)).toBe(0xff);
    expect(run(statement(CLASS.ld | SIZE.half | MODE.abs, 4), RETURN)).toBe(0xfffe);
    expect(run(statement(CLASS.ld | SIZE.word | MODE.abs, 4), RETURN)).toBe(0xfffefdfc);
    expect(run(loadX(3), statement(CLASS.ld | SIZE.half | MODE.ind, 2), RETURN)).toBe(0xfefd);
    expect(run(statement(CLASS.ld | MODE.len, 0), RETURN)).toBe(1000);
    const headerLength = statement(CLASS.ldx | SIZE.byte | MODE.msh, 0);
    expect(run(headerLength, statement(CLASS.misc | MISC.txa, 0), RETURN)).toBe(20);
  });

  test("a load that reaches beyond the packet is no match", () => {
    const behind = statement(CLASS.ret, 7);
    expect(run(statement(CLASS.ld | SIZE.byte | MODE.abs, 7), behind)).toBe(7);
    expect(run(statement(CLASS.ld | SIZE.byte | MODE.abs, 8), behind)).toBe(0);
    expect(run(statement(CLASS.ld | SIZE.half | MODE.abs, 7), behind)).toBe(0);
    expect(run(statement(CLASS.ld | SIZE.word | MODE.abs, 5), behind)).toBe(0);
    expect(run(statement(CLASS.ld | SIZE.word | MODE.abs, 0xffff_ffff), behind)).toBe(0);
    expect(run(loadX(6), statement(CLASS.ld | SIZE.half | MODE.ind, 1), behind)).toBe(0);
    expect(run(statement(CLASS.ldx | SIZE.byte | MODE.msh, 8), behind)).toBe(0);
  });

  test("arithmetic is unsigned and modulo 2³², as BigInt computes it", () => {
    const word = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 40 }));
    const expected: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
      [ALU.add]: (a, b) => a + b,
      [ALU.sub]: (a, b) => a - b,
      [ALU.mul]: (a, b) => a * b,
      [ALU.div]: (a, b) => (b === 0n ? 0n : a / b),
      [ALU.mod]: (a, b) => (b === 0n ? 0n : a % b),
      [ALU.or]: (a, b) => a | b,
      [ALU.and]: (a, b) => a & b,
      [ALU.xor]: (a, b) => a ^ b,
      [ALU.lsh]: (a, b) => (b > 31n ? 0n : a << b),
      [ALU.rsh]: (a, b) => a >> b,
    };
    fc.assert(
      fc.property(word, word, fc.constantFrom(...Object.keys(expected).map(Number)), (a, b, operation) => {
        const right = Number(
          BigInt.asUintN(32, (expected[operation] as (typeof expected)[0])(BigInt(a), BigInt(b))),
        );
        const byIndex = statement(CLASS.alu | operation | SOURCE_X, 0);
        expect(run(loadA(a), loadX(b), byIndex, RETURN)).toBe(right);
        const byConstant = [loadA(a), statement(CLASS.alu | operation, b), RETURN];
        if (verifyProgram(byConstant) === undefined) expect(run(...byConstant)).toBe(right);
      }),
      { numRuns: 500 },
    );
    expect(run(loadA(1), statement(CLASS.alu | ALU.neg, 0), RETURN)).toBe(0xffff_ffff);
  });

  test("jumps compare unsigned, with the constant and with X", () => {
    const taken = (operation: number, a: number, b: number): boolean => {
      const tail = [statement(CLASS.ret, 1), statement(CLASS.ret, 2)];
      const byConstant = run(loadA(a), jump(CLASS.jmp | operation, b, 0, 1), ...tail) === 1;
      const byIndex = run(loadA(a), loadX(b), jump(CLASS.jmp | operation | SOURCE_X, 0, 0, 1), ...tail) === 1;
      expect(byIndex).toBe(byConstant);
      return byConstant;
    };
    expect([taken(JMP.jeq, 5, 5), taken(JMP.jeq, 5, 6)]).toEqual([true, false]);
    expect([taken(JMP.jgt, 0xffff_ffff, 1), taken(JMP.jgt, 1, 1)]).toEqual([true, false]);
    expect([taken(JMP.jge, 1, 1), taken(JMP.jge, 0, 0x8000_0000)]).toEqual([true, false]);
    expect([taken(JMP.jset, 0x8000_0001, 0x8000_0000), taken(JMP.jset, 6, 9)]).toEqual([true, false]);
  });

  test("memory keeps words within a run and forgets them after it", () => {
    const program = [
      statement(CLASS.ld | MODE.mem, 15),
      statement(CLASS.alu | ALU.add, 3),
      statement(CLASS.st, 15),
      statement(CLASS.ldx | MODE.mem, 15),
      statement(CLASS.stx, 2),
      statement(CLASS.ld | MODE.mem, 2),
      RETURN,
    ];
    const machine = BpfMachine.load(program) as BpfMachine;
    expect([machine.run(PACKET), machine.run(PACKET)]).toEqual([3, 3]);
  });
});

describe("the verifier", () => {
  test.each<[string, readonly BpfInstruction[]]>([
    ["nothing", []],
    ["no return at the end", [loadA(1)]],
    ["a jump beyond the end", [jump(CLASS.jmp | JMP.jeq, 0, 1, 0), RETURN]],
    ["a long jump beyond the end", [statement(CLASS.jmp | JMP.ja, 1), RETURN]],
    ["memory that is not there", [statement(CLASS.st, 16), RETURN]],
    ["a load from memory that is not there", [statement(CLASS.ld | MODE.mem, 16), RETURN]],
    ["a division by 0", [statement(CLASS.alu | ALU.div, 0), RETURN]],
    ["a remainder by 0", [statement(CLASS.alu | ALU.mod, 0), RETURN]],
    ["a shift by 32", [statement(CLASS.alu | ALU.lsh, 32), RETURN]],
    ["an unknown operation", [statement(CLASS.alu | 0xb0, 1), RETURN]],
    ["an unknown jump", [jump(CLASS.jmp | 0x50, 0, 0, 0), RETURN]],
    ["an unknown load", [statement(CLASS.ld | MODE.msh, 0), RETURN]],
    ["an unknown size", [statement(CLASS.ld | MODE.abs | 0x18, 0), RETURN]],
    ["an unknown return", [statement(CLASS.ret | 0x08, 0)]],
    ["a fraction", [{ code: CLASS.ret, jt: 0, jf: 0, k: 0.5 }]],
    ["too many instructions", new Array<BpfInstruction>(4097).fill(RETURN)],
  ])("refuses %s", (_, program) => {
    expect(verifyProgram(program)).toBeTypeOf("string");
    expect(BpfMachine.load(program)).toBeTypeOf("string");
  });

  test("what it passes runs to an end and reads nothing outside the packet", () => {
    const number = fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 0xffff_ffff }));
    const instruction = fc.record({ code: fc.nat(255), jt: fc.nat(4), jf: fc.nat(4), k: number });
    fc.assert(
      fc.property(
        fc.array(instruction, { maxLength: 12 }),
        fc.uint8Array({ maxLength: 30 }),
        (body, bytes) => {
          const machine = BpfMachine.load([
            ...body.filter(
              one => verifyProgram([one, ...new Array<BpfInstruction>(6).fill(RETURN)]) === undefined,
            ),
            ...new Array<BpfInstruction>(6).fill(RETURN),
          ]);
          if (typeof machine === "string") return;
          const answer = machine.run(bytes);
          expect(answer).toBe(answer >>> 0);
          const within = new Uint8Array(bytes.length + 60).fill(0xa5);
          within.set(bytes, 30);
          expect(machine.run(within, 30, 30 + bytes.length)).toBe(answer);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
