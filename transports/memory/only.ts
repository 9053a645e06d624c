import * as v from "valibot";

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
