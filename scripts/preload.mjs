/**
 * Bundles the preload (`@postel/stack/register`) into `dist/preload`: as some 400 files it costs each process
 * of a program a third of a second of CPU to load, as a few a fifth of that. What a program may not need stays
 * apart in chunks: other links than the user link, the inspector.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
/** The preload, and what its CommonJS form requires of it. */
const doors = [
  "cli/program/register",
  "cli/program/program",
  "cli/failure",
  "node/handles/late-context",
  "node/handles/whole-program",
];
const commonJs = "cli/program/register.cjs";

await build({
  configFile: false,
  root: dist,
  logLevel: "warn",
  ssr: { noExternal: true, external: ["koffi"] },
  plugins: [
    {
      name: "common-js",
      generateBundle() {
        this.emitFile({ type: "asset", fileName: commonJs, source: readFileSync(dist + commonJs) });
      },
    },
  ],
  build: {
    ssr: true,
    outDir: `${dist}preload`,
    emptyOutDir: true,
    target: "node20",
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      // The command loads each link late; a program's own link is among the first that it needs.
      checks: { ineffectiveDynamicImport: false },
      input: Object.fromEntries(doors.map(door => [door, `${dist}${door}.js`])),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name].js",
        minify: { compress: false, mangle: false, codegen: true },
      },
    },
  },
});
