/** Nodemailer and smtp-server: a pool, attachments, authentication, STARTTLS, recipients that are refused. */
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import { bytes, CERTIFICATE, digest, digestOf, play, range, saw } from "../play.mjs";

const BODY = bytes(700_000);
const TRUST = { ca: CERTIFICATE, servername: "server.test" };

async function server() {
  const smtp = new SMTPServer({
    key: CERTIFICATE,
    cert: CERTIFICATE,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (password !== "secret") return done(new Error("Who are you?"));
      done(null, { user: username });
    },
    onRcptTo({ address }, _session, done) {
      done(address.startsWith("nobody") ? new Error("There is nobody of that name") : undefined);
    },
    async onData(stream, { secure, user }, done) {
      done(null, `${secure ? "secure" : "plain"} from ${user}: ${await digestOf(stream)}`);
    },
  });
  smtp.on("error", () => undefined);
  await new Promise(resolve => smtp.listen(0, "0.0.0.0", resolve));
  return { port: smtp.server.address().port, close: () => smtp.close() };
}

/** Nothing in it may be drawn or be of the time. */
function letter(index) {
  return {
    from: "ada@example.com",
    to: "charles@example.com",
    subject: `Letter ${index}`,
    text: "The engine weaves algebraical patterns.",
    date: new Date(0),
    messageId: `<${index}@example.com>`,
    boundaryPrefix: `part${index}`,
  };
}

async function client({ host, port }) {
  const options = { host, port, auth: { user: "ada", pass: "secret" }, tls: TRUST };
  const pool = createTransport({ ...options, pool: true, maxConnections: 3 });
  saw("verified", await pool.verify());
  const sent = await Promise.all(range(20).map(index => pool.sendMail(letter(index))));
  saw(
    "sent",
    sent.map(({ response }) => response),
  );
  const { response } = await pool.sendMail({
    ...letter(20),
    raw: `Subject: large\r\n\r\n${BODY.toString("base64")}`,
  });
  saw("large", response);
  pool.close();

  const plain = createTransport({ ...options, ignoreTLS: true });
  const unencrypted = await plain.sendMail({
    ...letter(21),
    raw: `Subject: plain\r\n\r\n${BODY.toString("hex")}`,
  });
  saw("plain", unencrypted.response, digest(BODY));
  const some = await plain.sendMail({ ...letter(22), to: ["charles@example.com", "nobody@example.com"] });
  saw("some refused", some.accepted, some.rejected);
  const none = await plain.sendMail({ ...letter(23), to: "nobody@example.com" }).catch(error => error);
  saw("all refused", none.code, none.responseCode);
  const stranger = createTransport({ ...options, auth: { user: "eve", pass: "guessed" } });
  const refused = await stranger.sendMail(letter(24)).catch(error => error);
  saw("stranger", refused.code, refused.responseCode);
}

await play({ server, client });
