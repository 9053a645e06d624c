import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ProtocolError } from "../../../lib/kubernetes/errors.ts";
import { parseJsonObject } from "../../../lib/protocol/parse_json.ts";

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
