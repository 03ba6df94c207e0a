/**
 * The preload for CommonJS: `node --require @postel/stack/register app.js`. It needs a Node that can require
 * ES modules: 20.19, 22.12 or later; `--import` does with every one.
 */
require("./register.js");
