/** Builds the page into `dist/page`: static files that ask for nothing from elsewhere. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // It may be served from any path.
  base: "./",
  logLevel: "warn",
  worker: { format: "es" },
  build: {
    outDir: fileURLToPath(new URL("../dist/page", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    // The first ones with light-dark().
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy lets no inline script pass.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
