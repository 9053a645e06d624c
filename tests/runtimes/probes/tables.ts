/** What came of parts of a program in one runtime, by their names. */
export interface Column {
  /** Such as `Deno 2.9.6`. */
  readonly runtime: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** A table in Markdown with a row for each name, whose first cells are given, and a column for each runtime. */
export function tableLines(
  { heads, rows }: { heads: readonly string[]; rows: readonly (readonly [string, ...string[]])[] },
  columns: readonly Column[],
): string[] {
  const all = [...heads, ...columns.map(({ runtime }) => runtime)];
  return [
    all,
    all.map(() => "---"),
    ...rows.map((row) => [...row, ...columns.map(({ cells }) => cells[row[0]] ?? "not run")]),
  ].map((cells) => `| ${cells.join(" | ")} |`);
}
