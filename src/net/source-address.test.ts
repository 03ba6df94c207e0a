import { describe, expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { chooseSource, orderDestinations, type SourceCandidate } from "./source-address.ts";

function own(prefix: string, more: Partial<SourceCandidate> = {}): SourceCandidate {
  const [address, length] = prefix.split("/") as [string, string];
  return {
    address: ip(address),
    prefixLength: Number(length),
    interfaceIndex: 1,
    deprecated: false,
    temporary: false,
    tentative: false,
    ...more,
  };
}

/** The source chosen for what leaves by interface 1, as text. */
function source(destination: string, candidates: SourceCandidate[], nextHop?: string): string | undefined {
  const hop = nextHop === undefined ? undefined : ip(nextHop);
  return chooseSource(ip(destination), candidates, 1, hop)?.address.toString();
}

/** Whichever is listed first. */
function expectChoice(destination: string, best: SourceCandidate, other: SourceCandidate): void {
  expect(source(destination, [best, other])).toBe(best.address.toString());
  expect(source(destination, [other, best])).toBe(best.address.toString());
}

describe("IPv6 source (RFC 6724 §5)", () => {
  test("§4: never a tentative address, nor one of the other family", () => {
    expect(
      source("2001:db8::9", [own("2001:db8::1/64", { tentative: true }), own("10.0.0.1/8")]),
    ).toBeUndefined();
  });

  test("§4: never a group's address or the unspecified one", () => {
    expect(source("2001:db8::9", [own("ff02::1/16"), own("::/0")])).toBeUndefined();
  });

  test("§4: to a link-local destination only an address of the outgoing interface", () => {
    const elsewhere = { interfaceIndex: 2 };
    expect(source("fe80::9", [own("fe80::1/64", elsewhere)])).toBeUndefined();
    expect(source("fe80::9", [own("2001:db8::1/64", elsewhere)])).toBeUndefined();
    expect(source("ff02::1", [own("2001:db8::1/64", elsewhere)])).toBeUndefined();
    expect(source("2001:db8::9", [own("2001:db8::1/64", elsewhere)])).toBe("2001:db8::1");
  });

  test("§4: to ourselves from the address itself, on whatever interface it is", () => {
    for (const address of ["::1", "fe80::1"]) {
      expect(source(address, [own(`${address}/128`, { interfaceIndex: 2 })])).toBe(address);
    }
  });

  test("rule 1: the destination itself", () => {
    expectChoice("2001:db8::1", own("2001:db8::1/64", { deprecated: true }), own("2001:db8::2/64"));
  });

  test("rule 2: the smallest scope that is large enough, else the largest (§10.1)", () => {
    expectChoice("2001:db8:1::1", own("2001:db8:3::1/64"), own("fe80::1/64"));
    expectChoice("ff05::1", own("2001:db8:3::1/64"), own("fe80::1/64"));
    expectChoice("fe80::9", own("fe80::1/64"), own("2001:db8:3::1/64"));
    expectChoice("ff02::1", own("fe80::1/64"), own("2001:db8:3::1/64"));
  });

  test("rule 2: site-local addresses are between the two (§3.1, RFC 4291 §2.5.7)", () => {
    expectChoice("ff05::1", own("feff::1/64"), own("2001:db8:3::1/64"));
    expectChoice("ff05::1", own("fec0::1/64"), own("fe80::1/64"));
    expectChoice("ff0e::1", own("2001:db8:3::1/64"), own("fec0::1/64"));
    expectChoice("fec0::9", own("fec0::1/64"), own("2001:db8:3::1/64"));
  });

  test("rule 3: not a deprecated address, but sooner that than one of a wrong scope", () => {
    expectChoice("2001:db8:1::1", own("2001:db8:3::1/64"), own("2001:db8:1::2/64", { deprecated: true }));
    expectChoice("2001:db8:1::1", own("2001:db8:1::2/64", { deprecated: true }), own("fe80::1/64"));
  });

  test("rule 5: an address of the outgoing interface", () => {
    expectChoice("2001:db8:1::1", own("2001:db8:3::1/64"), own("2001:db8:1::2/64", { interfaceIndex: 2 }));
  });

  test("rule 6: an address with the destination's label (§10.1: 6to4 to 6to4)", () => {
    expectChoice("2002:c633:6401::1", own("2002:c633:6401::2/64"), own("2001:db8:1::2/64"));
    expectChoice("2001:db8:1::1", own("2001:db8:1::2/64"), own("fd00::2/64"));
    expectChoice("fd00::1", own("fd12::2/64"), own("2001:db8:1::2/64"));
  });

  test.each([
    ["2003::1", "2002::2", "2002::/16"],
    ["2001:1::1", "2001::2", "2001::/32"],
    ["3fff::1", "3ffe::2", "3ffe::/16"],
    ["fe00::1", "fdff::2", "fc00::/7"],
    ["::1:0:0:1", "::2", "::/96"],
  ])("rule 6: to %s not %s of %s, however many bits they share", (destination, foreign) => {
    expectChoice(destination, own("2a00::2/128"), own(`${foreign}/128`));
  });

  test("rule 7: a temporary address rather than a public one", () => {
    expectChoice("2001:db8:1::1", own("2001:db8:3::1/64", { temporary: true }), own("2001:db8:1::2/64"));
  });

  test("rule 8: the longest prefix in common, no longer than the address's own (§10.1)", () => {
    expectChoice("2001:db8:1::1", own("2001:db8:1::2/64"), own("2001:db8:3::2/64"));
    const first = own("2001:db8:1::f000/64");
    const second = own("2001:db8:1::2/64");
    expect(source("2001:db8:1::1", [first, second])).toBe("2001:db8:1::f000");
  });
});

describe("IPv4 source", () => {
  test("the address in the subnet of the next hop, the narrowest subnet first", () => {
    const primary = own("192.0.2.1/24");
    const second = own("10.0.0.1/8");
    const third = own("10.1.0.1/16");
    expect(source("10.1.0.9", [primary, second, third])).toBe("10.1.0.1");
    expect(source("198.51.100.1", [primary, second, third], "10.2.0.9")).toBe("10.0.0.1");
  });

  test("else the primary address of the interface, however many bits others share with the destination", () => {
    expect(source("198.51.100.1", [own("10.0.0.1/8"), own("198.51.0.1/24")])).toBe("10.0.0.1");
    expect(source("198.51.100.1", [own("10.0.0.1/8", { interfaceIndex: 2 }), own("192.0.2.1/24")])).toBe(
      "192.0.2.1",
    );
  });

  test("to a group an address that all in it may answer", () => {
    expectChoice("224.0.0.251", own("198.51.100.2/24"), own("169.254.13.78/16"));
    expect(source("224.0.0.251", [own("198.51.100.2/24", { interfaceIndex: 2 })])).toBe("198.51.100.2");
  });

  test("an unnumbered interface borrows from another, but never loopback or link-local", () => {
    const lo = own("127.0.0.1/8", { interfaceIndex: 2 });
    const linkLocal = own("169.254.1.1/16", { interfaceIndex: 3 });
    expect(source("198.51.100.1", [lo, linkLocal])).toBeUndefined();
    expect(source("198.51.100.1", [lo, linkLocal, own("192.0.2.1/32", { interfaceIndex: 3 })])).toBe(
      "192.0.2.1",
    );
  });
});

describe("order of destinations (RFC 6724 §6)", () => {
  function order(destinations: string[], candidates: SourceCandidate[]): string[] {
    const sorted = orderDestinations(destinations.map(ip), destination =>
      chooseSource(destination, candidates, 1),
    );
    return sorted.map(String);
  }
  const global6 = own("2001:db8:1::2/64");
  const linkLocal6 = own("fe80::2/64");
  const global4 = own("198.51.100.2/24");
  const linkLocal4 = own("169.254.13.78/16");

  test("rule 1: what can be reached at all", () => {
    expect(order(["2001:db8:1::1", "198.51.100.121"], [global4])).toEqual([
      "198.51.100.121",
      "2001:db8:1::1",
    ]);
  });

  test("rule 1: those that cannot be reached stay as they were, behind the others", () => {
    const unreachable = ["2001:db8:1::1", "2001:db8:1::3"];
    expect(order(["198.51.100.121", ...unreachable], [global4])).toEqual(["198.51.100.121", ...unreachable]);
    expect(order([...unreachable, "198.51.100.121"], [global4])).toEqual(["198.51.100.121", ...unreachable]);
  });

  test("rule 2: a source of the destination's scope (§10.2)", () => {
    expect(order(["2001:db8:1::1", "198.51.100.121"], [linkLocal6, global4])).toEqual([
      "198.51.100.121",
      "2001:db8:1::1",
    ]);
    expect(order(["198.51.100.121", "2001:db8:1::1"], [global6, linkLocal4])).toEqual([
      "2001:db8:1::1",
      "198.51.100.121",
    ]);
  });

  test("rule 3: a source that is not deprecated", () => {
    expect(order(["2001:db8:1::1", "198.51.100.121"], [{ ...global6, deprecated: true }, global4])).toEqual([
      "198.51.100.121",
      "2001:db8:1::1",
    ]);
  });

  test("rules 5 and 6: IPv6 before IPv4, but IPv4 before IPv6 from a foreign label", () => {
    expect(order(["198.51.100.121", "2001:db8:1::1"], [global6, global4])).toEqual([
      "2001:db8:1::1",
      "198.51.100.121",
    ]);
    const sixToFour = own("2002:c633:6401::2/64");
    expect(order(["2001:db8:1::1", "198.51.100.121"], [sixToFour, global4])).toEqual([
      "198.51.100.121",
      "2001:db8:1::1",
    ]);
  });

  /** Each is reached from itself, so that neither scope, nor label, nor prefix decides. */
  function byPrecedence(destinations: string[]): string[] {
    return order(
      destinations,
      destinations.map(destination => own(`${destination}/128`)),
    );
  }

  test("rule 6: the precedences of the default policy table (§2.1)", () => {
    const best = ["::1", "2a00::1", "::ffff:192.0.2.1", "2002::1", "2001::1", "fd00::1", "3ffe::1"];
    expect(byPrecedence([...best].reverse())).toEqual(best);
    for (const equals of [
      ["3ffe::1", "::2"],
      ["::2", "3ffe::1"],
    ]) {
      expect(byPrecedence(equals)).toEqual(equals);
    }
  });

  test.each([
    ["::ffff:ffff", "::1:0:0"],
    ["2002:ffff::1", "2003::1"],
    ["2001:0:ffff::1", "2001:1::1"],
    ["fc00::1", "fbff::1"],
    ["fdff::1", "fe00::1"],
    ["3ffe:ffff::1", "3fff::1"],
    ["3ffe::1", "3ffd::1"],
    ["fec0::1", "febf::1"],
  ])("rule 6: %s is in its prefix, %s is not (§2.1)", (inside, outside) => {
    expect(byPrecedence([inside, outside])).toEqual([outside, inside]);
  });

  test("rule 8: loopback counts as link-local (§3.2)", () => {
    expect(order(["198.51.100.121", "127.0.0.1"], [global4, own("127.0.0.1/8")])).toEqual([
      "127.0.0.1",
      "198.51.100.121",
    ]);
  });

  test("rule 8: the smaller scope (§10.2)", () => {
    expect(order(["2001:db8:1::1", "fe80::1"], [global6, linkLocal6])).toEqual(["fe80::1", "2001:db8:1::1"]);
  });

  test("rule 9: the longest prefix in common; rule 10: else as given", () => {
    const sources = [global6, own("2001:db8:3f44::2/64")];
    expect(order(["2001:db8:3ffe::1", "2001:db8:1::1"], sources)).toEqual([
      "2001:db8:1::1",
      "2001:db8:3ffe::1",
    ]);
    expect(order(["2001:db8:1::8", "2001:db8:1::1"], [global6])).toEqual(["2001:db8:1::8", "2001:db8:1::1"]);
  });
});
