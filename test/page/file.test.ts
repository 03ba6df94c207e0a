/** Files: chosen, dropped, and served; captures and traces; what is none of them. */
import type { FileChooser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { captureOf } from "../../page/src/views/packets/shown-capture.ts";
import { TraceWriter } from "../../src/trace/json-lines.ts";
import { axeFaults, openPage, withBrowser } from "./browser.ts";
import { tcpPacket } from "./messages.ts";
import { PageServer } from "./page-server.ts";

const CAPTURE = Buffer.concat(captureOf([tcpPacket(1), tcpPacket(2, "GET"), tcpPacket(3, "more")], 1e15));

function trace(): Buffer {
  const chunks: string[] = [];
  const writer = new TraceWriter(chunk => chunks.push(chunk), {
    title: "A recorded trace",
    hosts: ["client"],
  });
  const head = { time: 5, host: "client", connection: 1 } as const;
  const ends = { local: "10.0.0.1", localPort: 5, remote: "10.0.0.2", remotePort: 80 } as const;
  writer.event({ ...head, name: "tcp:opened", data: { ...ends, role: "active", congestionControl: "bbr" } });
  writer.event({
    ...head,
    name: "tcp:state",
    data: { from: "CLOSED", to: "SYN-SENT", cause: "active OPEN, SYN sent" },
  });
  writer.flush();
  return Buffer.from(chunks.join(""));
}

/** The next file chooser of the page; it is awaited before anything is pressed. */
async function choosing(page: Page): Promise<{ readonly chooser: Promise<FileChooser> }> {
  const chooser = page.waitForEvent("filechooser");
  await page.evaluate("0");
  return { chooser };
}

withBrowser("files", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("none");
  });

  afterAll(() => server.close());

  test("a capture that is chosen shows its connections, findings and packets", async () => {
    const page = await openPage(server.address);
    const { chooser } = await choosing(page);
    await page.getByRole("button", { name: "Open file" }).click();
    await (await chooser).setFiles({ name: "x.pcapng", mimeType: "", buffer: CAPTURE });
    await page
      .getByRole("row", { name: /10\.0\.0\.1:40001/ })
      .first()
      .waitFor();
    await page.getByRole("list", { name: "Findings" }).getByRole("button").first().waitFor();
    await page.getByRole("button", { name: "Packets", exact: true }).click();
    await page.getByText("3 packets").waitFor();
    await page.getByLabel("Filter packets").fill("tcp[13] & 2 != 0");
    await page.getByLabel("Filter packets").press("Enter");
    await page.getByText("1 packets").waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  test("a trace that is dropped shows its connections", async () => {
    const page = await openPage(server.address);
    const text = JSON.stringify(trace().toString("utf8"));
    await page.evaluate(`{
      const data = new DataTransfer();
      data.items.add(new File([${text}], "a.jsonl"));
      const zone = document.querySelector("#workspace");
      for (const type of ["dragover", "drop"]) {
        zone.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    }`);
    await page.getByRole("banner").getByText("A recorded trace").waitFor();
    await page.getByRole("row", { name: /10\.0\.0\.1:5.*SYN-SENT/ }).waitFor();
  });

  test("what is neither is told, and the page goes on", async () => {
    const page = await openPage(server.address);
    const { chooser } = await choosing(page);
    await page.keyboard.press("o");
    await (await chooser).setFiles({ name: "a.txt", mimeType: "", buffer: Buffer.from("Dear all") });
    await page.getByText("a.txt is neither a capture (pcap, pcapng) nor a trace.").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => page.getByText("is neither").count()).toBe(0);
  });

  test("in Chinese, what is wrong with a file is told in Chinese", async () => {
    const page = await openPage(server.address, { locale: "zh-CN" });
    const choose = (name: string, bytes: Buffer) =>
      page.locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer: bytes });
    await choose("a.txt", Buffer.from("Dear all"));
    await page.getByText("a.txt 既不是抓包文件（pcap、pcapng），也不是跟踪文件。").waitFor();
    await choose("half.pcapng", CAPTURE.subarray(0, 300));
    await page.getByText(/抓包文件在第 \d+ 字节处损坏：文件不完整。/).waitFor();
    await page.getByLabel("语言").selectOption("en");
    await page.getByText(/The capture is damaged at byte \d+: the file ends within a block\./).waitFor();
    await page.getByRole("button", { name: "Packets", exact: true }).click();
    await page.getByLabel("Filter packets").fill("tcp port x");
    await page.getByText("At character 10: a port number").waitFor();
    await page.getByLabel("Language").selectOption("zh-CN");
    await page.getByText("第 10 个字符：这里应是端口号或常用端口的名称，而不是“x”。").waitFor();
  });

  test("a file that the server has is opened by itself, with the connection that the address names", async () => {
    const served = await PageServer.forTest({ name: "served.pcapng", bytes: CAPTURE });
    const page = await openPage(`${served.address}#connection=2`);
    await page.getByRole("banner").getByText("served.pcapng").waitFor();
    await page.getByRole("row", { name: /10\.0\.0\.2:80/, selected: true }).waitFor();
  });
});
