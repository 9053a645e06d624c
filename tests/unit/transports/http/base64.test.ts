import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { base64 } from "../../../../transports/http/base64.ts";

describe("base64", () => {
  it("is that of a text's UTF-8", () => {
    expect(base64("à:b")).toBe("w6A6Yg==");
  });

  it("takes a text of any length", () => {
    const text = "à bundle of authorities\n".repeat(50_000);
    expect(Buffer.from(base64(text), "base64").toString()).toBe(text);
  });
});
