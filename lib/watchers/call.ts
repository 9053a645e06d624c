import { aSignal, checkInputs } from "../kubernetes/inputs.ts";

/** Options of every call that can be given up. */
export interface CallOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** A call of a watcher, as its work sees it. */
export interface Call {
  /** Aborts when the call is over before its work is. */
  readonly signal: AbortSignal;
  /** It has taken effect: neither its caller nor a removal or a stop can reject it any more. */
  settle(): void;
}

/**
 * The signal of a call's options.
 *
 * @throws InvalidInputError where it is none, or where there are other options and it is not among them
 */
export function signalOf(options: CallOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal ?? undefined;
  // A reconcile's context will do; without a signal, what is there may be a misspelt one.
  checkInputs(
    "make the call",
    { signal: aSignal },
    signal === undefined ? { ...options, signal } : { signal },
  );
  return signal;
}
