import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { errorCode } from "../../../runtime/error_code.ts";

class NotCapable extends Error {
  override name = "NotCapable";
}

describe("errorCode", () => {
  for (const { error, code } of [
    { error: Object.assign(new Error("open s3cr3t"), { code: "ENOENT" }), code: "ENOENT" },
    { error: Object.assign(new TypeError("open s3cr3t"), { code: 5 }), code: "TypeError" },
    { error: new NotCapable('Requires read access to "s3cr3t"'), code: "NotCapable" },
    { error: "s3cr3t", code: "unknown error" },
  ]) {
    it(`is ${code}, and nothing of a message`, () => {
      expect(errorCode(error)).toBe(code);
    });
  }
});
