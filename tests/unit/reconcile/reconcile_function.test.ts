import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { requeueDelayMs } from "../../../lib/reconcile/reconcile_function.ts";

describe("requeueDelayMs", () => {
  for (const [result, delayMs] of [
    [undefined, 0],
    [{}, 0],
    [{ requeueAfterMs: undefined }, 0],
    [{ requeueAfterMs: 0 }, 0],
    [{ requeueAfterMs: 0.5 }, 0.5],
    [{ requeueAfterMs: 1e12 }, 1e12],
  ] as const) {
    it(`takes ${JSON.stringify(result)} as ${delayMs} ms`, () => {
      expect(requeueDelayMs(result)).toBe(delayMs);
    });
  }

  for (const requeueAfterMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, "10" as never, 10n as never]) {
    it(`refuses ${typeof requeueAfterMs} ${requeueAfterMs}`, () => {
      try {
        requeueDelayMs({ requeueAfterMs });
        throw new Error("was accepted");
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        expect((error as InvalidInputError).field).toBe("requeueAfterMs");
        expect((error as InvalidInputError).message).toContain(`requeueAfterMs is ${requeueAfterMs};`);
      }
    });
  }
});
