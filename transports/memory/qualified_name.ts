const NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const VALUE = `(${NAME})?`;
const SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LONGEST_NAME = 63;
const LONGEST_PREFIX = 253;

const CONSIST =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LIKE_NAME = `${CONSIST} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME}')`;
const LIKE_VALUE =
  `a valid label must be an empty string or ${CONSIST.replace("must ", "")} ` +
  `(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${VALUE}')`;
const LIKE_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
  `and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;

/** What is wrong with a `name` or `prefix/name`, as the keys of labels are, in the words of the API server. */
export function qualifiedNameProblems(text: string): string[] {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (parts.length > 2) {
    return [
      `a valid label key ${LIKE_NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  return [...(prefix === undefined ? [] : prefixProblems(prefix)), ...nameProblems(name)];
}

/** What is wrong with the value of a label, in the words of the API server. */
export function labelValueProblems(value: string): string[] {
  return [...tooLong(value, LONGEST_NAME), ...unlike(value, { pattern: VALUE, rule: LIKE_VALUE })];
}

function prefixProblems(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  const problems = [
    ...tooLong(prefix, LONGEST_PREFIX),
    ...unlike(prefix, { pattern: SUBDOMAIN, rule: LIKE_SUBDOMAIN }),
  ];
  return problems.map((problem) => `prefix part ${problem}`);
}

function nameProblems(name: string): string[] {
  const problems = [
    ...(name === "" ? ["must be non-empty"] : tooLong(name, LONGEST_NAME)),
    ...unlike(name, { pattern: NAME, rule: LIKE_NAME }),
  ];
  return problems.map((problem) => `name part ${problem}`);
}

function tooLong(text: string, most: number): string[] {
  return text.length > most ? [`must be no more than ${most} bytes`] : [];
}

function unlike(text: string, { pattern, rule }: { pattern: string; rule: string }): string[] {
  return new RegExp(`^(${pattern})$`).test(text) ? [] : [rule];
}
