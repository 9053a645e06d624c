import { InvalidInputError } from "./errors.ts";
import { labelKeyProblem, labelValueProblem } from "./label_syntax.ts";
import type { Labels } from "./object.ts";
import { formatRequirement, meetsRequirement, type Requirement } from "./requirement.ts";
import { parseRequirements } from "./selector_parser.ts";

/** A parsed selector in its normal form. An object matches where every term does; without terms all match. */
export type Selector = readonly Requirement[];

/** One of a LabelSelector's expressions. */
export interface LabelSelectorRequirement {
  /** The label. */
  readonly key: string;
  /** What must hold of it. */
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** At least one for In and NotIn, none for the others. */
  readonly values?: readonly string[] | undefined;
}

/** A selector as Kubernetes objects hold it, such as a Deployment's `spec.selector`. */
export interface LabelSelector {
  /** Labels that must have exactly these values. */
  readonly matchLabels?: Labels | undefined;
  /** What must hold besides. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

/**
 * Reads a selector in the API server's whole grammar, but for `key!=` without a value, which is refused: it is more
 * often a slip than the wish for any value but the empty one (`key notin ()` says that).
 *
 * @throws InvalidInputError (`selector`) saying what was found, where, and what was expected.
 */
export function parseSelector(text: string): Selector {
  return normalized(parseRequirements(text));
}

/** The text of a selector in its normal form: terms and values sorted, each once. */
export function formatParsedSelector(selector: Selector): string {
  return selector.map(formatRequirement).join(",");
}

/**
 * The normal form of a selector's text: `b=2,a==1` is `a=1,b=2`, and `a in (x)` is `a=x`.
 *
 * @throws InvalidInputError (`selector`) where the text does not parse.
 */
export function canonicalSelector(text: string): string {
  return formatParsedSelector(parseSelector(text));
}

/** Whether an object with these labels is selected. `!=` and `notin` select objects without the key too. */
export function matchesSelector(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => meetsRequirement(requirement, labels));
}

/**
 * A LabelSelector as the text that an identifier's `selector` takes. `{}` selects everything, which is "".
 *
 * @throws InvalidInputError for null, which selects nothing (no text does), for a field that a LabelSelector does not
 * have (as a plain map of labels has), and for a term that is not valid.
 *
 * @example
 * ```ts
 * import { formatSelector } from "kubernetes-dependency-watches";
 *
 * formatSelector({ matchLabels: { app: "web" }, matchExpressions: [{ key: "old", operator: "DoesNotExist" }] });
 * // "app=web,!old"
 * ```
 */
export function formatSelector(selector: LabelSelector | null): string {
  if (typeof selector !== "object" || selector === null) {
    throw invalid("selector", "null selects nothing, which no text says; watch nothing instead");
  }
  const { matchLabels, matchExpressions, ...unknown } = selector;
  for (const field of Object.keys(unknown)) {
    throw invalid("selector", `a LabelSelector has no "${field}"; it has matchLabels and matchExpressions`);
  }
  const equalities = Object.entries(matchLabels ?? {}).map(([key, value]) =>
    toRequirement({ key, operator: "In", values: [value] }, `selector.matchLabels["${key}"]`),
  );
  const expressions = (matchExpressions ?? []).map((expression, index) =>
    toRequirement(expression, `selector.matchExpressions[${index}]`),
  );
  return formatParsedSelector(normalized([...equalities, ...expressions]));
}

function toRequirement({ key, operator, values }: LabelSelectorRequirement, field: string): Requirement {
  const given = values ?? [];
  const problem = labelKeyProblem(key) ?? given.map(labelValueProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw invalid(field, problem);
  switch (operator) {
    case "In":
    case "NotIn":
      if (given.length === 0) throw invalid(field, `${operator} takes at least one value`);
      return { key, operator, values: given };
    case "Exists":
    case "DoesNotExist":
      if (given.length > 0) throw invalid(field, `${operator} takes no values`);
      return { key, operator };
    default:
      throw invalid(field, `"${operator}" is none of In, NotIn, Exists, DoesNotExist`);
  }
}

function invalid(field: string, problem: string): InvalidInputError {
  return new InvalidInputError(field, `Cannot format ${field}: ${problem}`);
}

function normalized(requirements: readonly Requirement[]): Selector {
  const byText = new Map<string, Requirement>();
  for (const requirement of requirements) {
    const sorted =
      "values" in requirement
        ? { ...requirement, values: [...new Set(requirement.values)].sort() }
        : requirement;
    byText.set(formatRequirement(sorted), sorted);
  }
  return [...byText]
    .sort(([text, a], [otherText, b]) => compareText(a.key, b.key) || compareText(text, otherText))
    .map(([, requirement]) => requirement);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
