/**
 * Opens the page in a headless Chromium, and watches it: what the console complains of fails the test. Where
 * there is no Chromium the tests are skipped, but not in CI.
 */
import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { AxeResults } from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, describe, expect } from "vitest";

const CHROMIUM = process.env["POSTEL_CHROMIUM"] ?? "/usr/bin/chromium";
/** Root has no sandbox, and a container little shared memory. */
const CHROMIUM_ARGS = ["--no-sandbox", "--disable-dev-shm-usage"];
const isThere = existsSync(CHROMIUM);
if (!isThere && process.env["CI"] === "true") throw new Error(`CI wants a browser at ${CHROMIUM}`);

/** `describe`, with one browser for its tests. */
export const withBrowser = (name: string, tests: () => void): void => {
  describe.skipIf(!isThere)(isThere ? name : `${name} (skipped: no Chromium at ${CHROMIUM})`, () => {
    afterEach(async () => {
      const complaints = opened.splice(0);
      for (const { context } of complaints) await context.close();
      expect(complaints.flatMap(({ faults }) => faults)).toEqual([]);
    });
    afterAll(async () => {
      await (await browser)?.close();
      browser = undefined;
    });
    tests();
  });
};

let browser: Promise<Browser> | undefined;

interface OpenedPage {
  readonly context: BrowserContext;
  readonly faults: string[];
}

const opened: OpenedPage[] = [];

export const LAPTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };
/** With fingers instead of a mouse. */
export const TOUCHED_PHONE = { viewport: PHONE, hasTouch: true, isMobile: true };

/** A page of its own, that nobody else's choices reach. It is closed when the test ends. */
export async function openPage(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  const context = await (await browser).newContext({ viewport: LAPTOP, locale: "en-US", ...options });
  const page = await context.newPage();
  opened.push({ context, faults: faultsOf(page) });
  await page.goto(address);
  await page.locator("#workspace").waitFor();
  return page;
}

/** What went wrong in the page, as it goes wrong. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", error => faults.push(`error: ${error.message}`));
  page.on("console", message => {
    if (message.type() === "error" || message.type() === "warning") {
      faults.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  return faults;
}

let axe: Promise<string> | undefined;

/** Serious and critical faults that axe finds, each with where it is. */
export async function axeFaults(page: Page): Promise<string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(await axe);
  const results = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

export async function screenshot(page: Page, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
}
