import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { jsonPathValue, parseJsonPath } from "./json_path.ts";
import { AGE, age, type Column, NAME } from "./table.ts";

const TYPES = ["string", "integer", "number", "boolean", "date"] as const;
/** Custom kinds call it a date; it is told as a span all the same. */
const CUSTOM_AGE: Column = {
  ...AGE,
  type: "date",
  cell: (object, now) => (object.metadata?.creationTimestamp === undefined ? null : AGE.cell(object, now)),
};

/** The columns of a kind whose definition names some, behind its name. */
export function customColumns(printerColumns: unknown): readonly Column[] {
  if (!Array.isArray(printerColumns) || printerColumns.length === 0) return [NAME, CUSTOM_AGE];
  return [NAME, ...printerColumns.filter(isJsonObject).map(customColumn)];
}

function customColumn({ name, type, format, description, priority, jsonPath }: JsonObject): Column {
  const path = String(jsonPath ?? "");
  const steps = parseJsonPath(path);
  const cellType = TYPES.find((known) => known === type) ?? "string";
  return {
    name: String(name ?? ""),
    type: cellType,
    format: String(format ?? ""),
    description: String(description || `Custom resource definition column (in JSONPath format): ${path}`),
    priority: Number(priority ?? 0),
    cell: (object, now) => cellOf(jsonPathValue(object, steps), { type: cellType, now }),
  };
}

/** A value as a cell of its column's type; null where it is of another. */
function cellOf(value: unknown, { type, now }: { type: Column["type"]; now: Date }): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "string":
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      if (typeof value !== "string") return null;
      return Number.isNaN(Date.parse(value)) ? "<invalid>" : age(value, now);
  }
}
