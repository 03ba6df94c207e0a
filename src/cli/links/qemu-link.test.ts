import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { connectTcp, listenTcp } from "../../socket/socket.ts";
import { ip } from "../../wire/address.ts";
import { openQemuLink } from "./qemu-link.ts";

const folder = mkdtempSync(join(tmpdir(), "postel-qemu-"));
afterAll(() => rmSync(folder, { recursive: true }));

function end(path: string, address: string) {
  const addresses = [{ address: ip(address), prefixLength: 24 }];
  const onLost = () => undefined;
  return openQemuLink({ path, addresses, gateways: undefined, onLost }, device => device);
}

test("two ends of one socket: who comes first waits for the other, and both are on one wire", async () => {
  const path = join(folder, "vm.sock");
  const first = end(path, "10.0.0.1");
  await new Promise(resolve => setTimeout(resolve, 50));
  const [a, b] = await Promise.all([first, end(path, "10.0.0.2")]);
  const listener = listenTcp(b.host, { port: 7 });
  const stream = connectTcp(a.host, { remote: ip("10.0.0.2"), remotePort: 7 });
  await stream.opened;
  for await (const accepted of listener) {
    expect(accepted.remoteAddress).toBe("10.0.0.1");
    break;
  }
  stream.abort();
  await Promise.all([a.end(), b.end()]);
});

test("a socket that nobody listens to any more, and one that cannot be made", async () => {
  const dead = join(folder, "dead");
  writeFileSync(dead, "");
  await expect(end(dead, "10.0.0.1")).rejects.toThrow("nobody listens there any more: remove the file.");
  await expect(end(join(folder, "no", "vm"), "10.0.0.1")).rejects.toThrow("cannot be made");
});

test("who waits for a machine says so, and an interrupt ends it without a trace", async () => {
  const path = join(folder, "nobody");
  const interrupt = new AbortController();
  const onWaiting = vi.fn(() => interrupt.abort());
  const options = { path, addresses: undefined, gateways: undefined, onLost: () => undefined };
  const opening = openQemuLink({ ...options, onWaiting, interrupted: interrupt.signal }, device => device);
  await expect(opening).rejects.toMatchObject({
    exitCode: 130,
    message: `No virtual machine has connected to ${path}.`,
  });
  expect(onWaiting).toHaveBeenCalledOnce();
  expect(existsSync(path)).toBe(false);
});
