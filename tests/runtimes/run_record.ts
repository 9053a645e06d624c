/** What came of some tests. */
export interface Outcome {
  readonly passed: number;
  /** The names of what failed; a test file that does not load counts as one. */
  readonly failed: readonly string[];
  /** The names of what was skipped, each with its reason. */
  readonly skipped: readonly string[];
}

/** What came of one layer inside one runtime: a cell of the matrix. */
export interface RunRecord extends Outcome {
  /** Such as `Deno 2.9.6`. */
  readonly runtime: string;
  /** The heading of the column. */
  readonly column: string;
  /** Why nothing has run. */
  readonly notRun?: string;
  readonly seconds?: number;
}

/** The record of what has not run. */
export function notRun(place: Pick<RunRecord, "runtime" | "column">, reason: string): RunRecord {
  return { ...place, passed: 0, failed: [], skipped: [], notRun: reason };
}

export function hasPassed({ passed, failed, notRun }: RunRecord): boolean {
  return notRun === undefined && failed.length === 0 && passed > 0;
}

/** A record as a line. */
export function summaryOf({ runtime, column, passed, failed, skipped, notRun, seconds }: RunRecord): string {
  const head = `${runtime}, ${column}:`;
  if (notRun !== undefined) return `${head} not run: ${notRun}`;
  return `${head} ${passed} passed, ${failed.length} failed, ${skipped.length} skipped, in ${seconds} s`;
}
