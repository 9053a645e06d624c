import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { humanDuration } from "./human_duration.ts";

/** One column of a table, and what it says of an object. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description: string;
  /** 0 for what is always shown, 1 for what `-o wide` adds. */
  readonly priority?: number;
  cell(object: KubernetesObject, now: Date): unknown;
}

/** A column that kubectl's tables show. */
export function column(name: string, cell: Column["cell"], more: Partial<Column> = {}): Column {
  return { name, type: "string", description: `What kubectl shows as ${name}`, cell, ...more };
}

/** A column that only `-o wide` shows. */
export function wide(name: string, cell: Column["cell"], more: Partial<Column> = {}): Column {
  return column(name, cell, { ...more, priority: 1 });
}

/** A column of whole numbers. */
export function count(name: string, cell: (object: KubernetesObject) => number): Column {
  return column(name, cell, { type: "integer" });
}

export const NAME = column("Name", ({ metadata }) => metadata?.name ?? "", { format: "name" });
export const AGE = column("Age", ({ metadata }, now) => age(metadata?.creationTimestamp, now));
export const CREATED_AT = column(
  "Created At",
  ({ metadata }) => metadata?.creationTimestamp ?? "0001-01-01T00:00:00Z",
  { type: "date" },
);

/** The definitions of columns, as a table begins with them. */
export function columnDefinitions(columns: readonly Column[]): object[] {
  return columns.map(({ name, type, format = "", description, priority = 0 }) => ({
    ...{ name, type, format, description, priority },
  }));
}

/** How long ago something was; `<unknown>` where it is not told. */
export function age(time: unknown, now: Date): string {
  const then = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? "<unknown>" : humanDuration(now.getTime() - then);
}
