/** A measured number for people: three digits that count, and no more. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  if (size === 0) return "0";
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size))));
}
