import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { addAsyncDispose } from "../../../lib/support/dispose.ts";

class Resource {
  closed = 0;

  async close(): Promise<void> {
    this.closed += 1;
  }
}

describe("addAsyncDispose", () => {
  it("gives instances the method under the symbol, not enumerable", async () => {
    class Disposable extends Resource {}
    addAsyncDispose(Disposable.prototype, Disposable.prototype.close);
    const resource = new Disposable();
    await (resource as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    expect(resource.closed).toBe(1);
    expect(Object.keys(Disposable.prototype)).toEqual([]);
  });

  it("adds nothing on a runtime without the symbol", () => {
    class Disposable extends Resource {}
    const { Symbol: realSymbol } = globalThis;
    globalThis.Symbol = {} as SymbolConstructor;
    try {
      addAsyncDispose(Disposable.prototype, Disposable.prototype.close);
    } finally {
      globalThis.Symbol = realSymbol;
    }
    expect(Reflect.ownKeys(Disposable.prototype)).toEqual(["constructor"]);
  });
});
