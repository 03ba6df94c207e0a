// UDP: what arrives and from whom, what a connected socket hears of a refusal, options before there is a
// socket, groups, errors, and in which order callbacks and events come.
import dgram from "node:dgram";
import { once } from "node:events";
import { actor, describe } from "../event-log.mjs";

const bound = async (options, ...where) => {
  const socket = dgram.createSocket(options);
  socket.bind(...where);
  await once(socket, "listening");
  return socket;
};
const attempt = call => {
  try {
    return String(call());
  } catch (error) {
    return describe(error);
  }
};

{
  const log = actor("echo");
  const server = await bound("udp4", 0, "127.0.0.1");
  server.on("message", (bytes, sender) => server.send(`echo ${bytes}`, sender.port, sender.address));
  const client = dgram.createSocket({
    type: "udp4",
    lookup: (_name, _options, done) => done(null, "127.0.0.1", 4),
  });
  client.on("listening", () => log("listening", typeof client.address().port));
  const { port } = server.address();
  for (const what of ["one", ["t", Buffer.from("wo")], new Uint8Array([51]), ""]) {
    client.send(what, port, "server.test", (error, size) => log("sent", error, size));
    const [bytes, sender] = await once(client, "message");
    log(`${bytes}`, sender.address, sender.family, sender.size);
  }
  client.send(Buffer.alloc(70_000), port, "127.0.0.1", error => {
    log(describe(error));
    client.close(() => log("closed"));
    server.close();
  });
}
{
  const log = actor("connected");
  const gone = await bound("udp4", 0, "127.0.0.1");
  const { port } = gone.address();
  gone.close();
  const socket = dgram.createSocket("udp4");
  log(attempt(() => socket.remoteAddress()));
  socket.connect(port, () => {
    log("connected", socket.remoteAddress().address, socket.address().address);
    log(attempt(() => socket.connect(port)));
    socket.send("x", (error, size) => log("sent", error, size));
  });
  socket.once("error", error => {
    log(describe(error));
    socket.disconnect();
    log(socket.address().address);
    socket.close();
  });
}
{
  const log = actor("both families");
  const server = await bound("udp6", 0);
  log(server.address().address, server.address().family);
  const client = dgram.createSocket("udp4");
  client.send("four", server.address().port);
  const [bytes, sender] = await once(server, "message");
  log(`${bytes}`, sender.address, sender.family);
  const taken = dgram.createSocket("udp4");
  taken.bind(server.address().port);
  log(describe((await once(taken, "error"))[0]));
  const own = dgram.createSocket({ type: "udp6", ipv6Only: true });
  await new Promise(resolve => own.bind(0, resolve));
  const refusal = await new Promise(resolve => own.send("x", server.address().port, "127.0.0.1", resolve));
  log(describe(refusal));
  for (const socket of [server, client, taken, own]) socket.close();
}
{
  const log = actor("options");
  const socket = dgram.createSocket("udp4");
  const tries = () => [
    attempt(() => socket.setTTL(0)),
    attempt(() => socket.setTTL(64)),
    attempt(() => socket.setMulticastTTL(256)),
    attempt(() => socket.setMulticastTTL(0)),
    attempt(() => socket.setBroadcast(true)),
    attempt(() => socket.setMulticastLoopback(true)),
    attempt(() => socket.setMulticastInterface("127.0.0.1")),
    attempt(() => socket.setMulticastInterface("nonsense")),
    attempt(() => socket.setMulticastInterface("::1")),
    attempt(() => socket.getRecvBufferSize()),
    attempt(() => socket.setRecvBufferSize(5_000)),
    attempt(() => socket.getRecvBufferSize()),
    attempt(() => socket.setSendBufferSize(1)),
    attempt(() => socket.getSendBufferSize()),
    attempt(() => socket.address()),
  ];
  for (const line of tries()) log("before:", line);
  socket.bind(0);
  await once(socket, "listening");
  for (const line of tries()) log("after:", line);
  log(socket.getSendQueueCount(), socket.getSendQueueSize());
  socket.close();
  log(attempt(() => socket.setTTL(64)));
}
{
  const log = actor("groups");
  const socket = await bound({ type: "udp4", reuseAddr: true }, 0);
  const other = await bound({ type: "udp4", reuseAddr: true }, socket.address().port);
  const group = "239.77.1.2";
  log(attempt(() => socket.addMembership("10.0.0.1")));
  log(attempt(() => socket.addMembership(group, "203.0.113.9")));
  log(attempt(() => socket.addMembership("ff02::1:3")));
  log(attempt(() => socket.dropMembership(group)));
  log(attempt(() => socket.addMembership(group, "127.0.0.1")));
  log(attempt(() => socket.addMembership(group, "127.0.0.1")));
  log(attempt(() => other.addSourceSpecificMembership("127.0.0.9", group, "127.0.0.1")));
  log(attempt(() => other.addSourceSpecificMembership("127.0.0.9", group, "127.0.0.1")));
  const sender = await bound("udp4", 0, "127.0.0.1");
  sender.setMulticastInterface("127.0.0.1");
  other.on("message", bytes => log("not for other:", bytes));
  sender.send("all", socket.address().port, group);
  const [bytes, { address }] = await once(socket, "message");
  log(`${bytes}`, address);
  log(attempt(() => other.dropSourceSpecificMembership("127.0.0.8", group, "127.0.0.1")));
  log(attempt(() => other.dropSourceSpecificMembership("127.0.0.9", group, "127.0.0.1")));
  log(attempt(() => socket.dropMembership(group, "127.0.0.1")));
  for (const each of [socket, other, sender]) each.close();
}
{
  const log = actor("the end");
  const control = new AbortController();
  const socket = dgram.createSocket({ type: "udp4", signal: control.signal });
  socket.on("close", () => log("closed by the signal"));
  await new Promise(resolve => socket.bind(0, resolve));
  control.abort();
  log(attempt(() => socket.bind(0)));
  const idle = await bound("udp4", 0);
  idle.unref();
  idle.on("message", () => log("never"));
  process.on("exit", () => log("the process ends although a socket is open"));
}
