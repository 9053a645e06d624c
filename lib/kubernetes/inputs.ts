import * as v from "valibot";
import { checked, value } from "../support/checked.ts";
import { InvalidInputError } from "./errors.ts";

/** What each input must be, by its name. */
export type InputSchemas = Readonly<Record<string, v.GenericSchema>>;

// What options and arguments are made of; all but a function may be left out.

export const aFunction = value((input) => typeof input === "function", "it must be a function");
export const aFlag = v.optional(v.boolean("it must be true or false"));
export const aText = v.optional(v.string("it must be a text"));
export const wholeNumber = aNumber(
  (count) => Number.isInteger(count) && count > 0,
  "a whole number, 1 or more",
);
export const positiveNumber = aNumber((number) => number > 0, "a number above 0");
export const someMs = aNumber((ms) => ms >= 0, "a number of milliseconds, 0 or more");
export const positiveMs = aNumber((ms) => Number.isFinite(ms) && ms > 0, "a number of milliseconds above 0");
export const aLogger = v.optional(
  value((input) => input === false || hasFunctions(input, ["warn", "error"]), "it must be false or a logger"),
);
export const aSignal = v.optional(
  value((input) => hasFunctions(input, ["addEventListener"]), "it must be an AbortSignal"),
);

/** What has these functions, such as a transport. */
export function anObjectWith(...names: readonly string[]): v.GenericSchema<object> {
  const list = names.map((name) => `${name}()`).join(", ");
  return value((input) => hasFunctions(input, names), `it must be an object with ${list}`);
}

/**
 * Refuses what is wrong, and what has no schema: a misspelt option would go unseen.
 *
 * @param verb what cannot be done with it, as in "Cannot <verb>: ..."
 * @throws InvalidInputError naming the input at fault
 */
export function checkInputs(verb: string, schemas: InputSchemas, inputs: object): void {
  const refuse = (field: string, problem: string) =>
    new InvalidInputError(field, `Cannot ${verb}: ${field}: ${problem}`);
  if (typeof inputs !== "object" || inputs === null) throw refuse("options", "they must be an object");
  const given: Readonly<Record<string, unknown>> = { ...inputs };
  // First, as what is misspelt is missing besides.
  for (const field of Object.keys(given)) {
    if (Object.hasOwn(schemas, field)) continue;
    throw refuse(field, `there is no such option; there are ${Object.keys(schemas).join(", ")}`);
  }
  for (const [field, schema] of Object.entries(schemas)) {
    checked(schema, given[field], (_, problem) => refuse(field, problem));
  }
}

function aNumber(is: (number: number) => boolean, what: string) {
  return v.optional(value((input) => typeof input === "number" && is(input), `it must be ${what}`));
}

function hasFunctions(input: unknown, names: readonly string[]): boolean {
  const members = (input ?? {}) as Readonly<Record<string, unknown>>;
  return names.every((name) => typeof members[name] === "function");
}
