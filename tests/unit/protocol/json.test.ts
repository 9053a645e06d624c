import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ProtocolError } from "../../../lib/kubernetes/errors.ts";
import { isJsonObject, parseJsonObject } from "../../../lib/protocol/json.ts";

describe("isJsonObject", () => {
  it("is true for objects only", () => {
    expect([{}, { a: 1 }, [], null, "x", 1, undefined].map(isJsonObject)).toEqual([
      ...[true, true, false, false, false, false, false],
    ]);
  });
});

describe("parseJsonObject", () => {
  it("gives the object", () => {
    expect(parseJsonObject('{"a":[1]}', "list pods")).toEqual({ a: [1] });
  });

  for (const text of ['{"password":"hunter2"', "hunter2", '["hunter2"]', '"hunter2"', "null", ""]) {
    it(`refuses ${JSON.stringify(text)}, and quotes nothing of it`, () => {
      let error: unknown;
      try {
        parseJsonObject(text, "list pods");
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(ProtocolError);
      expect((error as Error).message).toContain("Cannot list pods: ");
      expect((error as Error).message).not.toContain("hunter2");
      expect((error as Error).cause).toBe(undefined);
    });
  }
});
