import { labelKeyProblem } from "../../lib/kubernetes/label_syntax.ts";
import { parseSelector, type Selector } from "../../lib/kubernetes/selector.ts";
import { quoted } from "./field_cause.ts";
import { labelValueProblems, qualifiedNameProblems } from "./qualified_name.ts";
import { badRequest } from "./status_error.ts";

const TOKEN = /\s*(?:(?<symbol>==|!=|[=!(),<>])|(?<word>[^\s=!(),<>]+))/gy;
const OPERATORS = ["in", "notin", "=", "==", "!=", ">", "<"];
const AFTER_KEY = "in, notin, =, ==, !=, gt, lt";

/** What a selector is read by: its words and symbols; "" is its end. */
type Tokens = string[];

/** Reads a label selector; what is wrong with it is told in the words of the API server. */
export function parsedLabelSelector(text: string): Selector {
  const problem = selectorProblem(text);
  if (problem !== undefined) throw badRequest(problem);
  // `a!=` is any value but the empty one; our own parser wants that said as a set.
  return parseSelector(text.replace(/([^\s,()!=]+)\s*!=\s*(?=,|$)/g, "$1 notin ()"));
}

function selectorProblem(text: string): string | undefined {
  const tokens: Tokens = Array.from(
    text.matchAll(TOKEN),
    ({ groups = {} }) => groups.symbol ?? groups.word ?? "",
  );
  if (tokens.length === 0) return undefined;
  for (;;) {
    const [first = ""] = tokens;
    if (!isWord(first) && first !== "!") return found(first, "!, identifier, or 'end of string'");
    const problem = requirementProblem(tokens);
    if (problem !== undefined) return `unable to parse requirement: ${problem}`;
    const next = tokens.shift() ?? "";
    if (next === "") return undefined;
    if (next !== ",") return found(next, "',' or 'end of string'");
    const [after = ""] = tokens;
    if (!isWord(after) && after !== "!") return found(after, "identifier after ','");
  }
}

function requirementProblem(tokens: Tokens): string | undefined {
  const isAbsence = tokens[0] === "!";
  if (isAbsence) tokens.shift();
  const key = tokens.shift() ?? "";
  if (!isWord(key)) return found(key, "identifier");
  if (labelKeyProblem(key) !== undefined) return invalid("<nil>", key, qualifiedNameProblems(key));
  if (isEnd(tokens)) return undefined;
  const operator = tokens.shift() ?? "";
  if (!OPERATORS.includes(operator)) return found(operator, AFTER_KEY);
  const values: string[] = [];
  const problem = operator.endsWith("in") ? setProblem(tokens, values) : valueProblem(tokens, values);
  return problem ?? valuesProblem({ key, operator, values });
}

function valuesProblem({
  key,
  operator,
  values,
}: {
  key: string;
  operator: string;
  values: string[];
}): string | undefined {
  const isComparison = operator === "<" || operator === ">";
  const problems = [...new Set(values)]
    .sort()
    .flatMap((value, index) => [
      ...(isComparison && !/^[+-]?\d+$/.test(value)
        ? [invalid(`values[${index}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"])]
        : []),
      ...labelValueProblems(value).map((problem) => invalid(`values[${index}][${key}]`, value, [problem])),
    ]);
  return problems.length > 1 ? `[${problems.join(", ")}]` : problems[0];
}

function valueProblem(tokens: Tokens, values: string[]): string | undefined {
  if (isEnd(tokens)) {
    values.push("");
    return undefined;
  }
  const value = tokens.shift() ?? "";
  values.push(value);
  return isWord(value) ? undefined : found(value, "identifier");
}

function setProblem(tokens: Tokens, values: string[]): string | undefined {
  const open = tokens.shift() ?? "";
  if (open !== "(") return `found '${open}' expected: '('`;
  const [first = ""] = tokens;
  if (first === ")") {
    tokens.shift();
    return undefined;
  }
  if (!isWord(first) && first !== ",") return found(first, "',', ')' or identifier");
  for (;;) {
    const token = tokens.shift() ?? "";
    const [next = ""] = tokens;
    if (isWord(token)) {
      values.push(token);
      if (next !== "," && next !== ")") return found(next, "',' or ')'");
    } else if (token !== ",") return found(token, "',', or identifier");
    if (next === ")") {
      tokens.shift();
      return undefined;
    }
  }
}

function isWord(token: string): boolean {
  return token !== "" && !/^(?:==|!=|[=!(),<>])$/.test(token);
}

/** Whether a requirement ends here. */
function isEnd([next = ""]: Tokens): boolean {
  return next === "" || next === ",";
}

function found(token: string, expected: string): string {
  return `found '${token}', expected: ${expected}`;
}

function invalid(field: string, value: string, problems: readonly string[]): string {
  return `${field}: Invalid value: ${quoted(value)}: ${problems.join("; ")}`;
}
