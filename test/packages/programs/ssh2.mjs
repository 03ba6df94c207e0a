/** ssh2: a server of its own; commands with input and output, a megabyte by SFTP both ways, forwarded ports. */
import { once } from "node:events";
import { createServer, connect as dial } from "node:net";
import ssh2 from "ssh2";
import { bytes, digest, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);
const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;

/** All that a channel brings. An iterator would close it at its end, before the answer. */
async function received(channel) {
  const chunks = [];
  channel.on("data", chunk => chunks.push(chunk));
  await once(channel, "end");
  return Buffer.concat(chunks);
}

/** The files of one session, in memory. */
function serveFiles(sftp) {
  const files = new Map();
  const opened = [];
  const fileOf = handle => opened[handle.readUInt32BE(0)];
  sftp.on("OPEN", (id, name, flags) => {
    if ((flags & OPEN_MODE.WRITE) !== 0) files.set(name, Buffer.alloc(0));
    if (!files.has(name)) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(opened.push(name) - 1);
    sftp.handle(id, handle);
  });
  sftp.on("WRITE", (id, handle, offset, data) => {
    const before = files.get(fileOf(handle));
    const after = Buffer.alloc(Math.max(before.length, offset + data.length));
    before.copy(after);
    data.copy(after, offset);
    files.set(fileOf(handle), after);
    sftp.status(id, STATUS_CODE.OK);
  });
  sftp.on("READ", (id, handle, offset, length) => {
    const data = files.get(fileOf(handle)).subarray(offset, offset + length);
    if (data.length === 0) return sftp.status(id, STATUS_CODE.EOF);
    sftp.data(id, data);
  });
  const stat = (id, name) => sftp.attrs(id, { mode: 0o100644, size: files.get(name).length });
  sftp.on("FSTAT", (id, handle) => stat(id, fileOf(handle)));
  sftp.on("STAT", stat);
  for (const event of ["FSETSTAT", "CLOSE"]) sftp.on(event, id => sftp.status(id, STATUS_CODE.OK));
}

async function execute(channel, command) {
  if (command === "count") channel.write(`${(await received(channel)).length} bytes\n`);
  if (command === "stream") channel.write(BODY);
  if (command === "complain") channel.stderr.write("no such command\n");
  channel.exit(command === "complain" ? 127 : 0);
  channel.end();
}

function serveSession(session) {
  session.on("exec", (accept, _reject, { command }) => void execute(accept(), command));
  session.on("sftp", accept => serveFiles(accept()));
}

async function server() {
  const echo = createServer(socket => socket.pipe(socket));
  const echoPort = await listening(echo);
  const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
  const ssh = new ssh2.Server({ hostKeys: [key] }, connection => {
    connection.on("authentication", login => {
      const isRight = login.method === "password" && login.password === "secret";
      if (isRight) login.accept();
      else login.reject(["password"]);
    });
    connection.setNoDelay();
    connection.on("session", accept => serveSession(accept()));
    connection.on("tcpip", accept => {
      const channel = accept();
      channel.pipe(dial(echoPort, "127.0.0.1")).pipe(channel);
    });
    connection.on("error", () => undefined);
  });
  const port = await listening(ssh);
  const close = () => {
    ssh.close();
    echo.close();
  };
  return { port, close };
}

const promised = call =>
  new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });

async function ran(connection, command, input) {
  const [output, complaint, [code]] = await promised(done => {
    connection.exec(command, (error, channel) => {
      if (error) return done(error);
      // A short answer is over before a promise of the channel could go on.
      const all = Promise.all([received(channel), received(channel.stderr), once(channel, "exit")]);
      channel.end(input);
      done(undefined, all);
    });
  });
  return [digest(output), String(complaint), code];
}

async function files(connection) {
  const sftp = await promised(done => connection.sftp(done));
  saw("missing", await promised(done => sftp.readFile("none", done)).catch(({ message }) => message));
  await promised(done => sftp.writeFile("body", BODY, done));
  saw("file", digest(await promised(done => sftp.readFile("body", done))));
  sftp.end();
}

async function forwarded(connection) {
  const channel = await promised(done => connection.forwardOut("127.0.0.1", 1, "127.0.0.1", 7, done));
  channel.end(BODY);
  return digest(await received(channel));
}

async function client({ host, port }) {
  const connection = new ssh2.Client();
  connection.connect({ host, port, username: "ada", password: "secret" });
  await once(connection, "ready");
  connection.setNoDelay();
  saw("count", await ran(connection, "count", BODY));
  saw("stream", await ran(connection, "stream"));
  saw("complaint", await ran(connection, "complain"));
  saw(
    "at once",
    await Promise.all(range(5).map(index => ran(connection, "count", BODY.subarray(0, index * 50_000)))),
  );
  await files(connection);
  saw("forwarded", await Promise.all(range(3).map(() => forwarded(connection))));
  connection.end();
  await once(connection, "close");
  const stranger = new ssh2.Client();
  stranger.connect({ host, port, username: "eve", password: "guessed" });
  saw("stranger", (await once(stranger, "error").catch(error => [error]))[0].level);
}

await play({ server, client });
