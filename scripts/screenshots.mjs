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

/** Milliseconds until a scene has something to show. */
const A_WHILE = 6_000;

/** @type {Array<{ name: string, place: string, act?: (page: import("playwright-core").Page) => Promise<void>, options?: object, wait?: number }>} */
const PICTURES = [
  { name: "scenes", place: "#view=scenes", wait: 500 },
  { name: "ladder", place: "#scene=fast-retransmit&view=ladder,scenes" },
  { name: "ladder-handshake", place: "#scene=three-way-handshake&view=ladder,scenes" },
  { name: "sequence", place: "#scene=fast-retransmit&view=sequence", wait: 9_000 },
  { name: "congestion", place: "#scene=congestion-control&view=sequence", wait: 12_000 },
  { name: "states", place: "#scene=four-segment-close&view=states" },
  { name: "windows", place: "#scene=zero-window&view=windows,timers" },
  { name: "queues", place: "#scene=syn-flood&view=timers" },
  { name: "packets", place: "#scene=three-way-handshake&view=packets", act: choosePacket },
  { name: "dark", place: "#scene=fast-retransmit&view=ladder,sequence", options: { colorScheme: "dark" } },
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

const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env["POSTEL_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
mkdirSync(FOLDER, { recursive: true });
for (const { name, place, act, options, wait = A_WHILE } of PICTURES) {
  if (WANTED.length > 0 && !WANTED.includes(name)) continue;
  const context = await browser.newContext({ viewport: LAPTOP, locale: "en-US", ...options });
  const page = await context.newPage();
  page.on("console", message => {
    if (message.type() === "error") console.error(`${name}: ${message.text()}`);
  });
  await page.goto(`${server.address}${place}`);
  await page.locator("#workspace").waitFor();
  await page.waitForTimeout(wait);
  await act?.(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`${name}.png`);
  await context.close();
}
await browser.close();
server.close();
