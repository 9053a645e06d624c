/**
 * Gives the instances of `prototype` an `[Symbol.asyncDispose]` that does what `method` does, where the runtime
 * has that symbol. Elsewhere the member is absent: a computed key would be named "undefined".
 */
export function addAsyncDispose<T>(prototype: T, method: (this: T) => Promise<void>): void {
  const symbol: symbol | undefined = Symbol.asyncDispose;
  if (symbol === undefined) return;
  Object.defineProperty(prototype, symbol, { value: method, writable: true, configurable: true });
}
