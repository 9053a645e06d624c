import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { invalid } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { postMoon } from "./moons.ts";

type Cause = readonly [reason: string, field: string, message: string];

const MOON = { name: "one", group: "example.com", kind: "Moon" };

/** A value of another type; the schema tells the type, not the value. */
function mistyped(field: string, { is, must }: { is: string; must: string }): Cause {
  return [
    "FieldValueTypeInvalid",
    field,
    `Invalid value: "${is}": ${field} in body must be of type ${must}: "${is}"`,
  ];
}

function wrong(field: string, value: string, should: string): Cause {
  return ["FieldValueInvalid", field, `Invalid value: ${value}: ${field} in body should ${should}`];
}

function missing(field: string): Cause {
  return ["FieldValueRequired", field, "Required value"];
}

function unmatched(words: string): Cause {
  return ["FieldValueInvalid", "<nil>", `Invalid value: "": "spec.choice" must validate ${words}`];
}

const CASES: readonly [spec: object, causes: readonly Cause[]][] = [
  [{}, [missing("spec.size")]],
  [{ size: 0 }, [wrong("spec.size", "0", "be greater than or equal to 1")]],
  [{ size: 10 }, [wrong("spec.size", "10", "be less than or equal to 9")]],
  [{ size: "x" }, [mistyped("spec.size", { is: "string", must: "integer" })]],
  [{ size: 1.5 }, [mistyped("spec.size", { is: "number", must: "integer" })]],
  [{ size: true }, [mistyped("spec.size", { is: "boolean", must: "integer" })]],
  [
    { size: 1, colour: "green" },
    [
      [
        "FieldValueNotSupported",
        "spec.colour",
        'Unsupported value: "green": supported values: "red", "blue"',
      ],
    ],
  ],
  [{ size: 1, code: "a" }, [wrong("spec.code", '"a"', "be at least 2 chars long")]],
  [
    { size: 1, code: "abcde" },
    [["FieldValueTooLong", "spec.code", "Too long: may not be more than 4 bytes"]],
  ],
  [{ size: 1, code: "A1" }, [wrong("spec.code", '"A1"', "match '^[a-z]+$'")]],
  [
    { size: 1, seen: "yesterday" },
    [
      [
        "FieldValueTypeInvalid",
        "spec.seen",
        'Invalid value: "yesterday": spec.seen in body must be of type date-time: "yesterday"',
      ],
    ],
  ],
  [{ size: 1, share: true }, [mistyped("spec.share", { is: "boolean", must: "integer,string" })]],
  [{ size: 1, ports: [{ port: 1 }] }, [missing("spec.ports[0].name")]],
  [
    { size: 1, ports: [{ name: "p" }, { name: "p" }] },
    [["FieldValueDuplicate", "spec.ports[1]", 'Duplicate value: {"name":"p"}']],
  ],
  [
    { size: 1, ports: ["a", "b", "c", "d"].map((name) => ({ name })) },
    [["FieldValueTooMany", "spec.ports", "Too many: 4: must have at most 3 items"]],
  ],
  [{ size: 1, tags: ["a", "a"] }, [["FieldValueDuplicate", "spec.tags[1]", 'Duplicate value: "a"']]],
  [{ size: 1, steps: "a" }, [mistyped("spec.steps", { is: "string", must: "array" })]],
  [{ size: 1, steps: [1] }, [mistyped("spec.steps[0]", { is: "integer", must: "string" })]],
  [{ size: 1, counts: { a: "x" } }, [mistyped("spec.counts.a", { is: "string", must: "integer" })]],
  [
    { size: 1, choice: {} },
    [unmatched("one and only one schema (oneOf). Found none valid"), missing("spec.choice.a")],
  ],
  [
    { size: 1, choice: { a: "", b: "" } },
    [unmatched("one and only one schema (oneOf). Found 2 valid alternatives")],
  ],
  [{ size: 1, template: { spec: {} } }, [missing("spec.template.apiVersion"), missing("spec.template.kind")]],
];

export function validationCases(open: OpenSession): void {
  describe("an object that its schema does not allow", () => {
    for (const [spec, causes] of CASES) {
      it(`is invalid: ${JSON.stringify(spec)}`, async () => {
        const api = await open();
        const reply = await postMoon(api, spec);
        expect([reply.status, reply.text]).toEqual([422, invalid(MOON, causes).replaceAll(/[<>]/g, escaped)]);
        expect((await api.get(`${api.moons}/one`)).status).toBe(404);
      });
    }

    it("tells all that is wrong", async () => {
      const api = await open();
      const { json } = await postMoon(api, { size: 12, colour: "green", code: "A" });
      const { causes } = json.details as { causes: { field: string }[] };
      // A real server tells them in any order.
      expect(causes.map(({ field }) => field).sort()).toEqual(["spec.code", "spec.colour", "spec.size"]);
      expect(json.message).toMatch(/^Moon\.example\.com "one" is invalid: \[spec\./);
    });

    it("is invalid in an update and a patch too, and stays what it was", async () => {
      const api = await open();
      await postMoon(api, { size: 1 });
      const path = `${api.moons}/one`;
      const expected = invalid(MOON, [wrong("spec.size", "99", "be less than or equal to 9")]);
      const { json } = await api.get(path);
      const put = await api.send("PUT", path, { body: { ...json, spec: { size: 99 } } });
      expect(put.text).toBe(expected);
      expect((await api.send("PATCH", path, { body: { spec: { size: 99 } } })).text).toBe(expected);
      expect((await api.get(path)).json.spec).toEqual({ colour: "red", size: 1 });
    });

    it("in its status is invalid by the path of the status, whose words are about the status alone", async () => {
      const api = await open();
      await postMoon(api, { size: 1 });
      const reply = await api.send("PATCH", `${api.moons}/one/status`, { body: { status: { count: "x" } } });
      const message = 'Invalid value: "string": count in body must be of type integer: "string"';
      expect(reply.text).toBe(invalid(MOON, [["FieldValueTypeInvalid", "status.count", message]]));
    });

    it("is not by a status that the main path ignores", async () => {
      const api = await open();
      const made = await postMoon(api, { size: 1 }, { status: { count: 3 } });
      expect([made.status, made.json.status]).toEqual([201, undefined]);
      const patched = await api.patch(`${api.moons}/one`, { status: { count: 4 } });
      expect(patched.status).toBe(undefined);
    });
  });
}

/** As the API server writes it in JSON. */
function escaped(character: string): string {
  return character === "<" ? "\\u003c" : "\\u003e";
}
