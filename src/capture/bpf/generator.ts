/** Conditions become instructions. Jumps only go forward, so the program ends. */
import { type Arithmetic, type Comparison, type Condition, FIRST_KEPT, type LoadSize } from "./condition.ts";
import {
  ALU,
  type BpfInstruction,
  CLASS,
  CLASS_MASK,
  JMP,
  jump,
  MAX_INSTRUCTIONS,
  MISC,
  MODE,
  MODE_MASK,
  SIZE,
  SOURCE_X,
  statement,
} from "./instruction.ts";

/** What a match answers: the whole packet. */
const WHOLE_PACKET = 262_144;
const MAX_SKIP = 255;

/** A place in the program that will be known later. All jumps to it come before it. */
class Label {
  at = 0;
  /** The load whose result A holds on every way to here; undefined: A differs. */
  accumulator: string | undefined;
  #isReached = false;

  reached(accumulator: string | undefined): void {
    this.accumulator = this.#isReached && this.accumulator !== accumulator ? undefined : accumulator;
    this.#isReached = true;
  }
}

interface Branch {
  readonly code: number;
  readonly k: number;
  readonly yes: Label;
  readonly no: Label;
  /** A target is too far for 8 bits: two long jumps follow. */
  isLong: boolean;
}

type Item =
  | { readonly instruction: BpfInstruction }
  | { readonly branch: Branch }
  | { readonly label: Label };

/** The machine has three of them; the others are their negations. */
const COMPARISONS: Readonly<Record<Comparison, { readonly jump: number; readonly isNegated: boolean }>> = {
  "=": { jump: JMP.jeq, isNegated: false },
  "!=": { jump: JMP.jeq, isNegated: true },
  ">": { jump: JMP.jgt, isNegated: false },
  "<=": { jump: JMP.jgt, isNegated: true },
  ">=": { jump: JMP.jge, isNegated: false },
  "<": { jump: JMP.jge, isNegated: true },
  has: { jump: JMP.jset, isNegated: false },
};

const SIZES: Readonly<Record<LoadSize, number>> = { 1: SIZE.byte, 2: SIZE.half, 4: SIZE.word };

/** The program for a condition; a text when it is too large for one. */
export function generate(condition: Condition): readonly BpfInstruction[] | string {
  const generator = new Generator();
  return generator.generate(condition);
}

class Generator {
  readonly #items: Item[] = [];
  #isTooComplex = false;
  /** The load whose result is in A, of the packet or of memory: it need not be repeated. */
  #accumulator: string | undefined;

  generate(condition: Condition): readonly BpfInstruction[] | string {
    const yes = new Label();
    const no = new Label();
    this.#condition(condition, yes, no);
    this.#place(yes);
    this.#emit(CLASS.ret, WHOLE_PACKET);
    this.#place(no);
    this.#emit(CLASS.ret, 0);
    if (this.#isTooComplex) return "an arithmetic expression is too complex";
    const program = this.#assemble();
    return program.length > MAX_INSTRUCTIONS ? `more than ${MAX_INSTRUCTIONS} instructions` : program;
  }

  #emit(code: number, k = 0): void {
    const mode = code & MODE_MASK;
    const isLoad = (code & CLASS_MASK) === CLASS.ld && (mode === MODE.abs || mode === MODE.mem);
    const load = `${code} ${k}`;
    if (isLoad && this.#accumulator === load) return;
    if (isLoad) this.#accumulator = load;
    else if (code === CLASS.st) this.#accumulator = `${CLASS.ld | MODE.mem} ${k}`;
    else if ((code & CLASS_MASK) !== CLASS.ldx) this.#accumulator = undefined;
    this.#items.push({ instruction: statement(code, k) });
  }

  #place(label: Label): void {
    const last = this.#items.at(-1);
    const isNeedless =
      last !== undefined && "branch" in last && last.branch.yes === label && last.branch.no === label;
    if (isNeedless) this.#items.pop();
    this.#items.push({ label });
    this.#accumulator = label.accumulator;
  }

  #branch(code: number, k: number, yes: Label, no: Label): void {
    yes.reached(this.#accumulator);
    no.reached(this.#accumulator);
    this.#items.push({ branch: { code, k, yes, no, isLong: false } });
  }

  #condition(condition: Condition, yes: Label, no: Label): void {
    switch (condition.kind) {
      case "always":
        this.#goTo(condition.value ? yes : no);
        break;
      case "keep":
        this.#value(condition.value, 0);
        this.#emit(CLASS.st, condition.word);
        this.#goTo(yes);
        break;
      case "not":
        this.#condition(condition.operand, no, yes);
        break;
      case "both":
      case "either": {
        const next = new Label();
        const isBoth = condition.kind === "both";
        this.#condition(condition.left, isBoth ? next : yes, isBoth ? no : next);
        this.#place(next);
        this.#condition(condition.right, yes, no);
        break;
      }
      case "compare":
        this.#compare(condition.comparison, condition.left, condition.right, yes, no);
        break;
    }
  }

