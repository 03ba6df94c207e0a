/** Two ends of a connection of the kernel's, over its loopback; they are gone with the test. */
import { once } from "node:events";
import { createServer, Socket } from "node:net";
import { onTestFinished } from "vitest";

export async function kernelSocketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const near = new Socket({ allowHalfOpen: true }).connect(port, "127.0.0.1");
  const [[far]] = await Promise.all([once(server, "connection") as Promise<[Socket]>, once(near, "connect")]);
  server.close();
  for (const socket of [near, far]) {
    socket.on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
  }
  return [near, far];
}
