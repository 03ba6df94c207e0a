/**
 * Takes the pictures of the inspector that the documentation shows: each view, in light and in dark, and a
 * phone. `node scripts/screenshots.mjs [FOLDER] [NAME...]` writes into docs/inspector, or into FOLDER; names
 * choose pictures. Needs a build (`npm run build`) and a Chromium (POSTEL_CHROMIUM, or /usr/bin/chromium).
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const COMMAND = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const FOLDER = process.argv[2] ?? fileURLToPath(new URL("../docs/inspector", import.meta.url));
const WANTED = process.argv.slice(3);

const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };

/** Milliseconds until a scene has something to show, at the speed that it is given here. */
const A_WHILE = 6_000;

/** Of the slider of speeds: so many steps a decade, from a hundredth on. */
const STEPS_A_DECADE = 12;
const SLOWEST = 0.01;

/** @type {Array<{ name: string, place: string, act?: (page: import("playwright-core").Page) => Promise<void>, options?: object, wait?: number, speed?: number }>} */
const PICTURES = [
  { name: "scenes", place: "#view=scenes", wait: 500 },
  {
    name: "ladder",
    place: "#scene=fast-retransmit&view=ladder,scenes",
    speed: 0.5,
    act: showLoss,
    options: { viewport: { width: 1366, height: 900 } },
  },
  { name: "ladder-handshake", place: "#scene=three-way-handshake&view=ladder,scenes" },
  { name: "sequence", place: "#scene=fast-retransmit&view=sequence", speed: 0.2 },
  { name: "congestion", place: "#scene=congestion-control&view=sequence", speed: 2, wait: 12_000 },
  { name: "states", place: "#scene=four-segment-close&view=states", speed: 0.5 },
  { name: "windows", place: "#scene=zero-window&view=windows,timers" },
  { name: "queues", place: "#scene=syn-flood&view=timers" },
  { name: "packets", place: "#scene=three-way-handshake&view=packets", act: choosePacket },
  {
    name: "dark",
    place: "#scene=fast-retransmit&view=ladder,sequence",
    speed: 0.2,
    options: { colorScheme: "dark" },
  },
  {
    name: "dark-packets",
    place: "#scene=three-way-handshake&view=packets",
    act: choosePacket,
    options: { colorScheme: "dark" },
  },
  { name: "chinese", place: "#scene=three-way-handshake&view=ladder,scenes", options: { locale: "zh-CN" } },
  { name: "phone-scenes", place: "#scene=fast-retransmit&view=scenes", options: { viewport: PHONE } },
  { name: "phone-ladder", place: "#scene=fast-retransmit&view=ladder", options: { viewport: PHONE } },
];

async function hurry(page, speed) {
  const place = STEPS_A_DECADE * Math.log10(speed / SLOWEST);
  await page
    .locator("#view-controls input[type=range]")
    .first()
    .fill(String(Math.round(place)));
}

/** A lost segment and what was sent in its place: where the scene told of the loss, above the middle. */
async function showLoss(page) {
  await page.locator("#view-scenes article[data-over=true]").waitFor();
  await page.locator("#view-scenes ol button").first().click();
  await page.getByRole("button", { name: "Close Scenes" }).click();
  await page.getByTitle("Fold the table").click();
  const ladder = page.locator("#view-ladder");
  for (let i = 0; i < 2; i++) await ladder.getByRole("button", { name: "Zoom out" }).click();
  await ladder.locator("section[tabindex]").evaluate(place => place.scrollBy(0, 270));
  await page.waitForTimeout(500);
}

async function choosePacket(page) {
  await page
    .getByRole("row", { name: /Flags \[S/ })
    .first()
    .click();
  await page.getByRole("treeitem", { name: /^Sequence number/ }).click();
}

/** The page, served with nothing but the scenes. */
async function serve() {
  const server = spawn(process.execPath, [COMMAND, "view", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  for await (const chunk of server.stdout) {
    told += chunk;
    const [address] = /http:\/\/\S+/.exec(told) ?? [];
    if (address !== undefined) return { address, close: () => server.kill() };
  }
  throw new Error(`"postel view" has told no address: ${told}`);
}

async function take(browser, address, { name, place, act, options, speed, wait = A_WHILE }) {
  const context = await browser.newContext({ viewport: LAPTOP, locale: "en-US", ...options });
  const page = await context.newPage();
  page.on("console", message => {
    if (message.type() === "error") console.error(`${name}: ${message.text()}`);
  });
  await page.goto(`${address}${place}`);
  await page.locator("#workspace").waitFor();
  if (speed !== undefined) await hurry(page, speed);
  await page.waitForTimeout(wait);
  await act?.(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`${name}.png`);
  await context.close();
}

mkdirSync(FOLDER, { recursive: true });
const server = await serve();
try {
  const browser = await chromium.launch({
    executablePath: process.env["POSTEL_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    for (const picture of PICTURES) {
      if (WANTED.length === 0 || WANTED.includes(picture.name)) await take(browser, server.address, picture);
    }
  } finally {
    await browser.close();
  }
} finally {
  server.close();
}
