import { isJsonObject } from "../../lib/support/json.ts";

/** One step into a value: to some of what is in it. */
type Step = (value: unknown) => readonly unknown[];

/** The ways to write a step, each behind the other in a path. In names and texts a backslash escapes. */
const STEPS = [
  /\.(?<name>(?:\\.|[^.[\\])+)/,
  /\[(?<quote>['"])(?<quoted>(?:\\.|[^\\])*?)\k<quote>\]/,
  /\[(?<index>-?\d+)\]/,
  /\[(?<star>\*)\]/,
  /\[\?\(@\.(?<field>[^=\s]+)\s*==\s*(?<mark>['"]?)(?<wanted>.*?)\k<mark>\s*\)\]/,
];
const STEP = new RegExp(`^(?:${STEPS.map(({ source }) => source).join("|")})`);

/** Reads a path such as `.status.conditions[?(@.type=="Ready")].status`; one that is not understood finds nothing. */
export function parseJsonPath(path: string): readonly Step[] {
  const steps: Step[] = [];
  for (let rest = path.replace(/^\{|\}$/g, ""); rest !== ""; ) {
    const { 0: text = "", groups } = STEP.exec(rest) ?? {};
    if (groups === undefined) return [() => []];
    steps.push(stepOf(groups));
    rest = rest.slice(text.length);
  }
  return steps;
}

/** The first value at a path; undefined where there is none. */
export function jsonPathValue(object: unknown, steps: readonly Step[]): unknown {
  return steps.reduce((values: readonly unknown[], step) => values.flatMap(step), [object])[0];
}

function stepOf(groups: Partial<Record<string, string>>): Step {
  const { name, quoted, index, star, field, wanted } = groups;
  if (star !== undefined || name === "*") return children;
  if (index !== undefined) {
    return (value) => (Array.isArray(value) ? present(value.at(Number(index))) : []);
  }
  if (field !== undefined) {
    const steps = parseJsonPath(`.${field}`);
    return (value) => children(value).filter((child) => String(jsonPathValue(child, steps)) === wanted);
  }
  const key = (name ?? quoted ?? "").replace(/\\(.)/g, "$1");
  return (value) => (isJsonObject(value) ? present(value[key]) : []);
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}
