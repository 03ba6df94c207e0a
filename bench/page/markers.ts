/**
 * Places in a page where something is filled in, and the text around them stays as it was written:
 *
 *     <!-- bench:table Bulk transfer -->
 *     …
 *     <!-- bench:end -->
 */

const PLACE = /(<!-- bench:(\w+)(?: (.*?))? -->\n)[\s\S]*?(<!-- bench:end -->)/g;

/** @param fill answers what belongs into a place, by its kind and its subject ("" for none) */
export function fillPlaces(page: string, fill: (kind: string, subject: string) => string): string {
  return page.replaceAll(
    PLACE,
    (_all, begin: string, kind: string, subject: string | undefined, end: string) => {
      const text = fill(kind, subject ?? "").trim();
      return `${begin}\n${text}\n\n${end}`;
    },
  );
}
