/** The room's door: what happened inside a host, event by event. */
export type {
  EventData,
  EventHead,
  EventName,
  EventOf,
  LossCause,
  Metrics,
  SegmentEvent,
  SendReason,
  TimerName,
  TraceEvent,
} from "./event.ts";
export {
  type ReadTrace,
  readTrace,
  TraceCollector,
  type TraceHeader,
  TraceReader,
  type TraceTitle,
  TraceWriter,
} from "./json-lines.ts";
export { type TracedLink, traceLink } from "./link-trace.ts";
export { TraceRecorder, type TraceRecorderOptions } from "./recorder.ts";
export { TraceError, type TraceFault } from "./trace-error.ts";
