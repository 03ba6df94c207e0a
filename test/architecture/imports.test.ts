/**
 * Reads the import table of ARCHITECTURE.md and holds every file of `src/` to it. Also holds the core to its
 * platform: no clock, no chance, no platform name below `node/`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const source = join(root, "src");

/** Rooms that each room may import, as the table says. */
function readTable(): Map<string, Set<string>> {
  const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const table = new Map<string, Set<string>>();
  const rows = new Map<number, string[]>();
  for (const line of page.split("\n")) {
    const cells = line.split("|").map(cell => cell.trim());
    const rooms = [...(cells[2] ?? "").matchAll(/`(\w+)`/g)].map(match => match[1] as string);
    const row = Number(cells[1]);
    if (cells.length < 6 || !/^\d+$/.test(cells[1] ?? "") || rooms.length === 0) continue;
    const allowed = permitted(cells[4] ?? "", rows, row);
    for (const room of rooms) {
      table.set(room, new Set([...allowed, room]));
      rows.set(row, [...(rows.get(row) ?? []), room]);
    }
  }
  return table;
}

/** "—", a list of rooms, "the rows below", "`host` and below", "everything". */
function permitted(text: string, rows: ReadonlyMap<number, readonly string[]>, row: number): string[] {
  const below = (limit: number): string[] => [...rows].flatMap(([at, rooms]) => (at < limit ? rooms : []));
  const named = [...text.matchAll(/`(\w+)`/g)].map(match => match[1] as string);
  if (text === "—") return [];
  if (/the rows below|everything/.test(text)) return below(row);
  if (!text.includes("and below")) return named;
  const highest = Math.max(
    ...[...rows].filter(([, rooms]) => rooms.some(room => named.includes(room))).map(([at]) => at),
  );
  return [...named, ...below(highest)];
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".ts"))
    .map(entry => relative(source, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(match => match[1] as string);
}

const table = readTable();
const files = filesOf(source);
const shipped = files.filter(file => !file.endsWith(".test.ts") && !file.endsWith(".d.ts"));
const roomOf = (file: string): string => file.split("/")[0] as string;

test("the table names every room that there is", () => {
  expect([...new Set(files.map(roomOf))].filter(room => !table.has(room))).toEqual([]);
  expect(table.size).toBeGreaterThanOrEqual(13);
});

test("imports go only where the table of ARCHITECTURE.md lets them", () => {
  const forbidden = shipped.flatMap(file =>
    importsOf(file)
      .filter(name => name.startsWith("."))
      .map(name => normalize(join(dirname(file), name)))
      .filter(target => !table.get(roomOf(file))?.has(roomOf(target)))
      .map(target => `${file} imports ${target}`),
  );
  expect(forbidden).toEqual([]);
});

const PLATFORM_ROOMS = new Set(["node", "web", "cli", "inspector"]);

test("only the platform rooms import packages or Node's modules", () => {
  const outside = shipped
    .filter(file => !PLATFORM_ROOMS.has(roomOf(file)))
    .flatMap(file =>
      importsOf(file)
        .filter(name => !name.startsWith("."))
        .map(name => `${file} imports ${name}`),
    );
  expect(outside).toEqual([]);
});

test("no real clock, no chance, no platform name in the core", () => {
  const impure = shipped
    .filter(file => !PLATFORM_ROOMS.has(roomOf(file)))
    .filter(file => {
      const code = readFileSync(join(source, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return /\bDate\b|Math\.random|\bset(Timeout|Interval|Immediate)\b|\bprocess\.|\bBuffer\b|\bconsole\b/.test(
        code,
      );
    });
  expect(impure).toEqual([]);
});

/** The bench stands outside of `src/`, and is held to the same form. */
const benchFiles = readdirSync(join(root, "bench"), { recursive: true, encoding: "utf8" })
  .filter(file => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("dist"))
  .map(file => join("../bench", file));

test("the form of the code: no loose ends, no line beyond 110 columns, every file says what it is", () => {
  const loose = [...shipped, ...benchFiles].flatMap(file => {
    const text = readFileSync(join(source, file), "utf8");
    const faults: string[] = [];
    if (/\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|expect-error)/.test(text)) faults.push("loose end");
    if (text.split("\n").some(line => line.length > 110)) faults.push("long line");
    if (!/^(#!.*\n)?\/\*\*/.test(text)) faults.push("no first comment");
    return faults.map(fault => `${file}: ${fault}`);
  });
  expect(loose).toEqual([]);
});
