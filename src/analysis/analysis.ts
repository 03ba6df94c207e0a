/**
 * The room's door: captures, anybody's, taken apart into connections, with what was sent again and why, and
 * what is worth a look.
 */
export { type AnalyzeOptions, analyzeCapture, type CaptureReading } from "./analyze-capture.ts";
export { type AnalyzerOptions, CaptureAnalyzer } from "./capture-analyzer.ts";
export type { EndCounts } from "./captured-end.ts";
export type { Finding, FindingCode, FindingValues, Severity } from "./findings.ts";
export { FINDING_SEVERITY } from "./findings.ts";
export { type FindingLanguage, findingText } from "./findings-text.ts";
export type { Outcome, Side } from "./lifetime.ts";
export { MARK, type Mark, markNames, type Verdict } from "./marks.ts";
export type { ConnectionSummary, EndSummary, RoundTripSummary } from "./summary.ts";
export { endNumber, type TracePart } from "./trace-events.ts";
