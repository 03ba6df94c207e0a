/** Back-pressure: who does not read stops who writes, and nothing is lost. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { actor } from "../event-log.mjs";

const TOTAL = 40_000_000;
const log = actor("pressure");
const server = net.createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const client = net.connect(server.address().port, "127.0.0.1");
const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "connect")]);
accepted.pause();
client.resume();

const sent = createHash("sha1");
const piece = Buffer.alloc(1_000_000, "the quick brown fox");
let written = 0;
let callbacks = 0;
for (let i = 0; i < TOTAL / piece.length; i++) {
  piece[i] = i;
  sent.update(piece);
  client.write(Buffer.from(piece), () => callbacks++);
  written += piece.length;
}
client.end();
await sleep(100);
log("stuck", client.writableLength > 0, callbacks < 40, client.bytesWritten === written);
const received = createHash("sha1");
let largest = 0;
accepted.on("data", data => {
  largest = Math.max(largest, data.length);
  received.update(data);
});
client.on("finish", () => log("finish", callbacks));
accepted.resume();
await Promise.all([once(accepted, "end"), once(client, "close")]);
log("received", accepted.bytesRead, largest <= 65_536, received.digest("hex") === sent.digest("hex"));
server.close();
