/** The preload: `node --import @postel/stack/register app.js` runs a program on a host of its own. */
import { loopbackHost, takeOver } from "./whole-program.ts";

takeOver(loopbackHost());
