/** MQTT.js and Aedes: each quality of service, retained messages, wildcards, a last will, a session resumed. */
import { once } from "node:events";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { bytes, digest, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(300_000);

async function server() {
  const broker = await Aedes.createBroker();
  const tcp = createServer(broker.handle);
  const port = await listening(tcp);
  const close = async () => {
    await new Promise(resolve => broker.close(resolve));
    tcp.close();
  };
  return { port, close };
}

/** The next so many messages, in their order. */
function messages(client, count) {
  const heard = [];
  return new Promise(resolve => {
    client.on("message", function hear(topic, payload, { qos, retain }) {
      heard.push(
        `${topic} ${payload.length > 30 ? digest(payload) : payload} ${qos}${retain ? " retained" : ""}`,
      );
      if (heard.length < count) return;
      client.off("message", hear);
      resolve(heard);
    });
  });
}

async function qualities(publisher, subscriber) {
  await subscriber.subscribeAsync("numbers/+/value", { qos: 2 });
  for (const qos of [0, 1, 2]) {
    const heard = messages(subscriber, 100);
    await Promise.all(
      range(100).map(index => publisher.publishAsync(`numbers/${qos}/value`, `${index}`, { qos })),
    );
    const all = await heard;
    saw("quality", qos, digest(all.join(",")));
  }
  const large = messages(subscriber, 1);
  await publisher.publishAsync("numbers/large/value", BODY, { qos: 2 });
  saw("large", await large);
  await subscriber.unsubscribeAsync("numbers/+/value");
}

async function retained(publisher, subscriber) {
  await publisher.publishAsync("state/door", "open", { qos: 1, retain: true });
  const heard = messages(subscriber, 1);
  await subscriber.subscribeAsync("state/#", { qos: 1 });
  saw("retained", await heard);
}

async function lastWill(url, subscriber) {
  const will = { topic: "state/client", payload: "gone", qos: 1 };
  const heard = messages(subscriber, 1);
  const dying = await connectAsync(url, { will, reconnectPeriod: 0 });
  dying.stream.destroy();
  saw("will", await heard);
  await dying.endAsync(true);
}

async function resumed(url, publisher) {
  const sleeper = await connectAsync(url, { clientId: "sleeper", clean: false, reconnectPeriod: 0 });
  await sleeper.subscribeAsync("letters", { qos: 1 });
  const asleep = once(sleeper, "close");
  sleeper.stream.destroy();
  await asleep;
  for (const index of range(20)) await publisher.publishAsync("letters", `${index}`, { qos: 1 });
  const heard = messages(sleeper, 20);
  const back = once(sleeper, "connect");
  sleeper.reconnect();
  const [{ sessionPresent }] = await back;
  saw("resumed", sessionPresent, await heard);
  await sleeper.endAsync();
}

async function client({ host, port }) {
  const url = `mqtt://${host}:${port}`;
  const [publisher, subscriber] = await Promise.all([connectAsync(url), connectAsync(url)]);
  await qualities(publisher, subscriber);
  await retained(publisher, subscriber);
  await lastWill(url, subscriber);
  await resumed(url, publisher);
  await Promise.all([publisher.endAsync(), subscriber.endAsync()]);
}

await play({ server, client });
