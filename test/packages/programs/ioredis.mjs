/** ioredis and a Redis: pipelines, a transaction, a script, large values, subscriptions, blocking, a reconnect. */
import { once } from "node:events";
import { Redis } from "ioredis";
import { bytes, digest, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);

async function commands(redis) {
  saw("set", await redis.set("greeting", "hello"), await redis.get("greeting"));
  await redis.set("body", BODY);
  saw("large", digest(await redis.getBuffer("body")));
  const pipeline = redis.pipeline();
  for (const index of range(2_000)) pipeline.incrby("sum", index);
  saw("pipeline", (await pipeline.exec()).at(-1));
  await Promise.all(range(500).map(index => redis.hset("hash", `field${index}`, index)));
  const fields = [];
  for await (const some of redis.hscanStream("hash", { count: 50 })) fields.push(...some);
  saw("scan", fields.length);
  saw("transaction", await redis.multi().set("a", 1).incr("a").get("a").exec());
  saw("script", await redis.eval("return { KEYS[1], ARGV[1], #ARGV }", 1, "key", "one", "two"));
  saw("error", await redis.incr("greeting").catch(error => error.message));
}

async function subscriptions(redis) {
  const subscriber = redis.duplicate();
  saw("subscribed", await subscriber.subscribe("news", "weather"));
  const heard = [];
  const all = new Promise(resolve => {
    subscriber.on("message", (channel, message) => {
      heard.push(`${channel} ${message}`);
      if (heard.length === 300) resolve();
    });
  });
  for (const index of range(300)) void redis.publish("news", `number ${index}`);
  await all;
  saw("heard", digest(heard.join(",")));
  await subscriber.quit();
}

async function blocking(redis) {
  const waiting = redis.duplicate();
  const element = waiting.blpop("queue", 30);
  await redis.rpush("queue", "an element");
  saw("blocked", await element);
  await waiting.quit();
}

async function reconnecting(redis) {
  const ready = once(redis, "ready");
  const other = redis.duplicate();
  await other.call("CLIENT", "KILL", "ID", String(await redis.call("CLIENT", "ID")));
  await ready;
  saw("again", await redis.get("greeting"));
  await other.quit();
}

async function client({ host, port }) {
  const redis = new Redis({ host, port, retryStrategy: () => 10 });
  await redis.flushall();
  await commands(redis);
  await subscriptions(redis);
  await blocking(redis);
  await reconnecting(redis);
  saw("quit", await redis.quit());
  const refused = new Redis({ host, port: 1, retryStrategy: () => null });
  saw("nobody", (await once(refused, "error"))[0].code);
}

await play({ client });
