import { describe, expect, test } from "vitest";
import { CodeRunner } from "./code.ts";

const NAMES: Readonly<Record<string, number>> = { tcpi_snd_cwnd: 10, tcpi_options: 39, tcpi_rtt: 15_000 };

function runner(): (text: string) => CodeRunner {
  const code = new CodeRunner();
  return text => {
    code.run(text, name => NAMES[name]);
    return code;
  };
}

const run = (text: string): CodeRunner => runner()(text);

function evaluated(expression: string): unknown {
  return run(`x = ${expression}`).variables.get("x");
}

describe("expressions", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["0x7f & 0x20", 32],
    ["1 << 3 | 1", 9],
    ["-7 % 3", 2],
    ["7 // 2", 3],
    ["-7 // 2", -4],
    ["~5", -6],
    ["5000 <= tcpi_rtt <= 25000", true],
    ["5000 <= tcpi_rtt <= 10000", false],
    ["(tcpi_options & 32) != 0", true],
    ["not 1 == 2 and 3 > 2", true],
    ["0 or 5", 5],
    ["'a' + \"b\"", "ab"],
    ["'rtt=%d us (%x)' % (15, 255)", "rtt=15 us (ff)"],
    ["'%d%%' % tcpi_snd_cwnd", "10%"],
    ["True", true],
  ])("%s is %j", (expression, value) => {
    expect(evaluated(expression)).toBe(value);
  });

  test("64-bit counters keep their bits", () => {
    expect(evaluated("0x100000000 | 1")).toBe(4_294_967_297);
  });
});

describe("statements", () => {
  test("are separated by lines and semicolons, and go on behind a backslash; comments are skipped", () => {
    const code = run("# first\na = 1; b = a + \\\n 1  # second\n\nprint(a, b)\n");
    expect(code.output).toEqual(["1 2"]);
  });

  test("variables live on from block to block", () => {
    const next = runner();
    next("cwnd = 58");
    next("cwnd += 10");
    expect(next("assert cwnd == 68").variables.get("cwnd")).toBe(68);
  });

  test("an assertion that does not hold fails with its condition and its note", () => {
    expect(() => run("assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd")).toThrow(
      /^assert tcpi_snd_cwnd == 11 \(10\)$/,
    );
    expect(() => run("assert 0")).toThrow(/^assert 0$/);
  });

  test("the failure knows its place in the block", () => {
    expect(() => run("a = 1\nassert a == 2")).toThrow(expect.objectContaining({ offset: 13 }));
  });

  test.each([
    ["assert nothing == 1", "the name nothing is not known"],
    ["x += 1", "x has no value yet"],
    ["1 / 0", "division by zero"],
    ["'a' - 1", "a number is wanted"],
    ["x = ", "a value is wanted"],
    ["print(1", "“)” is wanted"],
    ["x = 1 2", "not expected here"],
    ["x = $", "no meaning in code"],
    ["'%d' % ()", "not enough values"],
  ])("%j is refused: %s", (text, message) => {
    expect(() => run(text)).toThrow(message);
  });
});
