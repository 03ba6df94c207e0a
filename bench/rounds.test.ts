import { expect, test } from "vitest";
import { resultOf } from "./results.ts";
import { runRounds } from "./rounds.ts";
import type { Contestant, Row } from "./row.ts";

const conditions = { seconds: 1, warmUp: 0, signal: new AbortController().signal };

function row(...contestants: Contestant[]): Row {
  return {
    name: "row",
    section: "Section",
    title: "a row",
    quantities: [{ name: "speed", unit: "1/s", better: "more" }],
    contestants,
    targets: [],
    needsRoot: false,
  };
}

test("contestants take turns: A B A B, each as often as there are rounds", async () => {
  const order: string[] = [];
  const contestant = (name: string): Contestant => ({
    name,
    async measure() {
      order.push(name);
      return { speed: order.length };
    },
  });
  const turns = await runRounds(row(contestant("A"), contestant("B")), { ...conditions, rounds: 2 });
  expect(order).toEqual(["A", "B", "A", "B"]);
  expect(turns.map(each => each.rounds)).toEqual([
    [{ speed: 1 }, { speed: 3 }],
    [{ speed: 2 }, { speed: 4 }],
  ]);
});

test("one that cannot take part is never asked, and its reason is kept", async () => {
  const absent: Contestant = {
    name: "absent",
    prepare: async () => "there is no compiler",
    measure: () => Promise.reject(new Error("asked all the same")),
  };
  const [turns] = await runRounds(row(absent), { ...conditions, rounds: 3 });
  expect(turns).toEqual({ contestant: "absent", skipped: "there is no compiler", failures: [], rounds: [] });
});

test("a failed round is noted, and the row goes on", async () => {
  let turn = 0;
  const shaky: Contestant = {
    name: "shaky",
    async measure() {
      if (++turn === 2) throw new Error("it fell over");
      return { speed: turn };
    },
  };
  const [turns] = await runRounds(row(shaky), { ...conditions, rounds: 3 });
  expect(turns?.failures).toEqual(["it fell over"]);
  expect(turns?.rounds).toEqual([{ speed: 1 }, { speed: 3 }]);
});

test("an abort is not a failed round: it ends the row", async () => {
  const controller = new AbortController();
  const interrupted: Contestant = {
    name: "interrupted",
    measure() {
      controller.abort(new Error("Ctrl-C"));
      return Promise.reject(new Error("killed"));
    },
  };
  const run = runRounds(row(interrupted), { ...conditions, signal: controller.signal, rounds: 3 });
  await expect(run).rejects.toThrow("Ctrl-C");
});

test("a row may want fewer rounds than asked for", async () => {
  let turns = 0;
  const contestant: Contestant = { name: "A", measure: async () => ({ speed: ++turns }) };
  await runRounds({ ...row(contestant), maxRounds: 2 }, { ...conditions, rounds: 5 });
  expect(turns).toBe(2);
});

test("what the rounds yield becomes a row's result", async () => {
  let turn = 0;
  const contestant: Contestant = { name: "A", measure: async () => ({ speed: ++turn }) };
  const turns = await runRounds(row(contestant), { ...conditions, rounds: 3 });
  const result = resultOf(row(contestant), turns, { measuredAt: "now", loadBefore: 0, seconds: 1 });
  expect(result.contestants[0]?.summaries).toEqual({ speed: { median: 2, least: 1, most: 3 } });
});
