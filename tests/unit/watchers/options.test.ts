import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { systemClock } from "../../../lib/support/clock.ts";
import { type DynamicWatcherOptions, resolveOptions } from "../../../lib/watchers/options.ts";
import { caught } from "../../fixtures/caught.ts";

const transport = { request: () => Promise.reject(), close: () => Promise.resolve() };
const required: DynamicWatcherOptions = { transport, reconcile() {} };

describe("resolveOptions", () => {
  it("fills in the defaults, also for what is undefined", () => {
    const defaults = {
      cache: false,
      initialReconcile: true,
      startTimeoutMs: 30_000,
      discoveryTtlMs: 600_000,
      missingResourceTtlMs: 0,
      clock: systemClock,
    };
    expect(resolveOptions(required)).toMatchObject(defaults);
    const nothing = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
    expect(resolveOptions({ ...required, ...nothing })).toMatchObject(defaults);
  });

  it("takes what it is given, as it is given", () => {
    const clock = { now: () => 0, setTimeout: () => () => {} };
    const logger = { warn() {}, error() {} };
    const options = {
      ...required,
      cache: true,
      startTimeoutMs: 1,
      maxConcurrentReconciles: 7,
      clock,
      logger,
    };
    expect(resolveOptions(options)).toMatchObject({
      cache: true,
      startTimeoutMs: 1,
      maxConcurrentReconciles: 7,
    });
    expect(resolveOptions(options).clock).toBe(clock);
    expect(resolveOptions(options).logger).toBe(logger);
    expect(resolveOptions(options).transport).toBe(transport);
  });

  const wrong: [object | undefined | null, string, string][] = [
    [undefined, "options", "they must be an object"],
    [null, "options", "they must be an object"],
    [{ transport: undefined }, "transport", "it must be an object with request(), close()"],
    [{ transport: { request() {} } }, "transport", "it must be an object with request(), close()"],
    [{ reconcile: undefined }, "reconcile", "it must be a function"],
    [{ cache: "yes" }, "cache", "it must be true or false"],
    [{ initialReconcile: 1 }, "initialReconcile", "it must be true or false"],
    [{ rateLimiter: { when() {} } }, "rateLimiter", "when(), forget(), retries()"],
    [{ maxConcurrentReconciles: 1.5 }, "maxConcurrentReconciles", "it must be a whole number, 1 or more"],
    [{ reconcileTimeoutMs: 0 }, "reconcileTimeoutMs", "a number of milliseconds above 0"],
    [{ admit: true }, "admit", "it must be a function"],
    [{ startTimeoutMs: -1 }, "startTimeoutMs", "a number of milliseconds above 0"],
    [{ watchTimeoutMs: Number.POSITIVE_INFINITY }, "watchTimeoutMs", "a number of milliseconds above 0"],
    [{ checkpoint: new Map() }, "checkpoint", "it must be an object with load(), save()"],
    [{ discoveryTtlMs: Number.NaN }, "discoveryTtlMs", "a number of milliseconds, 0 or more"],
    [{ missingResourceTtlMs: "1" }, "missingResourceTtlMs", "a number of milliseconds, 0 or more"],
    [{ clock: {} }, "clock", "now(), setTimeout()"],
    [{ random: 0.5 }, "random", "it must be a function"],
    [{ logger: true }, "logger", "it must be false or a logger"],
    [{ reconcile: undefined, reconcil: () => {} }, "reconcil", "there is no such option"],
    [
      { maxConcurentReconciles: 2 },
      "maxConcurentReconciles",
      "there is no such option; there are transport,",
    ],
  ];
  for (const [options, field, says] of wrong) {
    it(`names ${field} where it is wrong: ${Object.values(options ?? { options }).map(String)}`, () => {
      const given = options ? { ...required, ...options } : options;
      const error = caught(() => resolveOptions(given as never));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect(error.message).toContain(`Cannot construct a DynamicWatcher: ${field}: `);
      expect(error.message).toContain(says);
    });
  }

  it("names what is missing", () => {
    const error = caught(() => resolveOptions({ transport } as never));
    expect(error.message).toBe("Cannot construct a DynamicWatcher: reconcile: it must be a function");
  });
});
