/** All that waits for one signal. */
interface AbortHub {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const hubs = new WeakMap<AbortSignal, AbortHub>();

/**
 * Calls `callback` once when `signal` aborts; one that has aborted already calls nothing. The answer takes it back.
 *
 * However many wait for a signal, it has one listener of ours: beyond ten Node warns of a leak.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) return () => {};
  const hub = hubs.get(signal) ?? openHub(signal);
  // Its own function: a callback that is given twice is called twice.
  const waiting = () => callback();
  hub.callbacks.add(waiting);
  return () => {
    hub.callbacks.delete(waiting);
    if (hub.callbacks.size === 0) close(signal, hub);
  };
}

function openHub(signal: AbortSignal): AbortHub {
  const callbacks = new Set<() => void>();
  function listener(): void {
    close(signal, hub);
    for (const callback of callbacks) callback();
  }
  const hub = { callbacks, listener };
  hubs.set(signal, hub);
  signal.addEventListener("abort", listener);
  return hub;
}

function close(signal: AbortSignal, hub: AbortHub): void {
  if (hubs.get(signal) === hub) hubs.delete(signal);
  signal.removeEventListener("abort", hub.listener);
}

/**
 * `promise`, unless `signal` aborts first: then a rejection with `signal.reason`. Leaves no listener on the signal.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const forget = onAbort(signal, () => reject(signal.reason));
    // Also after an abort: a rejection that comes too late is nobody's unhandled one.
    promise.then(resolve, reject).finally(forget);
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
 * A controller that also aborts when one of `parents` does. AbortSignal.any would do, but stays registered with a
 * long-lived parent on some runtimes.
 */
export function linkedController(...parents: (AbortSignal | undefined)[]): LinkedController {
  const controller = new AbortController();
  const unlinks = parents.map((parent) => {
    if (parent?.aborted) controller.abort(parent.reason);
    return parent && onAbort(parent, () => controller.abort(parent.reason));
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      for (const unlink of unlinks) unlink?.();
    },
  };
}
