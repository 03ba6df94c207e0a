import {
  type Answer,
  decode,
  encode,
  type Packet,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import { describe, expect, onTestFinished, test } from "vitest";
import { Host } from "../host/host.ts";
import { createPair } from "../link/pair.ts";
import { listenTcp, openUdp } from "../socket/socket.ts";
import { ip } from "../wire/address.ts";
import { DnsClient } from "./dns-client.ts";
import { Driver } from "./driver.ts";
import { CryptoRandom } from "./random.ts";

const SERVER = ip("10.0.0.53");
const QUICK = 400;

type Respond = (question: Packet) => Partial<Packet> | "silence" | "noise";

/** A name server that answers as it is told, and a client beside it. */
function setUp(respond: Respond, byTcp: Answer[] = []) {
  const driver = new Driver();
  const [near, far] = createPair(driver);
  const hostOn = (device: typeof near, address: string): Host => {
    const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom() });
    const addresses = [{ address: ip(address), prefixLength: 24 }];
    host.attach(device, { addresses, duplicateDetection: false });
    driver.add(host);
    return host;
  };
  const client = hostOn(near, "10.0.0.2");
  const server = hostOn(far, SERVER.toString());
  const asked: string[] = [];
  const socket = openUdp(server, { port: 53 });
  void (async () => {
    for await (const { bytes, source, sourcePort } of socket) {
      const question = decode(Buffer.from(bytes));
      asked.push(question.questions?.[0]?.type ?? "");
      const response = respond(question);
      if (response === "silence") continue;
      const content = response === "noise" ? Buffer.from("not a message") : answerTo(question, response);
      socket.send(content, { address: source, port: sourcePort });
    }
  })();
  void (async () => {
    for await (const stream of listenTcp(server, { port: 53 })) {
      const reader = stream.readable.getReader();
      const { value } = await reader.read();
      const { id, questions } = streamDecode(Buffer.from(value ?? []));
      asked.push("by TCP");
      const writer = stream.writable.getWriter();
      const answer = streamEncode({ type: "response", id, questions, answers: byTcp } as Packet);
      await writer.write(answer.subarray(0, 5));
      await writer.write(answer.subarray(5));
    }
  })();
  onTestFinished(() => driver.close());
  const dns = (servers = [SERVER]) => new DnsClient(client, { servers, timeout: QUICK });
  return { dns, asked };
}

function answerTo({ id, questions }: Packet, response: Partial<Packet>): Buffer {
  return encode({ type: "response", id, questions, ...response } as Packet);
}

const A: Answer = { type: "A", name: "db.test", data: "192.0.2.7" };
const AAAA: Answer = { type: "AAAA", name: "db.test", data: "2001:db8::7" };
const CNAME: Answer = { type: "CNAME", name: "db.test", data: "real.test" };

function wanted(question: Packet): Answer[] {
  return question.questions?.[0]?.type === "A" ? [CNAME, A] : [AAAA];
}

describe("a stub resolver", () => {
  test("both families, or one of them, behind an alias too", async () => {
    const { dns } = setUp(question => ({ answers: wanted(question) }));
    expect((await dns().addressesOf("db.test")).map(String)).toEqual(["192.0.2.7", "2001:db8::7"]);
    expect((await dns().addressesOf("db.test", 6)).map(String)).toEqual(["2001:db8::7"]);
  });

  test("a name that is not there has no addresses: NXDOMAIN is rcode 3", async () => {
    const { dns } = setUp(() => ({ flags: 3 }));
    expect(await dns().addressesOf("no.test", 4)).toEqual([]);
  });

  test("a truncated answer is asked for again by TCP, which may cut it", async () => {
    const { dns, asked } = setUp(() => ({ flags: TRUNCATED_RESPONSE }), [A]);
    expect((await dns().addressesOf("db.test", 4)).map(String)).toEqual(["192.0.2.7"]);
    expect(asked).toEqual(["A", "by TCP"]);
  });

  test("answers to another question, and noise, are not believed; the next attempt may succeed", async () => {
    const bad: Respond[] = [
      () => "noise",
      ({ id = 0 }) => ({ id: id ^ 1, answers: [A] }),
      () => ({ questions: [{ type: "A", name: "other.test" }], answers: [A] }),
    ];
    for (const each of bad) {
      let isFirst = true;
      const { dns, asked } = setUp(question => {
        const response = isFirst ? each(question) : { answers: [A] };
        isFirst = false;
        return response;
      });
      expect((await dns().addressesOf("db.test", 4)).map(String)).toEqual(["192.0.2.7"]);
      expect(asked).toEqual(["A", "A"]);
    }
  });

  test("a server that is silent, or fails, gives way to the next; none: it may be asked again", async () => {
    const { dns } = setUp(() => ({ answers: [A] }));
    const nobody = ip("10.0.0.99");
    expect((await dns([nobody, SERVER]).addressesOf("db.test", 4)).map(String)).toEqual(["192.0.2.7"]);
    const silent = setUp(() => "silence");
    await expect(silent.dns().addressesOf("db.test", 4)).rejects.toThrow(
      "No name server answers for db.test.",
    );
    expect(silent.asked).toEqual(["A", "A"]);
    const failing = setUp(() => ({ flags: 2 }));
    await expect(failing.dns().addressesOf("db.test", 4)).rejects.toMatchObject({ name: "NoAnswer" });
  });
});
