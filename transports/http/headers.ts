import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { headersSchema, validate } from "./options.ts";

/** Headers by their lower-case name; a name is sent once for each of its values. */
export type HeaderFields = ReadonlyMap<string, readonly string[]>;

/** Headers that tell who asks. */
const SECRET_NAMES = ["authorization", "proxy-authorization", "cookie"];

/**
 * Headers from outside, checked. Names that differ in case only are one, with the values of all.
 *
 * @param field what an error calls the place that they came from
 * @throws {InvalidInputError} for a name or a value that HTTP cannot carry; the message never repeats a value
 */
export function headerFields(headers: unknown, field: string): HeaderFields {
  const fields = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(validate(headersSchema, headers, field))) {
    const key = name.toLowerCase();
    fields.set(key, (fields.get(key) ?? []).concat(value));
  }
  return fields;
}

/** All of them; of a name that several have, the values of the last. */
export function mergeFields(...layers: readonly HeaderFields[]): HeaderFields {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** Whether two hold the same names with the same values, in any order of the names. */
export function areSame(one: HeaderFields, other: HeaderFields): boolean {
  return (
    one.size === other.size &&
    [...one].every(([name, values]) => values.join("\n") === other.get(name)?.join("\n"))
  );
}

/**
 * Makes sure that no credentials are among headers for a place where others could read them.
 *
 * @throws {InvalidInputError}
 */
export function refuseSecrets(headers: HeaderFields, field: string): void {
  for (const name of SECRET_NAMES) {
    if (headers.has(name)) throw insecureError(`${field}.${name}`);
  }
}

/** What is told of credentials that would go out readable to anyone. */
export function insecureError(field: string): InvalidInputError {
  return new InvalidInputError(
    field,
    `Cannot use ${field}: credentials go only to an https baseUrl, or over http to this machine and by no proxy`,
  );
}

/**
 * Headers as pairs, for what joins the values of one name with commas, which makes one value of several groups.
 *
 * @param by what sends them
 * @throws {InvalidInputError} for a name with several values
 */
export function singleValues(headers: HeaderFields, by: string): [string, string][] {
  return [...headers].flatMap(([name, [value, ...others]]): [string, string][] => {
    if (others.length > 0) {
      throw new InvalidInputError(
        `headers.${name}`,
        `Cannot send the header ${name} more than once with ${by}: it would join the values; use undiciTransport, on Deno and Bun too`,
      );
    }
    return value === undefined ? [] : [[name, value]];
  });
}
