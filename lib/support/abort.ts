/**
 * `promise`, unless `signal` aborts first: then a rejection with `signal.reason`. Leaves no listener on the signal.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    // Also after an abort: a rejection that comes too late is nobody's unhandled one.
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** A controller that aborts with another signal until it is unlinked. */
export interface LinkedController {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Takes the listener off the other signal. */
  unlink(): void;
}

/**
 * A controller that also aborts when `parent` does. AbortSignal.any would do, but stays registered with a
 * long-lived parent on some runtimes.
 */
export function linkedController(parent?: AbortSignal): LinkedController {
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent?.reason);
  if (parent?.aborted) onAbort();
  else parent?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => parent?.removeEventListener("abort", onAbort),
  };
}
