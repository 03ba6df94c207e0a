/** Reading into buffers of one's own, with pauses. */
import { once } from "node:events";
import net from "node:net";
import { actor } from "../event-log.mjs";

const log = actor("reader");
const server = net
  .createServer(socket => socket.end(Buffer.alloc(10_000, "0123456789")))
  .listen(0, "127.0.0.1");
await once(server, "listening");
const sizes = [700, 100, 3_000, 1];
let turn = 0;
let total = 0;
for (const buffer of [Buffer.alloc(1_000), () => Buffer.alloc(sizes[turn++ % sizes.length])]) {
  total = 0;
  const client = net.connect({
    port: server.address().port,
    host: "127.0.0.1",
    onread: {
      buffer,
      callback(count, bytes) {
        total += count;
        log("read", count, bytes.length, bytes.toString("latin1", 0, 10));
        if (total < 5_000 || total > 6_000) return true;
        setTimeout(() => client.resume(), 10);
        return false;
      },
    },
  });
  await once(client, "close");
  log("total", total, client.bytesRead);
}
server.close();
