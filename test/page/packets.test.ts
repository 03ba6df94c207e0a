/** Packets: lines, fields and bytes that light each other, filters, what is left out, what is downloaded. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCapture } from "../../src/capture/capture-file.ts";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { hello, tcpPacket } from "./messages.ts";
import { PageServer } from "./page-server.ts";

withBrowser("packets", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("live");
  });

  afterAll(() => server.close());

  const evil = "GET /<img src=x onerror=alert(1)> HTTP/1.1";
  const address = (): string => `${server.address}#view=packets`;

  function greeted(): void {
    server.heard.length = 0;
    const packets = [tcpPacket(1), tcpPacket(2, evil), tcpPacket(3, "more")];
    server.greet = () => server.say(hello(), { type: "packets", packets, skipped: 12 });
  }

  test("a line for each, and what was left out; axe finds no fault, in light and in dark", async () => {
    greeted();
    const page = await openPage(address());
    await page.getByText("Flags [S], seq 4096").waitFor();
    await page.getByText("12 left out").waitFor();
    expect(server.heard).toContainEqual({ type: "watch-packets", on: true });
    await page.getByRole("row", { name: /length 42/ }).click();
    await page.getByRole("tree", { name: "Fields" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByLabel("Colours").selectOption("dark");
    expect(await axeFaults(page)).toEqual([]);
  });

  test("a field lights its bytes, and a byte its field, by pointer and by key", async () => {
    greeted();
    const page = await openPage(address());
    await page.getByRole("row", { name: /length 42/ }).click();
    const lit = (): Promise<string> =>
      page.evaluate("[...document.querySelectorAll('[data-at][data-lit]')].map(e => e.dataset.at).join()");
    await page.getByRole("treeitem", { name: /^Sequence number/ }).hover();
    expect(await lit()).toBe("24,25,26,27,24,25,26,27");
    await page.getByText("tcp.seq").waitFor();
    const bytes = page.getByRole("application", { name: /Bytes/ });
    await bytes.locator("[data-at='8']").first().click();
    await page.getByRole("treeitem", { name: /^Time to live/, selected: true }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("treeitem", { name: /^Protocol/, selected: true }).waitFor();
    const fields = page.getByRole("tree", { name: "Fields" });
    await fields.focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(lit).toBe("10,11,10,11");
  });

  test("what a packet carries is text, never a part of the page", async () => {
    greeted();
    const page = await openPage(address());
    await page.getByRole("row", { name: /length 42/ }).click();
    const letters = page.getByRole("application", { name: /Bytes/ });
    await expect.poll(() => letters.innerText()).toContain("<");
    expect(await page.locator("#page img").count()).toBe(0);
  });

  test("a filter is checked here, and asked for; the list begins anew", async () => {
    greeted();
    const page = await openPage(address());
    await page.getByText("3 packets").waitFor();
    const filter = page.getByLabel("Filter packets");
    await filter.fill("tcp prt 80");
    await page.getByText(/At character/).waitFor();
    await filter.press("Enter");
    expect(server.heard.filter(({ type }) => type === "watch-packets")).toHaveLength(1);
    await filter.fill("tcp port 80");
    await filter.press("Enter");
    await expect
      .poll(() => server.heard)
      .toContainEqual({ type: "watch-packets", on: true, filter: "tcp port 80" });
    await page.getByText("0 packets").waitFor();
  });

  test("the list can be held, and downloaded as pcapng", async () => {
    greeted();
    const page = await openPage(address());
    await page.getByText("3 packets").waitFor();
    await page.getByRole("button", { name: "Hold" }).click();
    server.say({ type: "packets", packets: [tcpPacket(4)], skipped: 0 });
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const { packets } = readCapture(await readFile(await (await downloading).path()));
    expect(packets.map(({ bytes }) => bytes.length)).toEqual([44, 82, 44]);
    await page.getByRole("button", { name: "Hold" }).click();
    await page.getByText("4 packets").waitFor();
  });

  test("on a phone all is within reach, and fields and bytes stand below each other", async () => {
    greeted();
    const page = await openPage(address(), { viewport: PHONE });
    const download = await page.getByRole("button", { name: "Download" }).boundingBox();
    expect((download?.x ?? PHONE.width) + (download?.width ?? 0)).toBeLessThan(PHONE.width);
    await page.getByRole("row", { name: /length 42/ }).click();
    const fields = await page.getByRole("tree", { name: "Fields" }).boundingBox();
    const bytes = await page.getByRole("application", { name: /Bytes/ }).boundingBox();
    expect(bytes?.y).toBeGreaterThanOrEqual((fields?.y ?? 0) + (fields?.height ?? 0));
    expect(await axeFaults(page)).toEqual([]);
  });
});
