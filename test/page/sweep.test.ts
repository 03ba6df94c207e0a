/**
 * Every view in every guise: two languages, two themes, a laptop and a phone; changed by the page's own controls,
 * with a scene that has been played, and with its packets as a file. POSTEL_PICTURES names a folder: a picture
 * of each is kept there, for eyes.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VIEW_IDS } from "../../page/src/state/view-id.ts";
import { axeFaults, LAPTOP, openPage, screenshot, TOUCHED_PHONE, withBrowser } from "./browser.ts";
import { PageServer } from "./page-server.ts";

const PICTURES = process.env["POSTEL_PICTURES"];
const SCENE = "scene=fast-retransmit&seed=1";
/** Each is one change away from the one before. */
const GUISES = [
  { theme: "light", language: "en" },
  { theme: "dark", language: "en" },
  { theme: "dark", language: "zh-CN" },
  { theme: "light", language: "zh-CN" },
] as const;
/** Those that axe looks at: each theme and each language once. */
const EXAMINED: readonly unknown[] = [GUISES[0], GUISES[2]];

/** All that is shown and told, but for what says itself that it is in a language of its own. */
const TEXTS = `(() => {
  const found = [];
  const add = text => { if (text?.trim()) found.push(text.trim().replace(/\\s+/g, " ")); };
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("[lang]:not(html), script, style")) continue;
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) add(node.data);
    for (const name of ["title", "aria-label", "aria-description", "aria-valuetext", "placeholder"])
      add(element.getAttribute(name));
  }
  return found;
})()`;

/** Three words in a row: no name of a state, nor of a field. */
const SENTENCE = /[A-Za-z][a-z’']+(?:[ ,]+[A-Za-z][a-z’']+){2,}/;

withBrowser("every view in every guise", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("none");
  });

  afterAll(() => server.close());

  test.each([
    ["laptop", { viewport: LAPTOP }],
    ["phone", TOUCHED_PHONE],
  ])(
    "on a %s",
    async (size, options) => {
      const page = await openPage(`${server.address}#${SCENE}&view=controls`, options);
      await page.locator("#view-controls input[type=range]").fill("36");
      for (const view of VIEW_IDS.filter(id => id !== "findings")) {
        await show(page, view);
        if (view === "scenes") await page.locator('#view-scenes article[data-over="true"]').waitFor();
        if (view === "packets") await page.locator("#view-packets tbody tr[id]").nth(3).click();
        await inEveryGuise(page, `${view}-${size}`);
      }
      await page.getByRole("button", { name: "帮助" }).click();
      await inEveryGuise(page, `help-${size}`);
      await page.keyboard.press("Escape");
      await openItsPackets(page);
      await inEveryGuise(page, `findings-${size}`);
    },
    120_000,
  );

  async function show(page: Page, view: string): Promise<void> {
    await page.evaluate(`location.hash = "#${SCENE}&connection=1&view=${view}"`);
    await page.locator(`#view-${view}`).waitFor();
  }

  /** The packets of the scene as a file: downloaded, and opened. */
  async function openItsPackets(page: Page): Promise<void> {
    await show(page, "packets");
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "下载" }).click();
    await page.locator("input[type=file]").setInputFiles(await (await downloading).path());
    await page.locator("#view-findings li").first().waitFor();
  }

  async function inEveryGuise(page: Page, name: string): Promise<void> {
    const said: Record<string, readonly string[]> = {};
    for (const guise of GUISES) {
      const where = `${name}-${guise.language}-${guise.theme}`;
      const [theme, language] = [page.locator("header select").nth(0), page.locator("header select").nth(1)];
      // A dialog stands before them.
      await theme.selectOption(guise.theme, { force: true });
      await language.selectOption(guise.language, { force: true });
      said[guise.language] = await page.evaluate<readonly string[]>(TEXTS);
      const overflow = "document.documentElement.scrollWidth - innerWidth";
      expect.soft(await page.evaluate(overflow), where).toBe(0);
      if (EXAMINED.includes(guise)) expect.soft(await axeFaults(page), where).toEqual([]);
      if (PICTURES !== undefined) await screenshot(page, join(PICTURES, `${where}.png`));
    }
    const english = new Set(said["en"]);
    const untold = said["zh-CN"]?.filter(text => english.has(text) && SENTENCE.test(text));
    expect.soft([...new Set(untold)], `${name}: not in Chinese`).toEqual([]);
  }
});
