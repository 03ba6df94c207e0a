import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { milliseconds } from "../../base/time.ts";
import { Failure } from "../failure.ts";
import { readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "postel-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, "postel.json");
  writeFileSync(path, content);
  return path;
}

describe("what a program's network is to be", () => {
  test("nothing said: a loopback of its own", () => {
    expect(readSettings({ PATH: "/bin" })).toMatchObject({ link: { kind: "loopback" } });
  });

  test("by variables, each an option of `postel run`", () => {
    const settings = readSettings({
      POSTEL_LINK: "tun:app0",
      POSTEL_LOSS: "2%",
      POSTEL_DELAY: "20ms",
      POSTEL_ADDRESS: "10.1.0.2/24,fd01::2/64",
      POSTEL_PUBLISH: "3000,53/udp",
      POSTEL_OFFLOAD: "off",
      POSTEL_SEED: "",
    });
    expect(settings).toMatchObject({ link: { kind: "tun", name: "app0" }, loss: 0.02, offload: false });
    expect(settings.delay).toBe(milliseconds(20));
    expect(settings.address?.map(String.call, String).length).toBe(2);
    expect(settings.publish).toHaveLength(2);
    expect(settings.seed).toBeUndefined();
  });

  test("an option without a value is set by a word", () => {
    expect(readSettings({ POSTEL_INSPECT: "on", POSTEL_INSPECT_PORT: "9000" })).toMatchObject({
      inspect: true,
      inspectPort: 9_000,
    });
    expect(readSettings({ POSTEL_INSPECT: "off" }).inspect).toBeUndefined();
    expect(readSettings({ POSTEL_CONFIG: file('{ "inspect": true }') }).inspect).toBe(true);
  });

  test("by a file; variables come before it, the options of `postel run` before both", () => {
    const path = file(
      '{ "link": "user", "loss": "1%", "seed": 7, "publish": [3000, 4000], "offload": true }',
    );
    const settings = readSettings({
      POSTEL_CONFIG: path,
      POSTEL_LOSS: "2%",
      POSTEL_SEED: "8",
      POSTEL_OPTIONS: '["--seed", "9"]',
    });
    expect(settings).toMatchObject({ link: { kind: "user" }, loss: 0.02, seed: 9 });
    expect(settings.publish).toHaveLength(2);
  });

  test.each([
    [{ POSTEL_LOSS: "2" }, "option '--loss <percent>' argument '2' is invalid. Give a percentage"],
    [{ POSTEL_LINK: "wifi" }, "Give sim, user, loopback"],
    [{ POSTEL_OPTIONS: "--loss 2%" }, "POSTEL_OPTIONS is not a list in JSON"],
    [{ POSTEL_OPTIONS: "[7]" }, "POSTEL_OPTIONS is not a list in JSON"],
    [{ POSTEL_OPTIONS: '["--nonsense"]' }, "unknown option '--nonsense'"],
  ])("%j is refused with a sentence", (environment, sentence) => {
    expect(() => readSettings(environment)).toThrow(sentence);
    expect(() => readSettings(environment)).toThrow(Failure);
  });

  test.each([
    ["[]", "is not a JSON object"],
    ["{", "is not a JSON object"],
    ['{ "los": "1%" }', 'has a setting "los", which there is not'],
  ])("a file with %s is refused", (content, sentence) => {
    const path = file(content);
    expect(() => readSettings({ POSTEL_CONFIG: path })).toThrow(sentence);
  });
});
