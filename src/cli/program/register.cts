/**
 * The preload for CommonJS: `node --require @postel/stack/register app.js`. It needs a Node that can require ES
 * modules: 20.19, 22.12 or later; `--import` does with every one. It cannot wait for a link to come up.
 */
const { LateContext } = require("../../node/handles/late-context.js");
const { takeOver } = require("../../node/handles/whole-program.js");

const context = new LateContext();
takeOver(context);
const { openProgram, fail } = require("./program.js");
const { Failure } = require("../failure.js");
const opening = openProgram(context);
if (opening instanceof Promise)
  fail(new Failure("This link takes a moment to open, which --require cannot wait for: use --import."));
