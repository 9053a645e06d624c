import { StatusError } from "./status_error.ts";

/** The refusal of a request whose hook gave what it may not; `wanted` says what it must do, as in "it must ...". */
export function uselessHookAnswer(
  hook: string,
  { given, wanted }: { given: unknown; wanted: string },
): StatusError {
  // Nobody else would take up the rejection of a promise.
  const isPromise = isThenable(given);
  if (isPromise) Promise.resolve(given).catch(() => {});
  const message = `Internal error occurred: the ${hook} hook returned ${isPromise ? "a promise" : kindOf(given)}; it must ${wanted}`;
  return new StatusError(500, { message, reason: "InternalError" });
}

function isThenable(given: unknown): boolean {
  return typeof Object(given).then === "function";
}

function kindOf(given: unknown): string {
  if (given === undefined || given === null || typeof given === "boolean") return String(given);
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}
