/**
 * Makes the command a program that a shell may run. npm does it when it links the package, and not again when
 * the compiler has written the file anew: `npx postel` in a tree that was built twice was refused.
 */
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";

chmodSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url)), 0o755);
