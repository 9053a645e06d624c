import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, DependencyWatchError } from "../../../lib/kubernetes/errors.ts";
import { errorAbout } from "../../../lib/serve/error_about.ts";

const a = { version: "v1", kind: "Secret", namespace: "ns", name: "a" };
const b = { ...a, name: "b" };

describe("errorAbout", () => {
  it("says of an error what it is about, and leaves the one that others share as it is", () => {
    const error = new ApiError("no", { status: 503, reason: "", details: {} });
    const about = errorAbout(error, a);
    expect(about).toMatchObject({ watched: a, status: 503, message: "no" });
    expect("watched" in error).toBe(false);
    expect(errorAbout(about, a)).toBe(about);
  });

  it("leaves an error alone that is about something else, and gives one that is its like", () => {
    const cause = new Error("why");
    const error = new ApiError("no", { status: 503, reason: "Busy", details: {} }, { cause, watched: a });
    const other = errorAbout(error, b);
    expect(error.watched).toBe(a);
    expect(other.watched).toBe(b);
    expect(other).toBeInstanceOf(ApiError);
    expect(other).toBeInstanceOf(DependencyWatchError);
    // An error to the runtime too, which reporters and message channels ask for.
    expect(structuredClone(other)).toBeInstanceOf(Error);
    expect([other.code, other.status, other.reason, other.message, other.stack, other.cause]).toEqual([
      "API_ERROR",
      503,
      "Busy",
      "no",
      error.stack,
      cause,
    ]);
  });

  it("gives back what is no error of ours", () => {
    for (const reason of [undefined, null, "enough", new Error("mine")]) {
      expect(errorAbout(reason, a)).toBe(reason);
    }
  });
});
