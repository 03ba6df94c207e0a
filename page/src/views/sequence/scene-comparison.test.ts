import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { ConnectionRow, Hello } from "../../../../src/inspect/protocol.ts";
import { hello, row } from "../../../../test/page/messages.ts";
import type { Session } from "../../state/session.ts";
import { besideSelected, followScene } from "./scene-comparison.ts";

function watching(scene: string | undefined) {
  const greeting = hello(scene === undefined ? {} : { scene });
  const rows = signal<ReadonlyMap<number, ConnectionRow>>(new Map());
  const session = {
    hello: signal<Hello | undefined>(greeting),
    rows,
    selected: signal<number | undefined>(1),
    compared: signal<readonly number[]>([]),
  };
  const end = followScene(session as unknown as Session);
  const appear = (connection: number, localPort: number): void => {
    rows.value = new Map(rows.value).set(connection, row(connection, { host: "client", localPort }));
  };
  return { session, appear, end, beside: () => besideSelected(session as unknown as Session) };
}

test("a scene's senders are laid over each other as they appear, whichever is selected", () => {
  const { session, appear, beside, end } = watching("congestion-control");
  appear(1, 40_001);
  expect(beside()).toEqual([]);
  appear(3, 40_002);
  appear(5, 40_003);
  expect(beside()).toEqual([3, 5]);
  session.selected.value = 3;
  expect(beside()).toEqual([1, 5]);
  end();
});

test("what the user takes away stays away", () => {
  const { session, appear, beside, end } = watching("congestion-control");
  appear(3, 40_002);
  session.compared.value = [];
  appear(5, 40_003);
  expect(beside()).toEqual([5]);
  end();
});

test("nothing else is compared by itself", () => {
  const { appear, beside, end } = watching(undefined);
  appear(3, 40_002);
  expect(beside()).toEqual([]);
  end();
});
