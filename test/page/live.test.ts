/** Every view with what is real: a host that runs under the inspector, and the capture of that run. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { curl, startPostel, startUp, temporaryFile } from "../cli/postel.ts";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { freshPage } from "./fresh-page.ts";

const VIEWS = ["ladder", "sequence", "states", "windows", "timers", "packets"] as const;

/** Shows one view after the other; each must have something to show, and nothing that axe objects to. */
async function eachView(page: Page, inspector: string, views: readonly string[]): Promise<void> {
  for (const view of views) {
    await page.goto(`${inspector}#view=${view}`);
    const pane = page.locator(`#view-${view}`);
    await pane.waitFor();
    await expect.poll(() => pane.innerText(), { message: view }).not.toMatch(/No packets/);
    expect(await pane.getByText("has failed").count(), view).toBe(0);
    expect(await axeFaults(page), view).toEqual([]);
  }
}

withBrowser("what is real", () => {
  test("a live host over a wire with losses, and its capture afterwards", async () => {
    await freshPage();
    const capture = temporaryFile("up.pcapng");
    const { up, url } = await startUp(
      ..."--quiet --inspect-port 0 --loss 3% --delay 2ms --seed 7 --pcap".split(" "),
      capture,
    );
    const inspector = await up.printed(/The inspector is at (http:\/\/127\.0\.0\.1:\d+\/)/);
    const page = await openPage(`${inspector}#view=packets`);
    await page.getByText("Live").waitFor();
    await curl(["-o", "/dev/null", `${url}bytes/400000`]);
    await page
      .getByRole("row", { name: /gate.*10\.77/ })
      .first()
      .waitFor();
    await page.getByRole("row", { name: /Flags/ }).first().waitFor();
    await eachView(page, inspector, VIEWS);
    await page.close();
    await up.interrupt();

    const view = startPostel(["view", "--port", "0", capture]);
    const shown = await view.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/);
    const file = await openPage(`${shown}#view=findings`, { viewport: PHONE, locale: "zh-CN" });
    await file.getByRole("list", { name: "发现" }).getByRole("button").first().waitFor();
    await file.setViewportSize({ width: 1366, height: 768 });
    await eachView(file, shown, ["findings", ...VIEWS]);
  }, 180_000);
});
