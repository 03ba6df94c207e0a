/** All rows, in the order in which they run and in which the table shows them. */
import type { Row } from "../row.ts";
import { inProcessRows } from "./in-process.ts";

export const ROWS: readonly Row[] = [...inProcessRows()];
