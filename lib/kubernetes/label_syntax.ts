const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 63;
const LONGEST_PREFIX = 253;

/** What is wrong with `key` as the key of a label (`name` or `prefix/name`), or undefined. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && (prefix.length > LONGEST_PREFIX || !SUBDOMAIN.test(prefix))) {
    return `the prefix is a lower-case DNS subdomain of at most ${LONGEST_PREFIX} characters`;
  }
  return nameProblem(key.slice(slash + 1), "the name of a label key");
}

/** What is wrong with `value` as the value of a label, or undefined. "" is a value. */
export function labelValueProblem(value: string): string | undefined {
  return value === "" ? undefined : nameProblem(value, "a label value");
}

function nameProblem(name: string, what: string): string | undefined {
  if (name.length <= LONGEST_NAME && NAME.test(name)) return undefined;
  return `${what} is at most ${LONGEST_NAME} letters, digits, "-", "_" and ".", with no sign at its ends`;
}
