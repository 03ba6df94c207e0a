/**
 * The ledger of RFC 9293: which code meets a labelled requirement, and which tests show it. Labels (`MUST-10`,
 * `SHLD-3` …) stand in comments, in names of tests, and in packetdrill scripts. `node scripts/rfc-ledger.mjs`
 * writes docs/rfc-ledger.md; test/architecture/rfc-ledger.test.ts holds code, tests and file together.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { REQUIREMENTS } from "./rfc9293.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const LABEL = /\b(?:MUST|SHLD|MAY|REC)-\d+\b/g;

export const LEDGER = join(root, "docs/rfc-ledger.md");

/** The files that carry each label: label → { code, tests }. */
export function carriers() {
  const found = new Map();
  for (const file of files(join(root, "src")).concat(files(join(root, "test")))) {
    const name = relative(root, file);
    const kind = name.startsWith("test/") || name.endsWith(".test.ts") ? "tests" : "code";
    for (const label of new Set(readFileSync(file, "utf8").match(LABEL))) {
      if (!found.has(label)) found.set(label, { code: [], tests: [] });
      found.get(label)[kind].push(name);
    }
  }
  return found;
}

function files(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(name => /\.(?:ts|pkt)$/.test(name) && !name.endsWith("rfc-ledger.test.ts"))
    .sort()
    .map(name => join(folder, name));
}

/** What does not add up, a line each. */
export function complaints(found = carriers(), requirements = REQUIREMENTS) {
  const known = new Set(requirements.map(([label]) => label));
  const unknown = [...found.keys()]
    .filter(label => !known.has(label))
    .map(label => `${label}: RFC 9293 has no such label (${places(found.get(label))})`);
  return unknown.concat(requirements.flatMap(row => complaint(row, found.get(row[0]))));
}

function complaint([label, , , reason], { code, tests } = { code: [], tests: [] }) {
  if (code.length > 0 && tests.length > 0) {
    return reason === undefined ? [] : [`${label}: there is code and a test, so the reason is out of date`];
  }
  if (code.length > 0) return [`${label}: code (${code}), but no test`];
  if (tests.length > 0) return [`${label}: tests (${tests}), but no code`];
  return reason === undefined ? [`${label}: neither code nor test, and no reason why`] : [];
}

function places({ code, tests }) {
  return [...code, ...tests].join(", ");
}

/** The text of docs/rfc-ledger.md. */
export function ledger(found = carriers()) {
  const rows = REQUIREMENTS.map(([label, section, wording, reason]) => {
    const { code, tests } = found.get(label) ?? { code: [], tests: [] };
    const where = reason === undefined ? [links(code), links(tests)] : [`_${reason}_`, ""];
    return `| ${label} | §${section} | ${wording} | ${where.join(" | ")} |`;
  });
  const kept = REQUIREMENTS.filter(([, , , reason]) => reason === undefined).length;
  return `# The ledger of RFC 9293

Every requirement that RFC 9293 labels (Appendix B, in its order): the code that meets it, and the tests that show it. Written by
\`node scripts/rfc-ledger.mjs\` from the labels in comments, names of tests and packetdrill scripts; a test fails when code or
test is missing, or when this page is out of date. Of ${REQUIREMENTS.length} labels ${kept} are met in code and shown by tests;
for the others the reason is given.

| label | section | what it asks | code | tests |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

/** At most four, so that the table can be read. */
function links(names) {
  const shown = names.slice(0, 4).map(name => `[${short(name)}](../${name})`);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  return shown.join(", ");
}

function short(name) {
  return name.replace(/^src\/|^test\//, "").replace(/(?:\.test)?\.ts$|\.pkt$/, "");
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of complaints()) console.error(line);
  writeFileSync(LEDGER, ledger());
}
