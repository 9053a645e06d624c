import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { signalOf } from "../../../lib/watchers/call.ts";
import { caught } from "../../fixtures/caught.ts";

describe("signalOf", () => {
  it("gives the signal, or undefined where there is none", () => {
    const { signal } = new AbortController();
    expect(signalOf({ signal })).toBe(signal);
    for (const none of [undefined, null, {}, { signal: undefined }, { signal: null }, 5] as never[]) {
      expect(signalOf(none)).toBeUndefined();
    }
  });

  it("takes a reconcile's context, which has one among other things", () => {
    const { signal } = new AbortController();
    const context = { signal, attempt: 0, causes: [], causesDropped: false };
    expect(signalOf(context)).toBe(signal);
    expect(caught(() => signalOf({ sginal: signal } as never))).toMatchObject({ field: "sginal" });
  });

  it("refuses what is no signal", () => {
    for (const signal of [5, "abort", {}, false] as never[]) {
      expect(caught(() => signalOf({ signal }))).toMatchObject({ code: "INVALID_INPUT", field: "signal" });
    }
  });
});
