/**
 * The preload: `node --import @postel/stack/register app.js` runs a program on a host of its own, with the
 * network that POSTEL_* variables describe. What opens it uses `net` itself, and is loaded once that lies on
 * our stack.
 */
import { LateContext } from "../../node/handles/late-context.ts";
import { takeOver } from "../../node/handles/whole-program.ts";

const context = new LateContext();
takeOver(context);
const { openProgram } = await import("./program.ts");
await openProgram(context);
