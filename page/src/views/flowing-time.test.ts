import { describe, expect, test } from "vitest";
import { FlowingTime } from "./flowing-time.ts";

describe("the time between messages", () => {
  test("flows on at the speed that was told, and stands still at 0", () => {
    const time = new FlowingTime();
    time.told(1000, 0.5, 100);
    expect(time.at(102)).toBe(2000);
    time.told(2000, 0, 102);
    expect(time.at(200)).toBe(2000);
  });

  test("a message that came late does not turn it back", () => {
    const time = new FlowingTime();
    time.told(0, 1, 0);
    time.told(90_000, 1, 100);
    expect(time.at(100)).toBe(100_000);
    time.told(150_000, 1, 110);
    expect(time.at(110)).toBe(150_000);
  });

  test("a clock that is far away, that has changed its speed or begins anew is believed", () => {
    const time = new FlowingTime();
    time.told(10_000_000, 1, 0);
    time.told(0, 1, 10);
    expect(time.at(10)).toBe(0);
    time.told(5, 2, 20);
    expect(time.at(20)).toBe(5);
  });
});
