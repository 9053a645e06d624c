import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Logger, resolveLogger } from "../../../lib/support/logger.ts";

describe("resolveLogger", () => {
  const real = { warn: console.warn, error: console.error };
  let lines: unknown[][];

  beforeEach(() => {
    lines = [];
    console.warn = (...args: unknown[]) => lines.push(["warn", ...args]);
    console.error = (...args: unknown[]) => lines.push(["error", ...args]);
  });

  afterEach(() => {
    Object.assign(console, real);
  });

  it("gives back the logger that was given", () => {
    const logger: Logger = { warn() {}, error() {} };
    expect(resolveLogger(logger)).toBe(logger);
  });

  it("writes warnings and errors, and nothing else, to the console without one", () => {
    const logger = resolveLogger(undefined);
    logger.debug?.("debug");
    logger.info?.("info");
    logger.warn("slow", 1);
    logger.error("broken", 2);
    expect(lines).toEqual([
      ["warn", "slow", 1],
      ["error", "broken", 2],
    ]);
  });

  it("is silent for false", () => {
    const logger = resolveLogger(false);
    logger.warn("slow");
    logger.error("broken");
    expect(lines).toEqual([]);
  });
});
