/** What cannot work on a stack of one's own says so, by an error that names the limit. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = fileURLToPath(new URL("refused", import.meta.url));
const register = fileURLToPath(new URL("../../dist/cli/program/register.js", import.meta.url));

test.each([
  ["send.cjs", "To send a socket to another process"],
  ["cluster.cjs", "To send a socket to another process"],
])("%s: %s", async (program, what) => {
  const { stdout } = await run(process.execPath, ["--import", register, `${here}/${program}`]);
  expect(stdout).toContain(`ERR_POSTEL_UNSUPPORTED ${what} is not possible with Postel's sockets`);
});

test("a descriptor that is a socket of the kernel's", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const socket = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  await once(socket, "connect");
  const child = spawn(process.execPath, ["--import", register, `${here}/descriptor.cjs`], {
    stdio: [socket, "pipe", "inherit"],
  });
  const [text] = await once(child.stdout, "data");
  expect(String(text)).toContain("ERR_POSTEL_UNSUPPORTED To take over descriptor 0");
  socket.destroy();
  server.close();
});

test("the permission model", async () => {
  const args = ["--experimental-permission", "--allow-fs-read=*", "--import", register, "--eval", "0"];
  await expect(run(process.execPath, args)).rejects.toThrow("Postel needs process.binding");
});
