/** Resolves when all that waits for promises only has gone on until it waits for something else. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
