/** Asks a server, then has a child ask too, which ends first. */
import { spawn } from "node:child_process";
import { once } from "node:events";

const [, self, url, name = "parent"] = process.argv;
const response = await fetch(url + name);
await response.text();
if (name === "parent") await once(spawn(process.execPath, [self, url, "child"]), "exit");
