/** The page at the inspector that `postel up` opens, and at the server of `postel view`: nothing is played. */
import { beforeAll, expect, test } from "vitest";
import { curl, startPostel, startUp, temporaryFile } from "../cli/postel.ts";
import { axeFaults, openPage, withBrowser } from "./browser.ts";
import { freshPage } from "./fresh-page.ts";

const VIEWS = ["ladder", "sequence", "states", "windows", "timers", "packets"];

withBrowser("the page at a live host", () => {
  beforeAll(() => freshPage());

  test("each view shows the connections of postel up while they run; axe finds no fault", async () => {
    const { up, url } = await startUp("--quiet", "--delay", "5ms", "--loss", "1%", "--seed", "3");
    const inspector = await up.printed(/The inspector is at (http:\/\/127\.0\.0\.1:\d+\/)/);
    const download = curl(["-o", "/dev/null", "--limit-rate", "2M", `${url}bytes/3000000`]);
    const page = await openPage(inspector);
    await page.getByText("10.77.0.2").first().waitFor();
    for (const view of VIEWS) {
      await page.goto(`${inspector}#view=${view}&connection=1`);
      await page.locator(`#view-${view}`).waitFor();
      await expect.poll(() => page.locator(`#view-${view}`).innerText()).not.toBe("");
    }
    expect(await axeFaults(page)).toEqual([]);
    await download;
    await up.interrupt();
    await page
      .getByText(/lost|ended|closed/i)
      .first()
      .waitFor();
  });

  test("the page answers while a connection runs at full speed", async () => {
    const { up, url } = await startUp("--quiet");
    const inspector = await up.printed(/The inspector is at (http:\/\/127\.0\.0\.1:\d+\/)/);
    const page = await openPage(`${inspector}#view=ladder,windows`);
    const download = curl(["-o", "/dev/null", `${url}bytes/100000000`]);
    let answers = 0;
    let isOver = false;
    const over = download.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await page.evaluate("new Promise(resolve => requestAnimationFrame(resolve))");
      answers++;
    }
    await over;
    expect(answers).toBeGreaterThan(5);
    await up.interrupt();
  });

  test("postel view shows a capture", async () => {
    const path = temporaryFile("ping.pcapng");
    await startPostel(["get", "--link", "sim", "--pcap", path, "-o", "/dev/null", "http://target/"]).ended;
    const view = startPostel(["view", "--port", "0", path]);
    const page = await openPage(await view.printed(/Open (http:\/\/127\.0\.0\.1:\d+\/) in a browser/));
    await page.getByText("203.0.113.10").first().waitFor();
    await view.interrupt();
  });
});
