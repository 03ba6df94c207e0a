import { expect, test } from "vitest";
import { fillPlaces } from "./markers.ts";

const page = `# Title

By hand.

<!-- bench:table Bulk transfer -->
old
<!-- bench:end -->

Between.

<!-- bench:machine -->
<!-- bench:end -->
`;

test("what stands between the marks is replaced, and the text around them stays", () => {
  const filled = fillPlaces(page, (kind, subject) => `${kind} of ${subject}\n`);
  expect(filled).toContain("By hand.");
  expect(filled).toContain(
    "<!-- bench:table Bulk transfer -->\n\ntable of Bulk transfer\n\n<!-- bench:end -->",
  );
  expect(filled).toContain("<!-- bench:machine -->\n\nmachine of\n\n<!-- bench:end -->");
  expect(filled).not.toContain("old");
});

test("to fill a page twice is to fill it once", () => {
  const fill = (kind: string) => kind;
  expect(fillPlaces(fillPlaces(page, fill), fill)).toBe(fillPlaces(page, fill));
});
