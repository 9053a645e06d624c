import { aSignal, checkInputs } from "../kubernetes/inputs.ts";

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
  checkInputs("listen to the signal", { signal: aSignal }, { signal });
  return signal;
}
