/**
 * The rules of every device, kept by TAP: two of them, joined by a bridge of the kernel, with offloads and
 * without.
 */
import { elapsed, type Instant, milliseconds } from "../../src/base/time.ts";
import { complianceChecks, type DeviceBench } from "../../src/link/compliance.ts";
import { Driver } from "../../src/node/driver.ts";
import { openTun, type TunDevice } from "../../src/node/tun.ts";
import { Namespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

const QUIET = milliseconds(20);
const BRIDGE = "type bridge forward_delay 0 stp_state 0 mcast_snooping 0".split(" ");

async function bridged(offload: boolean): Promise<DeviceBench> {
  const ns = await Namespace.create();
  const driver = new Driver();
  // The kernel must not speak by itself: no router solicitations, no multicast reports.
  await ns.exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"]);
  await ns.ip("link", "add", "br0", ...BRIDGE);
  await ns.ip("link", "set", "br0", "up");
  const open = async (name: string): Promise<TunDevice> => {
    const device = openTun({ kind: "tap", name, netns: ns.name, scheduler: driver, offload });
    // Room for the whole of a flood: the kernel drops what does not fit, and does not say so.
    await ns.ip("link", "set", name, "master", "br0", "txqueuelen", "30000", "up");
    return device;
  };
  const [a, b] = [await open("a0"), await open("b0")];
  return {
    a,
    b,
    settle: () => quiet(driver, [a, b]),
    async dispose() {
      a.close();
      b.close();
      driver.close();
      await ns.close();
    },
  };
}

/** Comes back when nothing has arrived for a while. */
async function quiet(driver: Driver, devices: readonly TunDevice[]): Promise<void> {
  const arrived = () =>
    devices.reduce((sum, { counters }) => sum + counters.receivedFrames + counters.dropped, 0);
  let last = arrived();
  let since: Instant = driver.now();
  while (elapsed(since, driver.now()) < QUIET) {
    await new Promise(resolve => setTimeout(resolve, 2));
    if (arrived() === last) continue;
    last = arrived();
    since = driver.now();
  }
}

for (const offload of [true, false]) {
  for (const check of complianceChecks(() => bridged(offload))) {
    rootTest(`${check.name} (offloads: ${offload})`, () => check.run());
  }
}
