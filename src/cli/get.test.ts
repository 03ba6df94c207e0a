import { expect, test } from "vitest";
import { parseUrl } from "./get.ts";

test.each([
  ["http://10.77.0.2/", "http://10.77.0.2/"],
  ["http://[fd77::2]:8080/x?y=1", "http://[fd77::2]:8080/x?y=1"],
  ["example.org/a", "http://example.org/a"],
  ["localhost:8080", "http://localhost:8080/"],
  ["HTTP://Example.ORG", "http://example.org/"],
])("%s is %s", (text, url) => {
  expect(parseUrl(text).href).toBe(url);
});

test.each(["https://example.org/", "ftp://x/"])("%s is not spoken", text => {
  expect(() => parseUrl(text)).toThrow(/^(https|ftp):\/\/ is not spoken here/);
});

test.each(["", "http://", "http://[::1", "http://a b/", "10.0.0.1:99999"])("%j is no URL", text => {
  expect(() => parseUrl(text)).toThrow(/is no URL/);
});
