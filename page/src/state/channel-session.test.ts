import { expect, test } from "vitest";
import type { FromPage, PageChannel, ToPage } from "../../../src/inspect/protocol.ts";
import { StoryBuilder } from "../../../src/inspect/story-builder.ts";
import { hello, row, tcpPacket } from "../../../test/page/messages.ts";
import { ChannelSession } from "./channel-session.ts";

/** A session whose frames and waits happen when the test says so. */
function opened(comesBack = false, preferred?: number) {
  const sent: FromPage[] = [];
  const frames: (() => void)[] = [];
  const waits: { readonly milliseconds: number; readonly callback: () => void }[] = [];
  let channel: PageChannel | undefined;
  const session = new ChannelSession({
    comesBack,
    preferred,
    story: connection => new StoryBuilder(connection),
    onFrame: callback => frames.push(callback),
    after: (milliseconds, callback) => waits.push({ milliseconds, callback }),
    open: () => {
      channel = {
        send: message => sent.push(message),
        onMessage: undefined,
        onClosed: undefined,
        close() {},
      };
      return channel;
    },
  });
  const says = (...messages: readonly ToPage[]): void => {
    for (const message of messages) channel?.onMessage?.(message);
    for (const frame of frames.splice(0)) frame();
  };
  return { session, sent, waits, frames, says, lose: () => channel?.onClosed?.(), raw: () => channel };
}

const rows = (...numbers: readonly number[]): ToPage => ({
  type: "rows",
  time: 0,
  rows: numbers.map(number => row(number)),
  gone: [],
});

const remark: ToPage = {
  type: "events",
  events: [{ time: 5, host: "a", connection: 0, name: "scene:remark", data: { remark: 2 } }],
};

const moved = (connection: number): ToPage => ({
  type: "events",
  events: [
    {
      time: 5,
      host: "a",
      connection,
      name: "tcp:state",
      data: { from: "SYN-SENT", to: "ESTABLISHED", cause: "SYN-ACK" },
    },
  ],
});

test("the first active connection is shown until the user chooses", () => {
  const { session, sent, says } = opened();
  says(hello(), { type: "rows", time: 0, rows: [row(1, { role: "passive" }), row(2)], gone: [] });
  expect(session.selected.value).toBe(2);
  expect(sent).toEqual([{ type: "watch", connections: [2] }]);
  session.select(undefined);
  says(rows(3));
  expect(session.selected.value).toBeUndefined();
  expect(sent.at(-1)).toEqual({ type: "watch", connections: [] });
});

test("one that is over is shown only where no other has called", () => {
  const { session, says } = opened();
  const over = [row(1, { state: "CLOSED" }), row(2, { state: "TIME-WAIT" })];
  says(hello(), { type: "rows", time: 0, rows: [...over, row(3)], gone: [] });
  expect(session.selected.value).toBe(3);
  says(hello({ title: "another" }), { type: "rows", time: 0, rows: over, gone: [] });
  expect(session.selected.value).toBe(1);
});

test("a connection that a link names is preferred", () => {
  const { session, says } = opened(false, 2);
  says(hello(), rows(1, 2));
  expect(session.selected.value).toBe(2);
});

test("stories are those of the connections that are watched; others are forgotten", () => {
  const { session, says } = opened();
  says(hello(), rows(1, 2));
  says(moved(1), moved(2));
  expect(session.stories.value.get(1)?.states).toHaveLength(1);
  expect(session.stories.value.has(2)).toBe(false);
  session.select(2);
  says(moved(2));
  expect(session.stories.value.has(1)).toBe(false);
  expect(session.stories.value.get(2)?.states).toHaveLength(1);
});

test("views that compare connections have them watched too", () => {
  const { session, sent, says } = opened();
  says(hello(), rows(1, 2, 3));
  session.compared.value = [3, 1];
  expect(sent.at(-1)).toEqual({ type: "watch", connections: [1, 3] });
});

test("signals change once a frame, however much has come", () => {
  const { session, frames, raw } = opened();
  raw()?.onMessage?.(hello());
  const before = session.rows.value;
  raw()?.onMessage?.(rows(1));
  raw()?.onMessage?.(rows(2));
  expect(session.rows.value).toBe(before);
  expect(frames).toHaveLength(1);
  for (const frame of frames.splice(0)) frame();
  expect(session.rows.value.size).toBe(2);
});

test("connections without a row are counted, until there is room for them", () => {
  const { session, says } = opened();
  says(hello(), { type: "rows", time: 0, rows: [row(1)], gone: [], hidden: 7 });
  expect(session.hiddenRows.value).toBe(7);
  says(rows(2));
  expect(session.hiddenRows.value).toBe(0);
});

test("remarks of a scene are kept, and are of no connection", () => {
  const { session, says } = opened();
  says(hello(), remark);
  expect(session.remarks.value).toEqual([{ remark: 2, time: 5 }]);
});

test("what was there stays when a live host is lost; a new greeting begins anew with the same choice", () => {
  const { session, sent, waits, says, lose } = opened(true);
  says(hello(), rows(1, 2));
  session.select(2);
  lose();
  expect(session.isClosed.value).toBe(true);
  expect(session.rows.value.size).toBe(2);
  waits.shift()?.callback();
  lose();
  expect(waits[0]?.milliseconds).toBeGreaterThan(300);
  waits.shift()?.callback();
  sent.length = 0;
  says(hello(), rows(2));
  expect(session.isClosed.value).toBe(false);
  expect(session.rows.value.size).toBe(1);
  expect(sent).toEqual([{ type: "watch", connections: [2] }]);
});

test("another run begins without a choice: its numbers mean something else", () => {
  const { session, waits, says, lose } = opened(true);
  says(hello(), rows(1, 2));
  session.select(2);
  lose();
  waits.shift()?.callback();
  says(hello({ epoch: 5 }), rows(1));
  expect(session.selected.value).toBe(1);
});

test("a scene that is played again keeps the choice, and forgets the run before", () => {
  const { session, says } = opened();
  const scene = { kind: "simulation", scene: "x", seed: 1 } as const;
  says(hello(scene), rows(1, 2), remark);
  session.select(2);
  says(hello({ ...scene, seed: 2 }));
  expect(session.remarks.value).toEqual([]);
  expect(session.rows.value.size).toBe(0);
  expect(session.selected.value).toBe(2);
});

test("packets are asked for again with each greeting, and forgotten with each asking", () => {
  const { session, sent, says } = opened();
  session.send({ type: "watch-packets", on: true, filter: "tcp" });
  expect(sent).toEqual([]);
  says(hello());
  expect(sent).toEqual([{ type: "watch-packets", on: true, filter: "tcp" }]);
  says({ type: "packets", packets: [tcpPacket(1)], skipped: 2 });
  expect(session.packets.value).toHaveLength(1);
  expect(session.skippedPackets.value).toBe(2);
  session.send({ type: "watch-packets", on: true });
  expect(session.packets.value).toEqual([]);
});

test("an inspector of another version is not listened to", () => {
  const { session, says } = opened();
  says(hello({ version: 99 }));
  expect(session.hello.value).toBeUndefined();
  expect(session.trouble.value).toMatchObject({ kind: "other-version", theirs: 99 });
});

test("after its end a session hears nothing", () => {
  const { session, says } = opened();
  says(hello());
  session.close();
  says(rows(1));
  expect(session.rows.value.size).toBe(0);
});
