import { describe, expect, test } from "vitest";
import { type IpAddress, ip } from "../wire/address.ts";
import { GroupMemberships } from "./group-memberships.ts";
import type { UdpContext } from "./udp-context.ts";

const GROUP = ip("239.1.2.3");
const OTHER = ip("239.1.2.4");
const ALICE = ip("192.0.2.1");
const BOB = ip("192.0.2.2");

/** Three interfaces, of which the second leads to groups; `joined` is what the network layer knows. */
function memberships(): { groups: GroupMemberships; joined: string[] } {
  const joined: string[] = [];
  const context: Partial<UdpContext> = {
    groupInterface: (_group, wanted) => (wanted > 3 ? undefined : wanted || 2),
    joinGroup: (group, index) => joined.push(`${group} ${index}`),
    leaveGroup: (group, index) => joined.splice(joined.indexOf(`${group} ${index}`), 1),
  };
  return { groups: new GroupMemberships(context as UdpContext), joined };
}

function wants(groups: GroupMemberships, source: IpAddress, interfaceIndex = 2): boolean {
  const header = { hopLimit: 1, trafficClass: 0, isGroup: true };
  return groups.wants({ ...header, source, destination: GROUP, interfaceIndex });
}

describe("a group as a whole (RFC 3678 §4.1.1)", () => {
  test("is joined once on each interface, and left by the interface or by the group alone", () => {
    const { groups, joined } = memberships();
    expect(groups.join(GROUP, 0)).toBe(undefined);
    expect(groups.join(GROUP, 2)).toBe("EADDRINUSE");
    expect(groups.join(GROUP, 3)).toBe(undefined);
    expect(joined).toEqual([`${GROUP} 2`, `${GROUP} 3`]);
    expect(groups.leave(GROUP, 1)).toBe("EADDRNOTAVAIL");
    expect(groups.leave(GROUP, 3)).toBe(undefined);
    expect(groups.leave(GROUP, 0)).toBe(undefined);
    expect(groups.leave(GROUP, 0)).toBe("EADDRNOTAVAIL");
    expect(joined).toEqual([]);
  });

  test("needs a group, an interface, and one of twenty places", () => {
    const { groups } = memberships();
    expect(groups.join(ALICE, 0)).toBe("EINVAL");
    expect(groups.join(GROUP, 4)).toBe("ENODEV");
    for (let i = 0; i < 20; i++) expect(groups.join(ip(`239.2.0.${i}`), 0)).toBe(undefined);
    expect(groups.join(GROUP, 0)).toBe("ENOBUFS");
  });
});

describe("a group source by source (RFC 3678 §4.1.2)", () => {
  test("only who was chosen is heard; the last one dropped leaves the group", () => {
    const { groups, joined } = memberships();
    expect(groups.joinSource(GROUP, ALICE, 0)).toBe(undefined);
    expect([wants(groups, ALICE), wants(groups, BOB)]).toEqual([true, false]);
    expect(groups.joinSource(GROUP, ALICE, 0)).toBe("EADDRNOTAVAIL");
    expect(groups.joinSource(GROUP, BOB, 0)).toBe(undefined);
    expect([wants(groups, ALICE), wants(groups, BOB)]).toEqual([true, true]);
    expect(joined).toEqual([`${GROUP} 2`]);
    expect(groups.leaveSource(GROUP, ALICE, 0)).toBe(undefined);
    expect(groups.leaveSource(GROUP, ALICE, 0)).toBe("EADDRNOTAVAIL");
    expect([wants(groups, ALICE), wants(groups, BOB)]).toEqual([false, true]);
    expect(groups.leaveSource(GROUP, BOB, 0)).toBe(undefined);
    expect(joined).toEqual([]);
  });

  test("takes the place of the whole group, which holds no source that could be dropped", () => {
    const { groups, joined } = memberships();
    groups.join(GROUP, 0);
    expect(groups.leaveSource(GROUP, ALICE, 0)).toBe("EADDRNOTAVAIL");
    expect(groups.joinSource(GROUP, ALICE, 0)).toBe(undefined);
    expect([wants(groups, ALICE), wants(groups, BOB)]).toEqual([true, false]);
    expect(joined).toEqual([`${GROUP} 2`]);
  });

  test("is of one family, from one host, on an interface, and of ten sources at most", () => {
    const { groups } = memberships();
    expect(groups.joinSource(ALICE, BOB, 0)).toBe("EINVAL");
    expect(groups.joinSource(GROUP, OTHER, 0)).toBe("EINVAL");
    expect(groups.joinSource(GROUP, ip("fd00::1"), 0)).toBe("EINVAL");
    expect(groups.joinSource(GROUP, ALICE, 4)).toBe("ENODEV");
    expect(groups.leaveSource(ALICE, BOB, 0)).toBe("EINVAL");
    for (let i = 0; i < 10; i++) expect(groups.joinSource(GROUP, ip(`192.0.2.${i}`), 0)).toBe(undefined);
    expect(groups.joinSource(GROUP, ip("192.0.2.10"), 0)).toBe("ENOBUFS");
  });

  test("who has not joined takes what others on the host have asked for, as on Linux", () => {
    const { groups } = memberships();
    groups.joinSource(OTHER, ALICE, 0);
    groups.joinSource(GROUP, ALICE, 3);
    expect([wants(groups, BOB, 2), wants(groups, BOB, 3)]).toEqual([true, false]);
  });
});