  #goTo(target: Label): void {
    this.#branch(CLASS.jmp | JMP.jeq, 0, target, target);
  }

  #compare(comparison: Comparison, left: Arithmetic, right: Arithmetic, yes: Label, no: Label): void {
    const source = this.#operands(left, right, 0);
    const k = right.kind === "constant" ? right.value : 0;
    const { jump, isNegated } = COMPARISONS[comparison];
    this.#branch(CLASS.jmp | jump | source, k, isNegated ? no : yes, isNegated ? yes : no);
  }

  /** Leaves `left` in A, and `right` in X unless it is a constant. Memory from `free` on may be used. */
  #operands(left: Arithmetic, right: Arithmetic, free: number): number {
    if (right.kind === "constant") {
      this.#value(left, free);
      return 0;
    }
    if (right.kind === "kept") {
      this.#value(left, free);
      this.#emit(CLASS.ldx | MODE.mem, right.word);
      return SOURCE_X;
    }
    if (free >= FIRST_KEPT) this.#isTooComplex = true;
    this.#value(left, free);
    this.#emit(CLASS.st, free);
    this.#value(right, free + 1);
    this.#emit(CLASS.misc | MISC.tax);
    this.#emit(CLASS.ld | MODE.mem, free);
    return SOURCE_X;
  }

  /** Leaves a value in A. */
  #value(value: Arithmetic, free: number): void {
    switch (value.kind) {
      case "constant":
        this.#emit(CLASS.ld | MODE.imm, value.value);
        break;
      case "length":
        this.#emit(CLASS.ld | MODE.len);
        break;
      case "kept":
        this.#emit(CLASS.ld | MODE.mem, value.word);
        break;
      case "negation":
        this.#value(value.operand, free);
        this.#emit(CLASS.alu | ALU.neg);
        break;
      case "operation": {
        const source = this.#operands(value.left, value.right, free);
        const k = value.right.kind === "constant" ? value.right.value : 0;
        this.#emit(CLASS.alu | value.operation | source, k);
        break;
      }
      case "load":
        this.#load(SIZES[value.size], value.offset, value.behind, value.index, free);
        break;
    }
  }

  #load(size: number, offset: number, behind: number | undefined, index: Arithmetic, free: number): void {
    const isFixed = index.kind === "constant";
    if (isFixed && behind === undefined) {
      this.#emit(CLASS.ld | size | MODE.abs, offset);
      return;
    }
    if (index.kind === "kept" && behind === undefined) {
      this.#emit(CLASS.ldx | MODE.mem, index.word);
      this.#emit(CLASS.ld | size | MODE.ind, offset);
      return;
    }
    if (!isFixed) this.#value(index, free);
    if (behind !== undefined) {
      this.#emit(CLASS.ldx | SIZE.byte | MODE.msh, behind);
      if (!isFixed) {
        this.#emit(CLASS.alu | ALU.add | SOURCE_X);
        this.#emit(CLASS.misc | MISC.tax);
      }
    } else this.#emit(CLASS.misc | MISC.tax);
    this.#emit(CLASS.ld | size | MODE.ind, offset);
  }

  /**
   * Gives every label its place. Branches whose targets are too far grow, which moves others: until none
   * does.
   */
  #assemble(): readonly BpfInstruction[] {
    let isStable = false;
    while (!isStable) {
      isStable = true;
      let at = 0;
      for (const item of this.#items) {
        if ("label" in item) item.label.at = at;
        else at += "branch" in item && item.branch.isLong ? 3 : 1;
      }
      at = 0;
      for (const item of this.#items) {
        if ("label" in item) continue;
        at += 1;
        if (!("branch" in item)) continue;
        const { branch } = item;
        if (branch.isLong) at += 2;
        else if (Math.max(branch.yes.at, branch.no.at) - at > MAX_SKIP) {
          branch.isLong = true;
          isStable = false;
        }
      }
    }
    return this.#program();
  }

  #program(): readonly BpfInstruction[] {
    const program: BpfInstruction[] = [];
    for (const item of this.#items) {
      if ("instruction" in item) program.push(item.instruction);
      if (!("branch" in item)) continue;
      const { code, k, yes, no, isLong } = item.branch;
      const next = program.length + 1;
      if (!isLong) program.push(jump(code, k, yes.at - next, no.at - next));
      else {
        program.push(jump(code, k, 0, 1));
        program.push(statement(CLASS.jmp | JMP.ja, yes.at - next - 1));
        program.push(statement(CLASS.jmp | JMP.ja, no.at - next - 2));
      }
    }
    return program;
  }
}
