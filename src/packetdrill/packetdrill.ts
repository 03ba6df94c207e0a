/** The room's door: packetdrill scripts in virtual time. */
export { ScriptFailure } from "./failure.ts";
export type { Outcome } from "./outcome.ts";
export { parseScript } from "./parser.ts";
export { DEFAULT_PROFILE, type Profile, profileNamed, profiles } from "./profile.ts";
export { failureText, folderTable, plainOutcome, tallyOf, tallyText, transcriptText } from "./report.ts";
export { runScript } from "./runner.ts";
export type { RunOptions, SystemCallsOf } from "./script-run.ts";
export type { AddressMode } from "./settings.ts";
export type { SystemCalls } from "./system-calls.ts";
