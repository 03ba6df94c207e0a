/** The frame of the page: views beside each other, languages, colours, keys, widths, a lost inspector. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { hello, row } from "./messages.ts";
import { PageServer } from "./page-server.ts";

withBrowser("the frame", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("live");
  });

  afterAll(() => server.close());

  afterEach(() => {
    server.heard.length = 0;
  });

  function greeted(): void {
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows: [row(1), row(2)], gone: [] });
  }

  test("what is open is told, the first connection is watched, and axe finds no fault", async () => {
    greeted();
    const page = await openPage(server.address);
    await page.getByText("A test").waitFor();
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1] });
    expect(await page.evaluate<string>("location.hash")).toBe("#view=ladder,sequence&connection=1");
    expect(await axeFaults(page)).toEqual([]);
  });

  test("views are shown beside each other by button and by key, as the address says", async () => {
    greeted();
    const page = await openPage(`${server.address}#view=states`);
    await page.locator("#view-states").waitFor();
    await page.keyboard.press("5");
    await page.locator("#view-windows").waitFor();
    expect(await page.locator("main > section").count()).toBe(2);
    await page.getByRole("button", { name: "Packets" }).click();
    await page.locator("#view-packets").waitFor();
    expect(await page.locator("#view-states").count()).toBe(0);
    await page.getByRole("button", { name: "Packets", exact: true }).click();
    expect(await page.locator("main > section").count()).toBe(1);
    await expect.poll(() => page.evaluate<string>("location.hash")).toMatch(/^#view=windows/);
  });

  test("the words change with the language, which is kept", async () => {
    greeted();
    const page = await openPage(server.address, { locale: "zh-CN" });
    await page.getByRole("button", { name: "打开文件" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
    await page.getByLabel("语言").selectOption("en");
    await page.getByRole("button", { name: "Open file" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Open file" }).waitFor();
  });

  test("colours follow the system, until the user chooses", async () => {
    greeted();
    const page = await openPage(server.address, { colorScheme: "dark" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await background()).toBe("rgb(16, 20, 26)");
    expect(await axeFaults(page)).toEqual([]);
    await page.getByLabel("Colours").selectOption("light");
    expect(await background()).toBe("rgb(247, 248, 250)");
  });

  test("? lists the keys, and they can be turned off", async () => {
    greeted();
    const page = await openPage(server.address);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await help.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await expect.poll(() => help.isVisible()).toBe(false);
    await page.keyboard.press("?");
    expect(await help.isVisible()).toBe(false);
  });

  test("the keyboard is never left nowhere: dialogs give back the focus, what is closed hands it on", async () => {
    greeted();
    const page = await openPage(`${server.address}#view=states,scenes`);
    const focused = () =>
      page.evaluate<string>("document.activeElement.id || document.activeElement.textContent");
    await page.getByRole("button", { name: "Help" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(focused).toBe("Help");
    await page.getByRole("button", { name: "Close States" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("workspace");
    await page.getByRole("button", { name: /^Three-way handshake/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "All scenes" }).waitFor();
    await expect.poll(focused).toBe("view-scenes");
    await page.getByRole("button", { name: "All scenes" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("view-scenes");
  });

  test("a phone shows one view at a time, nothing is wider than it", async () => {
    greeted();
    const page = await openPage(server.address, { viewport: PHONE });
    expect(await page.locator("main > section").count()).toBe(1);
    await page.getByRole("button", { name: "Connections" }).click();
    await page.locator("#view-connections").waitFor();
    expect(await page.locator("main > section").count()).toBe(1);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
    expect(await axeFaults(page)).toEqual([]);
  });

  test("a lost inspector is told of, and asked again for what was watched", async () => {
    greeted();
    const page = await openPage(`${server.address}#connection=2`);
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [2] });
    server.heard.length = 0;
    server.greet = () => {};
    server.hangUp();
    await page.getByText("The connection to the inspector is lost").waitFor();
    await page.getByText("A test").waitFor();
    greeted();
    server.greet();
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [2] });
    await expect.poll(() => page.getByText("is lost").count()).toBe(0);
  });
});
