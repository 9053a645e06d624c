import * as v from "valibot";

/**
 * The output of a schema for what came from outside.
 *
 * @param refuse makes the error of the first problem; `field` is its path with dots, "" for the whole
 * @throws what `refuse` gives
 */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  refuse: (field: string, problem: string) => Error,
): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, input, { abortEarly: true });
  if (success) return output;
  const [{ path = [], message }] = issues;
  throw refuse(path.map(({ key }) => String(key)).join("."), message);
}

/** A schema for what `is` accepts; `problem` says what is wrong with all else. */
export function value<T = unknown>(is: (input: unknown) => boolean, problem: string): v.GenericSchema<T> {
  return v.custom<T>(is, problem);
}

/**
 * The schema of an object with `entries` and nothing else: a misspelt one would go unseen.
 *
 * @param problem what is wrong with all that is no object
 */
export function only(entries: v.ObjectEntries, problem: string): v.GenericSchema {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === "never") return `there is no such option; there are ${Object.keys(entries).join(", ")}`;
    return expected === "Object" ? problem : "it is required";
  });
}
