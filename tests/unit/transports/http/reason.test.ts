import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { reasonOf } from "../../../../transports/http/reason.ts";

function coded(code: unknown, options?: ErrorOptions): Error {
  return Object.assign(new Error("to http://secret", options), { code });
}

describe("reasonOf", () => {
  const circle = new Error("round");
  circle.cause = circle;
  const reasons: { name: string; error: unknown; reason: string }[] = [
    { name: "a code", error: coded("ECONNREFUSED"), reason: " (ECONNREFUSED)" },
    {
      name: "the code of a cause",
      error: new TypeError("failed", { cause: coded("ECONNREFUSED") }),
      reason: " (ECONNREFUSED)",
    },
    {
      name: "the innermost code",
      error: coded("OUTER", { cause: coded("INNER", { cause: new Error("more") }) }),
      reason: " (INNER)",
    },
    {
      name: "the innermost message where nothing has a code",
      error: new TypeError("failed", { cause: new Error("unknown issuer") }),
      reason: " (unknown issuer)",
    },
    {
      name: "a message beside a code that is no text",
      error: Object.assign(new Error("no"), { code: 7 }),
      reason: " (no)",
    },
    { name: "causes that go round", error: circle, reason: " (round)" },
    { name: "an error that says nothing", error: new Error(""), reason: "" },
    { name: "what is no error", error: "text", reason: "" },
    { name: "nothing", error: undefined, reason: "" },
  ];
  for (const { name, error, reason } of reasons) {
    it(`is ${JSON.stringify(reason)} for ${name}`, () => {
      expect(reasonOf(error)).toBe(reason);
    });
  }

  const messages: [message: string, reason: string][] = [
    [
      "error sending request for url (https://me:s3cr3t@10.0.0.1/a?b=s3cr3t): client error (Connect): UnknownIssuer",
      "error sending request for url … client error (Connect): UnknownIssuer",
    ],
    ['append: "Bearer s3cr3t" is no value', "append: … is no value"],
    ["Unexpected token 's', \"s3cr3t\"... is not valid JSON", "Unexpected token …"],
    ["Expected ',' or '}' in JSON", "Expected … in JSON"],
    ["Header 'x' has bad value 's3c'r3t abc'", "Header …"],
    ['"a" and \'s3c" ret\'', "…"],
    ["it's 's3cr3t", "it's …"],
    ["login failed for user bob with password hunter2", "login failed for user bob with password …"],
    ["invalid header value: s3cr3t", "invalid header value …"],
    ["the Tokens are s3cr3t and s3cr3t", "the Tokens …"],
    ["it has no value", "it has no value"],
    ['it begins with "s3cr3t and', "it begins with …"],
    ["called with another `this`", "called with another …"],
    ["it isn't there", "it isn't there"],
    ["for Bearer s3cr3t now", "for Bearer …"],
    ["for me:s3cr3t, id=s3cr3t and s3cr3t@10.0.0.1", "for … … and …"],
    [`with ${"s3cr3t".repeat(9)} in it`, "with … in it"],
    ["two\r\n\tlines\u001b[31m", "two lines [31m"],
  ];
  for (const [message, reason] of messages) {
    it(`tells of ${JSON.stringify(message)} no secret, in one line`, () => {
      expect(reasonOf(new Error(message))).toBe(` (${reason})`);
    });
  }

  it("is the code, else the class, where messages are to stay hidden", () => {
    const cause = new RangeError("hunter2");
    for (const [error, reason] of [
      [new TypeError("hunter2", { cause }), " (RangeError)"],
      [coded("ENOENT", { cause }), " (ENOENT)"],
      ["hunter2", ""],
    ] as const) {
      expect(reasonOf(error, { messages: false })).toBe(reason);
    }
  });

  it("cuts what is long", () => {
    const reason = reasonOf(new Error("word ".repeat(100)));
    expect(reason.length).toBeLessThan(170);
    expect(reason.endsWith("…)")).toBe(true);
  });
});
