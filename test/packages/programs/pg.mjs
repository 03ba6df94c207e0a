/** pg and a PostgreSQL: statements, a transaction, a cursor, large values, notifications, a pool, a lost session. */
import pg from "pg";
import Cursor from "pg-cursor";
import { bytes, digest, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);

async function statements(client) {
  saw("row", (await client.query("SELECT $1::int + 1 AS sum, $2::text AS word", [41, "ä"])).rows);
  await client.query("DROP TABLE IF EXISTS things");
  await client.query("CREATE TABLE things (id int PRIMARY KEY, name text, body bytea)");
  await client.query("INSERT INTO things VALUES ($1, $2, $3)", [0, "large", BODY]);
  const { rows } = await client.query("SELECT body FROM things WHERE id = 0");
  saw("large", digest(rows[0].body));
  const insert = { name: "insert", text: "INSERT INTO things VALUES ($1, $2)" };
  for (const id of range(200)) await client.query({ ...insert, values: [id + 1, `name ${id}`] });
  saw("prepared", (await client.query("SELECT count(*), sum(id) FROM things")).rows);
  const error = await client.query("INSERT INTO things VALUES (1)").catch(failed => failed);
  saw("error", error.code, error.constraint);
}

async function transaction(client) {
  await client.query("BEGIN");
  await client.query("DELETE FROM things");
  saw("within", (await client.query("SELECT count(*) FROM things")).rows);
  await client.query("ROLLBACK");
  saw("after", (await client.query("SELECT count(*) FROM things")).rows);
}

async function cursor(client) {
  const many = client.query(
    new Cursor("SELECT n, repeat('x', 200) AS text FROM generate_series(1, 10000) n"),
  );
  let sum = 0;
  for (let rows = await many.read(700); rows.length > 0; rows = await many.read(700)) {
    for (const { n } of rows) sum += n;
  }
  await many.close();
  saw("cursor", sum);
}

async function notifications(client, pool) {
  const heard = [];
  const all = new Promise(resolve => {
    client.on("notification", ({ channel, payload }) => {
      heard.push(`${channel} ${payload}`);
      if (heard.length === 100) resolve();
    });
  });
  await client.query("LISTEN news");
  for (const index of range(100)) await pool.query("SELECT pg_notify('news', $1)", [`number ${index}`]);
  await all;
  saw("heard", digest(heard.join(",")));
}

/**
 * How a client learns of the end differs from run to run, on any stack: the server's last words and the end of
 * the connection race with what the client still sends, so there are one or two errors, of several texts.
 */
async function lost(options, pool) {
  const victim = new pg.Client(options);
  const errors = [];
  victim.on("error", error => errors.push(error));
  await victim.connect();
  const ended = new Promise(resolve => victim.once("end", resolve));
  const { pid } = (await victim.query("SELECT pg_backend_pid() AS pid")).rows[0];
  const running = victim.query("SELECT pg_sleep(60)").catch(error => error.code);
  await pool.query("SELECT pg_terminate_backend($1)", [pid]);
  saw("terminated", await running);
  await ended;
  saw("session lost", errors.length > 0);
}

async function client({ host, port }) {
  const options = { host, port, user: "postgres", database: "postgres" };
  const one = new pg.Client(options);
  await one.connect();
  await statements(one);
  await transaction(one);
  await cursor(one);
  const pool = new pg.Pool({ ...options, max: 5 });
  const squares = range(100).map(
    async index => (await pool.query("SELECT $1::int ^ 2 AS square", [index])).rows[0],
  );
  saw("pool", digest(JSON.stringify(await Promise.all(squares))), pool.totalCount);
  await notifications(one, pool);
  await lost(options, pool);
  await Promise.all([one.end(), pool.end()]);
}

await play({ client });
