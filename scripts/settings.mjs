/**
 * Writes docs/settings.md: every knob of TCP with its default and its name on Linux, from the comments of
 * src/tcp/tcp-config.ts. `--check` only tells whether the page is up to date. Needs a build (`npm run build`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { DEFAULT_TCP_CONFIG } from "../dist/tcp/tcp-config.js";

const SOURCE = new URL("../src/tcp/tcp-config.ts", import.meta.url);
const PAGE = new URL("../docs/settings.md", import.meta.url);

const INTRODUCTION = `# Settings of TCP

Every knob of a host's TCP, with its default and its name on Linux. Defaults are Linux's, so that somebody who knows the kernel's
\`sysctl\` finds the same thing here. They are given when a host is made, and may differ for a single connection or listener:

\`\`\`ts
const host = new Host({ ...rest, tcp: { timestamps: false, initialWindow: 4 } });
\`\`\`

Times are whole microseconds and sizes bytes unless the text says otherwise; \`seconds()\` and \`milliseconds()\` of
\`@postel/stack/base\` make such times. This page is written by \`node scripts/settings.mjs\` from the comments of
\`src/tcp/tcp-config.ts\`.
`;

/** @returns {Array<{ name: string, comment: string }>} */
function knobs(source) {
  const start = source.indexOf("export interface TcpConfig {");
  const body = source.slice(start, source.indexOf("\n}\n", start));
  const found = [];
  let comment = "";
  for (const match of body.matchAll(/\/\*\*([\s\S]*?)\*\/|^ {2}(\w+)(\??):/gm)) {
    if (match[1] !== undefined) comment = match[1].replace(/\s*\n\s*\*\s?/g, " ").trim();
    else if (match[2] !== undefined) found.push({ name: match[2], comment });
  }
  return found;
}

/** The names on Linux within a comment, and the comment without those that only follow it. */
function onLinux(comment) {
  const names = [...comment.matchAll(/net\.[\w.]*\w(?:\[\d\])?(?:, _?\w+)*/g)].map(([name]) => `\`${name}\``);
  const constants = [...comment.matchAll(/Linux: ([A-Z][A-Z_]+(?: and [A-Z_]+)*)/g)].map(([, name]) => name);
  const meaning = comment
    .replace(/[;:,]? ?net\.[\w.]*\w(?:\[\d\])?(?:, _?\w+)*\.?/g, "")
    .replace(/ ?Linux: [A-Z][A-Z_]+(?: and [A-Z_]+)*\.?/g, "")
    .replace(/\.(?=,)/g, "")
    .replace(/\.$/, "")
    .trim();
  return { names: [...names, ...constants].join(" "), meaning };
}

function shown(value) {
  if (value === undefined) return "–";
  if (typeof value === "number") return value.toLocaleString("en-US").replaceAll(",", " ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function page() {
  const rows = knobs(readFileSync(SOURCE, "utf8")).map(({ name, comment }) => {
    const { names, meaning } = onLinux(comment);
    const cells = [`\`${name}\``, shown(DEFAULT_TCP_CONFIG[name]), names, meaning.replaceAll("|", "\\|")];
    return `| ${cells.join(" | ")} |`;
  });
  return `${INTRODUCTION}\n| knob | default | on Linux | what it does |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

const wanted = page();
if (process.argv.includes("--check")) {
  let found = "";
  try {
    found = readFileSync(PAGE, "utf8");
  } catch {
    // No page at all is as good as an old one.
  }
  if (found !== wanted) {
    console.error("docs/settings.md is out of date: node scripts/settings.mjs");
    process.exit(1);
  }
} else {
  writeFileSync(PAGE, wanted);
}
