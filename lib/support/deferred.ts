/** A promise with its ends; that it rejects is nobody's unhandled rejection. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** What Promise.withResolvers gives on newer runtimes. */
export function deferred(): Deferred {
  let ends: Omit<Deferred, "promise"> = { resolve() {}, reject() {} };
  const promise = new Promise<void>((resolve, reject) => {
    ends = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...ends };
}
