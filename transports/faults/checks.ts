import * as v from "valibot";
import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { aFunction, anObjectWith } from "../../lib/kubernetes/inputs.ts";
import { checked, only, value } from "../../lib/support/checked.ts";
import type { BodyFault, Fault } from "./fault.ts";
import type { FaultVerb } from "./fault_request.ts";
import { ANSWER_NAMES, ERROR_FRAME_NAMES } from "./server_words.ts";

const isAmount = (input: unknown) => typeof input === "number" && input >= 0;
const count = value(
  (input) => isAmount(input) && Number.isInteger(input),
  "it must be a whole number, 0 or more",
);
const ms = value(isAmount, "it must be a number of milliseconds, 0 or more");
const text = v.string("it must be a text");
const position = { afterFrames: count, afterBytes: count };
/** What befalls a slow request then. */
const then = v.optional(v.lazy(() => anyFault));

const BODY_FAULTS: Readonly<Record<BodyFault["type"], v.ObjectEntries>> = {
  bytewise: { delayMs: ms },
  cut: position,
  end: position,
  silence: position,
  garbage: position,
  errorFrame: { error: nameOf(ERROR_FRAME_NAMES), ...position },
  withoutResourceVersion: { afterFrames: count },
  unknownType: { afterFrames: count },
  oversizedFrame: { afterFrames: count, bytes: count },
  replay: { shuffled: v.boolean("it must be true or false") },
};
const FAULTS: Readonly<Record<Fault["type"], v.ObjectEntries>> = {
  refused: {},
  unanswered: {},
  answerLost: {},
  slow: { delayMs: ms, then },
  answer: { answer: nameOf(ANSWER_NAMES) },
  customAnswer: { status: count, headers: v.record(v.string(), text, "they must be an object"), body: text },
  answeredBy: { transport: anObjectWith("request") },
  groupUnavailable: { group: text },
  ...BODY_FAULTS,
};
const anyFault = faultOf(FAULTS);
const bodyFault = faultOf(BODY_FAULTS);

const hook = v.optional(aFunction);
const hooks: Readonly<Record<FaultVerb | "any", v.GenericSchema>> = {
  ...{ get: hook, list: hook, watch: hook, create: hook, update: hook, patch: hook },
  ...{ delete: hook, deletecollection: hook, discovery: hook, other: hook, any: hook },
};
const inputs = only(
  {
    transport: anObjectWith("request", "close"),
    plan: only(hooks, "it must be an object of hooks"),
    clock: v.optional(anObjectWith("now", "setTimeout")),
    random: v.optional(aFunction),
  },
  "",
);

/**
 * Checks what `withFaults` is given: a misspelt hook would go unseen, and let tests pass in vain.
 *
 * @throws InvalidInputError naming what is at fault
 */
export function checkInputsOfFaults(given: object): void {
  check("wrap a transport with faults", inputs, given);
}

/**
 * Checks what a hook of the plan says, which may be a fault that somebody made by hand, or no fault at all.
 *
 * @throws InvalidInputError naming the hook and what is at fault
 */
export function checkFault(fault: Fault, hook: string): void {
  check("let a request fail as the plan says", only({ [hook]: anyFault }, ""), { [hook]: fault });
}

/**
 * Checks a fault for streams that are open.
 *
 * @throws InvalidInputError naming what is at fault
 */
export function checkBodyFault(fault: BodyFault): void {
  check("break streams", only({ fault: bodyFault }, ""), { fault });
}

function check(verb: string, schema: v.GenericSchema, input: object): void {
  checked(schema, input, (field, problem) => {
    return new InvalidInputError(field, `Cannot ${verb}: ${field}: ${problem}`);
  });
}

/** A fault by its type, with the fields of that and no others. */
function faultOf(fields: Readonly<Record<string, v.ObjectEntries>>): v.GenericSchema {
  const types = Object.keys(fields);
  const schemas = new Map(types.map((type) => [type, only({ type: text, ...fields[type] }, "")]));
  const none = v.never(`it must be a fault, at once, and of one of these types: ${types.join(", ")}`);
  return v.lazy((input) => schemas.get((input as Partial<Fault> | null)?.type ?? "") ?? none);
}

function nameOf(names: readonly string[]): v.GenericSchema {
  return v.picklist(names, `there is no such name; there are ${names.join(", ")}`);
}
