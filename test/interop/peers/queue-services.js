/**
 * What the workers of queues.test.ts serve. `queue.data.counts` is shared: for each worker the connections
 * served, the strays received, and the bytes that have come over connections that it opened itself.
 */
import { connectTcp, listenTcp, openUdp } from "@postel/stack/socket";
import { ip } from "@postel/stack/wire";

const SERVED = 0;
const STRAYS = 1;
const HEARD = 2;
const COUNTS = 3;

export function serve(host, queue) {
  const { counts, crash, opens = 0, remote, remotePort } = queue.data;
  const at = COUNTS * queue.index;
  if (crash === "at once") throw new Error("a bug at once");
  void echo(host, 7, () => {
    if (crash === "when asked") queue.driver.schedule(queue.driver.now(), fail);
    Atomics.add(counts, at + SERVED, 1);
  });
  // The last worker alone has these.
  if (queue.index === queue.count - 1) {
    void echo(host, 8, () => Atomics.add(counts, at + SERVED, 1));
    void answer(openUdp(host, { port: 9 }));
  }
  for (let i = 0; i < opens; i++) {
    const stream = connectTcp(host, { remote: ip(remote), remotePort });
    void hear(stream, bytes => Atomics.add(counts, at + HEARD, bytes));
  }
  const timer = setInterval(() => Atomics.store(counts, at + STRAYS, queue.strays.received), 10);
  return () => clearInterval(timer);
}

function fail() {
  throw new Error("a bug when asked");
}

async function echo(host, port, served) {
  for await (const stream of listenTcp(host, { port })) {
    served();
    stream.readable.pipeTo(stream.writable).catch(() => undefined);
  }
}

async function answer(socket) {
  for await (const { bytes, source, sourcePort } of socket) {
    socket.send(bytes, { address: source, port: sourcePort });
  }
}

async function hear(stream, heard) {
  for await (const bytes of stream.readable) heard(bytes.length);
}
