/** The ladder and the time-sequence view, with a scene that was played and recorded. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { PageServer } from "./page-server.ts";
import { type TracedScene, tracedScene } from "./traced-scene.ts";

withBrowser("ladder and time-sequence", () => {
  let server: PageServer;
  let scene: TracedScene;

  beforeAll(async () => {
    server = await PageServer.start("live");
    scene = tracedScene("fast-retransmit");
  });

  afterAll(() => server.close());

  /** A page that has been told all of the scene's first connection, from both ends, and has drawn it. */
  async function told(view: string, options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
    server.heard.length = 0;
    server.greet = () => server.say(...scene.messages([]));
    const page = await openPage(`${server.address}#view=${view}&connection=1`, options);
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1, 2] });
    const canvas = `#view-${view} canvas`;
    await expect.poll(() => drawn(page, canvas)).toBeGreaterThan(3_000);
    const empty = await drawn(page, canvas);
    server.say(...scene.messages([1, 2]).slice(2));
    await expect.poll(() => drawn(page, canvas)).toBeGreaterThan(1.25 * empty);
    return page;
  }

  /** How much is drawn: the size of the picture. */
  function drawn(page: Page, canvas: string): Promise<number> {
    return page.evaluate<number>(
      `document.querySelector(${JSON.stringify(canvas)})?.toDataURL().length ?? 0`,
    );
  }

  test("the ladder is drawn, told as a table, and walked through by keys; axe finds no fault", async () => {
    const page = await told("ladder");
    const ladder = page.locator("#view-ladder");
    await ladder.getByRole("button", { name: "Table" }).click();
    await ladder.getByRole("cell", { name: "RACK: overtaken by later segments" }).waitFor();
    const picture = ladder.getByRole("region");
    await picture.focus();
    await page.keyboard.press("Home");
    const top = () => page.evaluate<number>('document.querySelector("#view-ladder section").scrollTop');
    await expect.poll(top).toBe(0);
    await expect
      .poll(() => ladder.getByRole("button", { name: "Follow" }).getAttribute("aria-pressed"))
      .toBe("false");
    await page.keyboard.press("ArrowDown");
    const details = ladder.locator("dl");
    await expect.poll(() => details.textContent()).toMatch(/FlagsSYN.*Whyhandshake.*Fatearrived/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => details.textContent()).toMatch(/FlagsSYN ACK.*Acknowledges1/);
    expect(await axeFaults(page)).toEqual([]);
  });

  test("pointing at a line of the ladder tells of its segment", async () => {
    const page = await told("ladder");
    const picture = page.locator("#view-ladder").getByRole("region");
    const box = await picture.boundingBox();
    if (box === null) throw new Error("there is no picture");
    const details = page.locator("#view-ladder dl");
    for (let y = box.height - 5; y > 0 && (await details.count()) === 0; y -= 6) {
      await page.mouse.move(box.x + box.width / 2, box.y + y);
    }
    await expect.poll(() => details.textContent()).toContain("ACK");
  });

  test("the graphs are drawn, told in a sentence, zoomed by wheel and keys; axe finds no fault", async () => {
    const page = await told("sequence");
    const view = page.locator("#view-sequence");
    await view.getByText(/1 sent again \(RACK 1\)/).waitFor();
    const all = view.getByRole("button", { name: "All" });
    const isAll = () => all.getAttribute("aria-pressed");
    expect(await isAll()).toBe("true");
    await view.locator(".u-over").first().hover();
    await page.mouse.wheel(0, -300);
    await expect.poll(isAll).toBe("false");
    await view.getByRole("region").focus();
    await page.keyboard.press("0");
    await expect.poll(isAll).toBe("true");
    await view.getByRole("button", { name: /^cwnd/ }).click();
    expect(await view.getByRole("button", { name: /^cwnd/ }).getAttribute("aria-pressed")).toBe("false");
    expect(await axeFaults(page)).toEqual([]);
  });

  test("the other end's sending is shown, and connections are laid one over the other", async () => {
    const page = await told("sequence");
    const view = page.locator("#view-sequence");
    await view.getByText(/1 sent again/).waitFor();
    await view.getByRole("button", { name: /^server.* sends/ }).click();
    await view.getByText(/ 0 sent again/).waitFor();
    server.say({ type: "rows", time: 1, rows: [...rowsOf(scene), thirdRow(scene)], gone: [] });
    await view.getByRole("combobox").selectOption("3");
    await view.getByText("Congestion windows").waitFor();
    await view.getByRole("button", { name: /^1 \w+ ?[\d.]+ KiB$/ }).waitFor();
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1, 2, 3] });
  });

  test("both fit a phone, in Chinese and in the dark", async () => {
    for (const view of ["ladder", "sequence"]) {
      const page = await told(view, { viewport: PHONE, locale: "zh-CN", colorScheme: "dark" });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
      expect(await axeFaults(page)).toEqual([]);
    }
  });
});

function rowsOf(scene: TracedScene) {
  const [, rows] = scene.messages([]);
  return rows?.type === "rows" ? rows.rows : [];
}

function thirdRow(scene: TracedScene) {
  const [first] = rowsOf(scene);
  if (first === undefined) throw new Error("there is no row");
  return { ...first, connection: 3, localPort: 50_000 };
}
