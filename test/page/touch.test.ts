/** Fingers: pictures are moved and pinched, tables scrolled and tapped. Touches are Chromium's own, not events. */
import { setTimeout } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, TOUCHED_PHONE, withBrowser } from "./browser.ts";
import { hello, row } from "./messages.ts";
import { PageServer } from "./page-server.ts";
import { type TracedScene, tracedScene } from "./traced-scene.ts";

type Finger = readonly [x: number, y: number];

/** Moves fingers from somewhere to somewhere, in small steps as fingers do. */
class Hand {
  readonly #session: CDPSession;

  constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(page: Page): Promise<Hand> {
    return new Hand(await page.context().newCDPSession(page));
  }

  async move(from: readonly Finger[], to: readonly Finger[]): Promise<void> {
    const steps = 12;
    await this.#dispatch("touchStart", from);
    for (let step = 1; step <= steps; step++) {
      const between = from.map(([x, y], finger): Finger => {
        const [endX, endY] = to[finger] ?? [x, y];
        return [x + ((endX - x) * step) / steps, y + ((endY - y) * step) / steps];
      });
      await this.#dispatch("touchMove", between);
    }
    // Who lifts a finger that still moves throws what lies beneath.
    await setTimeout(150);
    await this.#dispatch("touchEnd", []);
  }

  async #dispatch(type: "touchStart" | "touchMove" | "touchEnd", fingers: readonly Finger[]): Promise<void> {
    const touchPoints = fingers.map(([x, y], id) => ({ x, y, id }));
    await this.#session.send("Input.dispatchTouchEvent", { type, touchPoints });
  }
}

withBrowser("fingers", () => {
  let server: PageServer;
  let scene: TracedScene;

  beforeAll(async () => {
    server = await PageServer.start("live");
    scene = tracedScene("fast-retransmit");
  });

  afterAll(() => server.close());

  async function told(view: string): Promise<Page> {
    server.heard.length = 0;
    server.greet = () => server.say(...scene.messages([]));
    const page = await openPage(`${server.address}#view=${view}&connection=1`, TOUCHED_PHONE);
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1, 2] });
    server.say(...scene.messages([1, 2]).slice(2));
    return page;
  }

  test("a finger moves the ladder, and two bring it nearer", async () => {
    const page = await told("ladder");
    const hand = await Hand.of(page);
    const scrolled = () => page.evaluate<number>('document.querySelector("#view-ladder section").scrollTop');
    const height = () => page.evaluate<number>('document.querySelector("#view-ladder section").scrollHeight');
    await expect.poll(scrolled).toBeGreaterThan(300);
    const end = await scrolled();
    await hand.move([[200, 300]], [[200, 500]]);
    await expect.poll(scrolled).toBeLessThan(end - 100);
    const before = await height();
    await hand.move(
      [
        [200, 350],
        [200, 450],
      ],
      [
        [200, 250],
        [200, 550],
      ],
    );
    await expect.poll(height).toBeGreaterThan(1.5 * before);
    expect(await page.evaluate("visualViewport.scale")).toBe(1);
  });

  test("a tap on the ladder picks a segment", async () => {
    const page = await told("ladder");
    const ladder = page.locator("#view-ladder");
    await expect.poll(() => ladder.getByText("Point at a segment").count()).toBe(1);
    await page.evaluate('document.querySelector("#view-ladder section").scrollTop = 0');
    const picture = await ladder.locator("canvas").boundingBox();
    if (picture === null) throw new Error("there is no picture");
    for (let y = 20; y < 200 && (await ladder.locator("dl").count()) === 0; y += 12)
      await page.touchscreen.tap(picture.x + picture.width / 2, picture.y + y);
    expect(await ladder.locator("dl").textContent()).toMatch(/Flags/);
  });

  test("a finger moves the graphs along time, up and down the page; two fingers bring them nearer", async () => {
    const page = await told("sequence");
    const hand = await Hand.of(page);
    const graph = await page.locator("#view-sequence .u-over").first().boundingBox();
    if (graph === null) throw new Error("there is no graph");
    const [x, y] = [graph.x + graph.width / 2, graph.y + graph.height / 2];
    const marks = () => page.evaluate<string>(`document.querySelector("#view-sequence canvas").toDataURL()`);
    const isWhole = () => page.getByRole("button", { name: "All" }).getAttribute("aria-pressed");
    expect(await isWhole()).toBe("true");
    await hand.move(
      [
        [x - 20, y],
        [x + 20, y],
      ],
      [
        [x - 100, y],
        [x + 100, y],
      ],
    );
    await expect.poll(isWhole).toBe("false");
    const near = await marks();
    await hand.move([[x + 60, y]], [[x - 60, y]]);
    await expect.poll(marks).not.toBe(near);
    const there = await marks();
    await hand.move([[x, y + 60]], [[x, y - 60]]);
    expect(await marks()).toBe(there);
    expect(await page.evaluate("visualViewport.scale")).toBe(1);
  });

  test("tables are scrolled by a finger, and a tap chooses a row that is high enough for it", async () => {
    const rows = Array.from({ length: 200 }, (_, index) => row(index + 1, { remote: `10.0.1.${index + 1}` }));
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows, gone: [] });
    const page = await openPage(`${server.address}#view=connections`, TOUCHED_PHONE);
    await page.getByText("200 of 200").waitFor();
    const hand = await Hand.of(page);
    const scrolled = () =>
      page.evaluate<number>('document.querySelector("#view-connections table").parentElement.scrollTop');
    await hand.move([[200, 600]], [[200, 300]]);
    await expect.poll(scrolled).toBeGreaterThan(200);
    expect(await scrolled()).toBeLessThan(400);
    const line = page.getByRole("row", { name: /10\.0\.1\.15:/ });
    await line.tap();
    await expect.poll(() => line.getAttribute("aria-selected")).toBe("true");
    expect((await line.boundingBox())?.height).toBeGreaterThanOrEqual(36);
  });
});
