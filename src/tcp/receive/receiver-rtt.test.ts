import { describe, expect, test } from "vitest";
import { instant } from "../../../test/tcp/fixtures.ts";
import { seq } from "../../base/seq.ts";
import { milliseconds } from "../../base/time.ts";
import { ReceiverRtt } from "./receiver-rtt.ts";

describe("ReceiverRtt", () => {
  test("without timestamps it is the time in which a window arrives, and the shortest counts", () => {
    const rtt = new ReceiverRtt();
    rtt.textArrived(instant(0), seq(1_000), 10_000);
    rtt.textArrived(instant(50_000), seq(10_999), 10_000);
    expect(rtt.value).toBe(0);
    rtt.textArrived(instant(60_000), seq(11_000), 10_000);
    expect(rtt.value).toBe(60_000);
    rtt.textArrived(instant(160_000), seq(21_000), 10_000);
    expect(rtt.value).toBe(60_000);
    rtt.textArrived(instant(200_000), seq(31_000), 10_000);
    expect(rtt.value).toBe(40_000);
  });

  test("echoes are smoothed by an eighth, and a smaller one is taken as it is", () => {
    const rtt = new ReceiverRtt();
    rtt.echoed(milliseconds(80), true);
    rtt.echoed(milliseconds(160), true);
    expect(rtt.value).toBe(90_000);
    rtt.echoed(milliseconds(20), true);
    expect(rtt.value).toBe(20_000);
  });

  test("a user who is late makes echoes late: those count only when they are the smallest", () => {
    const rtt = new ReceiverRtt();
    rtt.echoed(milliseconds(80), false);
    rtt.echoed(milliseconds(160), false);
    expect(rtt.value).toBe(80_000);
  });

  test("the same echo tells nothing twice", () => {
    const rtt = new ReceiverRtt();
    expect([rtt.isNews(7), rtt.isNews(7), rtt.isNews(8)]).toEqual([true, false, true]);
  });
});
