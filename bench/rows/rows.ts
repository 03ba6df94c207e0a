/** All rows, in the order in which they run and in which the table shows them. */
import type { Row } from "../row.ts";
import { bulkRows } from "./bulk.ts";
import { floodRows } from "./flood.ts";
import { httpRows } from "./http.ts";
import { idleRows } from "./idle.ts";
import { inProcessRows } from "./in-process.ts";
import { pathRows } from "./paths.ts";
import { queueRows } from "./queues.ts";
import { shortRows } from "./short.ts";

export const ROWS: readonly Row[] = [
  ...bulkRows(),
  ...shortRows(),
  ...queueRows(),
  ...floodRows(),
  ...idleRows(),
  ...httpRows(),
  ...inProcessRows(),
  ...pathRows(),
];
