/** The table of connections: live rows, ten thousand of them, sorted, filtered, chosen. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { hello, row } from "./messages.ts";
import { PageServer } from "./page-server.ts";

withBrowser("the table of connections", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("live");
  });

  afterAll(() => server.close());

  const many = Array.from({ length: 10_000 }, (_, index) => row(index + 1));

  test("rows come, change and go while they are watched", async () => {
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows: [row(1), row(2)], gone: [] });
    const page = await openPage(server.address);
    const table = page.getByRole("grid", { name: "Connections" });
    await table.getByRole("row", { name: /40001/ }).waitFor();
    const news = row(2, { state: "TIME-WAIT", sendRate: 1_250_000, verdicts: ["losing", "idle"] });
    server.say({ type: "rows", time: 1, rows: [news, row(3)], gone: [1] });
    const changed = table.getByRole("row", { name: /40002/ });
    await changed.getByText("TIME-WAIT").waitFor();
    expect(await changed.innerText()).toContain("10 Mbit/s");
    expect(await changed.getByText("losing").getAttribute("title")).toContain("lost");
    await table.getByRole("row", { name: /40003/ }).waitFor();
    await expect.poll(() => table.getByRole("row", { name: /40001/ }).count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
  });

  test("of ten thousand rows only those in sight are in the document", async () => {
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows: many, gone: [] });
    const page = await openPage(server.address);
    await page.getByText("10,000 of 10,000").waitFor();
    const table = page.getByRole("grid", { name: "Connections" });
    expect(await table.getAttribute("aria-rowcount")).toBe("10001");
    expect(await table.getByRole("row").count()).toBeLessThan(60);
    await table.focus();
    await page.keyboard.press("End");
    await table.getByRole("row", { name: /50000/, selected: true }).waitFor();
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [10_000] });
    server.say({ type: "rows", time: 1, rows: many.map(old => ({ ...old, retransmissions: 7 })), gone: [] });
    await table.getByRole("row", { name: /50000/ }).getByText("7", { exact: true }).waitFor();
    expect(await table.getByRole("row").count()).toBeLessThan(60);
  });

  test("a click on a column sorts; / leads to the filter, which says what it does not understand", async () => {
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows: many.slice(0, 50), gone: [] });
    const page = await openPage(server.address);
    const table = page.getByRole("grid", { name: "Connections" });
    await table.getByRole("button", { name: "Sent", exact: true }).click();
    await table.getByRole("row", { name: /40050/ }).waitFor();
    expect(
      await table.getByRole("columnheader", { name: "Sent", exact: true }).getAttribute("aria-sort"),
    ).toBe("descending");
    await table.focus();
    await page.keyboard.press("/");
    await page.keyboard.type("port:40007");
    await page.getByText("1 of 50").waitFor();
    await page.keyboard.type(" sate:x");
    await page.getByText("There is no key “sate”.").waitFor();
  });

  test("the other end of a connection is watched with it", async () => {
    const end = { local: "10.0.0.2", localPort: 80, remote: "10.0.0.1", role: "passive", host: "b" } as const;
    const rows = [row(1), row(2, { ...end, remotePort: 40_001 }), row(3)];
    server.greet = () => server.say(hello(), { type: "rows", time: 0, rows, gone: [] });
    const page = await openPage(server.address);
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1, 2] });
    await page.getByRole("row", { name: /40003/ }).click();
    await expect.poll(() => server.heard.at(-1)).toEqual({ type: "watch", connections: [3] });
  });

  test("names from outside are text, and on a phone too", async () => {
    const host = "<img src=x onerror=alert(1)>";
    const rows = [row(1, { host, error: "<script>alert(1)</script>" }), row(2)];
    server.greet = () => server.say(hello({ title: host }), { type: "rows", time: 0, rows, gone: [] });
    const page = await openPage(`${server.address}#view=connections`, { viewport: PHONE });
    await page.getByRole("banner").getByText(host).waitFor();
    await page.getByRole("grid", { name: "Connections" }).waitFor();
    expect(await page.locator("img, script:not([src])").count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
  });
});
