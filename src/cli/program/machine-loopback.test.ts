import { describe, expect, test } from "vitest";
import { OperationError } from "../../node/operation-error.ts";
import { ip } from "../../wire/address.ts";
import { PEER_V4, PEER_V6 } from "../network-plan.ts";
import { MachineLoopback } from "./machine-loopback.ts";
import { type Publications, parsePublication } from "./publications.ts";
import { PublishedPorts } from "./published-ports.ts";

const V4 = ip("127.0.0.1");
const V6 = ip("::1");

function setUp(publications: Publications = "all") {
  const calls: string[] = [];
  const publish = (protocol: string, port: number) => {
    calls.push(`open ${protocol} ${port}`);
    return {
      host: "127.0.0.1",
      port: port === 9 ? 40_000 : port,
      close: () => void calls.push(`close ${protocol} ${port}`),
      unref: () => undefined,
    };
  };
  const told: string[] = [];
  const loopback = new MachineLoopback(new PublishedPorts(publish, publications, line => told.push(line)));
  const open = (protocol: "tcp" | "udp", port: number) => {
    loopback.opened(protocol, port);
    return { calls, told };
  };
  return { loopback, calls, told, open };
}

describe("a program's loopback on the user link", () => {
  test("a port that nobody of the program listens to is the machine's", () => {
    const { loopback } = setUp();
    expect(loopback.destinationOf("tcp", V4, 5_432)).toBe(PEER_V4);
    expect(loopback.destinationOf("tcp", ip("127.9.9.9"), 5_432)).toBe(PEER_V4);
    expect(loopback.destinationOf("tcp", V6, 5_432)).toBe(PEER_V6);
    const far = ip("192.0.2.1");
    expect(loopback.destinationOf("tcp", far, 5_432)).toBe(far);
  });

  test("its own are its own, until the last listener closes", () => {
    const { loopback } = setUp();
    loopback.opened("tcp", 80);
    loopback.opened("tcp", 80);
    loopback.closed("tcp", 80);
    expect(loopback.destinationOf("tcp", V4, 80)).toBe(V4);
    // UDP has ports of its own.
    expect(loopback.destinationOf("udp", V4, 80)).toBe(PEER_V4);
    loopback.closed("tcp", 80);
    expect(loopback.destinationOf("tcp", V4, 80)).toBe(PEER_V4);
  });

  test("who listens on the loopback alone is reached all the same", () => {
    const { loopback } = setUp();
    expect([loopback.opensUp(V4), loopback.opensUp(V6), loopback.opensUp(ip("10.0.0.1"))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("ports are published while anybody has them open", () => {
    const { loopback, calls } = setUp();
    loopback.opened("tcp", 80);
    loopback.opened("udp", 53);
    loopback.opened("udp", 53);
    loopback.closed("udp", 53);
    expect(calls).toEqual(["open tcp 80", "open udp 53"]);
    loopback.closed("udp", 53);
    loopback.closed("tcp", 80);
    expect(calls.slice(2)).toEqual(["close udp 53", "close tcp 80"]);
  });

  test("a port that is opened again at once is published again, after it was let go", () => {
    const { loopback, calls } = setUp();
    loopback.opened("tcp", 80);
    loopback.closed("tcp", 80);
    loopback.opened("tcp", 80);
    expect(calls).toEqual(["open tcp 80", "close tcp 80", "open tcp 80"]);
  });
});

describe("a port that cannot be published", () => {
  function failing(code: string, publications: Publications) {
    const told: string[] = [];
    const publish = () => {
      throw new OperationError(code, "It is so.");
    };
    const loopback = new MachineLoopback(new PublishedPorts(publish, publications, line => told.push(line)));
    return { loopback, told };
  }

  test("is refused to the program as the kernel would, and is not its own then", () => {
    const { loopback, told } = failing("EADDRINUSE", "all");
    expect(loopback.opened("tcp", 80)).toBe("EADDRINUSE");
    expect(told).toEqual([]);
    expect(loopback.destinationOf("tcp", V4, 80)).toBe(PEER_V4);
  });

  test("is told to the user besides, where it has another number than the program's", () => {
    const { loopback, told } = failing("EACCES", parsePublication("80:3000", undefined));
    expect(loopback.opened("tcp", 3_000)).toBe("EACCES");
    expect(told).toEqual(["It is so."]);
  });

  test("is told to the user alone, where no listening fails with such an error", () => {
    const { loopback, told } = failing("EMFILE", "all");
    expect(loopback.opened("tcp", 80)).toBeUndefined();
    expect(told).toEqual(["It is so."]);
  });
});

test("a port of the kernel's choice is told", () => {
  const { calls, told } = setUp(parsePublication("[::1]::9/udp", undefined)).open("udp", 9);
  expect(calls).toEqual(["open udp 9"]);
  expect(told).toEqual(["The program's port 9/udp is published at 127.0.0.1:40000."]);
});
