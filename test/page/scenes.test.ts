/** Guided scenes in the page: one click each, told as they happen, simulated in a worker of the page. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Control } from "../../src/inspect/protocol.ts";
import { CATALOG } from "../../src/scenes/catalog.ts";
import { remarksOf } from "../../src/scenes/description.ts";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { PageServer } from "./page-server.ts";

/** Lets a test speak with the worker of the scene that was opened last. */
const HOLD_WORKER = `window.Worker = class extends Worker {
  constructor(...parts) { super(...parts); window.sceneWorker = this; }
};`;

withBrowser("guided scenes", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("none");
  });

  afterAll(() => server.close());

  async function open(place: string, options = {}): Promise<Page> {
    const page = await openPage(server.address, options);
    await page.addInitScript(HOLD_WORKER);
    // A change after # alone would not load the page anew.
    await page.goto(`${server.address}?held${place}`);
    await page.locator("#view-scenes").waitFor();
    return page;
  }

  function control(page: Page, message: Omit<Control, "type"> & Record<string, unknown>): Promise<void> {
    const said = { kind: "said", message: { type: "control", ...message } };
    return page.evaluate(`sceneWorker.postMessage(${JSON.stringify(said)})`);
  }

  const over = (page: Page) => page.locator('#view-scenes article[data-over="true"]');

  test("each is opened by a click, runs to its end, and tells all of its remarks", async () => {
    const page = await open("#view=scenes");
    const { title } = CATALOG[0] ?? { title: { en: "" } };
    await page.getByRole("button", { name: title.en }).click();
    for (const [index, description] of CATALOG.entries()) {
      if (index > 0) await page.getByRole("button", { name: "Next scene" }).click();
      await page.getByRole("heading", { name: description.title.en, exact: true }).waitFor();
      await control(page, { action: "speed", speed: 30 });
      await over(page).waitFor();
      const remarks = page.locator("#view-scenes ol > li p");
      expect(await remarks.allTextContents()).toEqual(remarksOf(description).map(({ words }) => words.en));
      expect(await page.locator("#view-connections").getByRole("row").count()).toBeGreaterThan(1);
    }
    expect(await page.getByRole("button", { name: "Next scene" }).isDisabled()).toBe(true);
    expect(await page.evaluate<string>("location.hash")).toContain(`scene=${CATALOG.at(-1)?.id}`);
  });

  test("a remark shows where to look; replay begins anew with the seed, or with another", async () => {
    const page = await open("#scene=three-way-handshake&seed=5&view=scenes");
    await page.getByText("Seed 5", { exact: true }).waitFor();
    await control(page, { action: "speed", speed: 30 });
    await over(page).waitFor();
    await page.getByRole("button", { name: "Show: Packets" }).click();
    await page.locator("#view-packets").waitFor();
    await page.getByRole("button", { name: "With another seed" }).click();
    await page.getByText("Seed 6", { exact: true }).waitFor();
    await over(page).waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  test("in Chinese, in the dark and on a phone it can be read as well", async () => {
    const page = await open("#view=scenes", { viewport: PHONE, locale: "zh-CN", colorScheme: "dark" });
    await page.getByRole("button", { name: "三次握手" }).click();
    await control(page, { action: "speed", speed: 30 });
    await over(page).waitFor();
    expect(await page.locator("#view-scenes ol > li").count()).toBe(5);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "全部场景" }).click();
    expect(await page.locator("#view-scenes ul > li").count()).toBe(CATALOG.length);
    expect(await axeFaults(page)).toEqual([]);
  });

  test("a scene that there is not is said to be none", async () => {
    const page = await open("#scene=none&view=scenes");
    await page.getByText("There is no scene of the name none.").waitFor();
  });
});
