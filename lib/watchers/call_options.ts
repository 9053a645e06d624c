import { InvalidInputError } from "../kubernetes/errors.ts";

/** Options of every call that can be given up. */
export interface CallOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The signal of a call's options.
 *
 * @throws InvalidInputError where it is none
 */
export function signalOf(options: CallOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal ?? undefined;
  if (signal === undefined || typeof signal.addEventListener === "function") return signal;
  throw new InvalidInputError("signal", "Cannot listen to the signal: it must be an AbortSignal");
}
