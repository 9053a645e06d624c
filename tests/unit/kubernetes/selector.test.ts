import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import * as fc from "fast-check";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import type { Labels } from "../../../lib/kubernetes/object.ts";
import {
  canonicalSelector,
  formatSelector,
  type LabelSelector,
  matchesSelector,
  parseSelector,
} from "../../../lib/kubernetes/selector.ts";
import { caught } from "../../fixtures/caught.ts";

const LONGEST = "x".repeat(63);

const keys = fc.constantFrom("a", "b", "in", "notin", "example.com/a", "constructor", "toString");
const values = fc.constantFrom("", "x", "y", "5", "05", "10", "in", "notin");
const space = fc.constantFrom("", " ", "\t", "\r\n");
const sets = fc.array(values, { minLength: 1, maxLength: 3 }).map((set) => `(${set.join(" ,")})`);
const terms = fc
  .tuple(keys, space, values, sets)
  .chain(([key, gap, value, set]) =>
    fc.constantFrom(
      key,
      `!${gap}${key}`,
      `${key}${gap}=${gap}${value}`,
      `${key}==${gap}${value}`,
      `${key}!=${value || "x"}`,
      `${key} in${gap}${set}`,
      `${key}\tnotin ${set}`,
      `${key}${gap}>5`,
      `${key}<${gap}010`,
    ),
  );
const selectors = fc.array(terms, { maxLength: 4 }).map((all) => all.join(","));
const labels: fc.Arbitrary<Labels> = fc.dictionary(keys, values, { maxKeys: 4, noNullPrototype: true });

describe("canonicalSelector", () => {
  const cases: [text: string, canonical: string][] = [
    ["", ""],
    ["  \t\r\n", ""],
    ["b=2,a=1", "a=1,b=2"],
    [" a = 1 ,\tb == 2 ", "a=1,b=2"],
    ["a=1,a=1", "a=1"],
    ["a=2,a=1", "a=1,a=2"],
    ["a=", "a="],
    ["a=,b", "a=,b"],
    ["a in (x)", "a=x"],
    ["a in (z,x,z)", "a in (x,z)"],
    ["a in(x , y)", "a in (x,y)"],
    ["a in ()", "a="],
    ["a in (1,)", "a in (,1)"],
    ["a in (,1,,)", "a in (,1)"],
    ["a notin (x)", "a!=x"],
    ["a notin ()", "a notin ()"],
    ["!b,!a,c", "!a,!b,c"],
    ["! a", "!a"],
    ["in in (in,notin)", "in in (in,notin)"],
    ["notin notin (in)", "notin!=in"],
    ["in,!notin", "in,!notin"],
    ["a=in", "a=in"],
    ["a>05,a<9223372036854775807", "a<9223372036854775807,a>5"],
    ["example.com/a_B.c=1-2", "example.com/a_B.c=1-2"],
    [`${LONGEST}=${LONGEST}`, `${LONGEST}=${LONGEST}`],
  ];
  for (const [text, canonical] of cases) {
    it(`turns ${JSON.stringify(text)} into ${JSON.stringify(canonical)}`, () => {
      expect(canonicalSelector(text)).toBe(canonical);
    });
  }

  it("leaves its own text as it is", () => {
    fc.assert(
      fc.property(selectors, (text) => {
        const canonical = canonicalSelector(text);
        expect(canonicalSelector(canonical)).toBe(canonical);
      }),
    );
  });

  it("keeps the meaning", () => {
    fc.assert(
      fc.property(selectors, labels, (text, set) => {
        const canonical = parseSelector(canonicalSelector(text));
        const outcomes = text.split(/,(?![^(]*\))/).map((term) => matchesSelector(parseSelector(term), set));
        expect(matchesSelector(canonical, set)).toBe(!outcomes.includes(false));
      }),
    );
  });

  it("is one text whatever the order of terms", () => {
    fc.assert(
      fc.property(fc.array(terms, { minLength: 1, maxLength: 4 }), (all) => {
        expect(canonicalSelector([...all].reverse().join(","))).toBe(canonicalSelector(all.join(",")));
      }),
    );
  });
});

describe("parseSelector", () => {
  const refused: [text: string, problem: string][] = [
    ["a!=", "found the end, expected a label value"],
    ["a!=,b", 'found "," at character 4, expected a label value'],
    ["a=b=c", 'found "=" at character 4, expected "," or the end'],
    ["a=b c", 'found "c" at character 5, expected "," or the end'],
    ["a b", 'found "b" at character 3, expected an operator'],
    [",a", 'found "," at character 1, expected a label key'],
    ["a,", "found the end, expected a label key"],
    ["a,,b", 'found "," at character 3, expected a label key'],
    ["!", "found the end, expected a label key"],
    ["!!a", 'found "!" at character 2, expected a label key'],
    ["!a=1", 'found "=" at character 3, expected "," or the end'],
    ["=a", 'found "=" at character 1, expected a label key'],
    ["a===b", 'found "=" at character 4, expected a label value'],
    ["a in b", 'found "b" at character 6, expected "("'],
    ["a in (b", 'found the end, expected "," or ")"'],
    ["a in (b c)", 'found "c" at character 9, expected "," or ")"'],
    ["a in (b))", 'found ")" at character 9, expected "," or the end'],
    ["a>", "found the end, expected an integer"],
    ["a>x", 'found "x" at character 3, expected an integer'],
    ["a>-1", 'found "-1" at character 3, expected an integer'],
    ["a<9223372036854775808", "expected an integer from 0 to 2^63-1"],
    ["-a=1", 'found "-a" at character 1, expected a label key (the name of a label key is at most 63'],
    ["a-", "expected a label key (the name"],
    ["a=b-", 'found "b-" at character 3, expected a label value (a label value is at most 63'],
    ["a=b/c", "expected a label value ("],
    ["a=é", "expected a label value ("],
    ["a\u00a0=1", "expected a label key ("],
    ["/a", "expected a label key (the prefix"],
    ["a/", "expected a label key (the name"],
    ["a/b/c", "expected a label key (the name"],
    ["A/b", "expected a label key (the prefix"],
    ["a..b/c", "expected a label key (the prefix"],
    [`${"p".repeat(254)}/a`, "expected a label key (the prefix"],
    [`${LONGEST}x`, "expected a label key (the name"],
    [`a=${LONGEST}x`, "expected a label value ("],
  ];
  for (const [text, problem] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const error = caught(() => parseSelector(text));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "selector" });
      expect(error.message).toContain(`Cannot parse the selector "${text}": found `);
      expect(error.message).toContain(problem);
    });
  }
});

describe("matchesSelector", () => {
  const cases: [text: string, labels: Labels, matches: boolean][] = [
    ["", {}, true],
    ["a=1", { a: "1" }, true],
    ["a=1", { a: "2" }, false],
    ["a=1", {}, false],
    ["a=", { a: "" }, true],
    ["a=", {}, false],
    ["a!=1", {}, true],
    ["a!=1", { a: "1" }, false],
    ["a in (1,2)", { a: "2" }, true],
    ["a in (1,2)", { b: "2" }, false],
    ["a notin (1,2)", {}, true],
    ["a notin (1,2)", { a: "2" }, false],
    ["a notin ()", { a: "" }, false],
    ["a notin ()", {}, true],
    ["a", { a: "" }, true],
    ["a", {}, false],
    ["!a", {}, true],
    ["!a", { a: "" }, false],
    ["a=1,a=2", { a: "1" }, false],
    ["a>5", { a: "6" }, true],
    ["a>5", { a: "5" }, false],
    ["a>5", { a: "10" }, true],
    ["a<5", { a: "004" }, true],
    ["a<5", { a: "x" }, false],
    ["a<5", {}, false],
    ["a>5", { a: "9223372036854775808" }, false],
    ["a>9007199254740992", { a: "9007199254740993" }, true],
    ["constructor", {}, false],
    ["!toString", {}, true],
  ];
  for (const [text, labels, matches] of cases) {
    it(`${text || '""'} ${matches ? "selects" : "does not select"} ${JSON.stringify(labels)}`, () => {
      expect(matchesSelector(parseSelector(text), labels)).toBe(matches);
    });
  }
});

describe("formatSelector", () => {
  const cases: [selector: LabelSelector, text: string][] = [
    [{}, ""],
    [{ matchLabels: {}, matchExpressions: [] }, ""],
    [{ matchLabels: { b: "2", a: "1" } }, "a=1,b=2"],
    [{ matchLabels: { a: "" } }, "a="],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["y", "x", "y"] }] }, "a in (x,y)"],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: ["x"] }] }, "a!=x"],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: [""] }] }, "a notin ()"],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }, "a"],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist", values: [] }] }, "!a"],
    [{ matchLabels: { c: "1" }, matchExpressions: [{ key: "b", operator: "Exists" }] }, "b,c=1"],
  ];
  for (const [selector, text] of cases) {
    it(`turns ${JSON.stringify(selector)} into "${text}"`, () => {
      expect(formatSelector(selector)).toBe(text);
    });
  }

  it("refuses null, which selects nothing: no text does, and the empty one selects everything", () => {
    const error = caught(() => formatSelector(null));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "selector" });
  });

  it("refuses undefined as it refuses null", () => {
    const deployment: { spec?: { selector: LabelSelector } } = {};
    const error = caught(() => formatSelector(deployment.spec?.selector as LabelSelector));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "selector" });
  });

  it("refuses a plain map of labels, which would select everything", () => {
    for (const selector of [{ app: "web" }, { matchLabels: { app: "web" }, matchExpression: [] }]) {
      const error = caught(() => formatSelector(selector as LabelSelector));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "selector" });
      expect(error.message).toContain("matchLabels and matchExpressions");
    }
  });

  const refused: [selector: unknown, field: string][] = [
    [{ matchLabels: { "-a": "1" } }, 'selector.matchLabels["-a"]'],
    [{ matchLabels: { a: "b c" } }, 'selector.matchLabels["a"]'],
    [{ matchExpressions: [{ key: "a", operator: "In" }] }, "selector.matchExpressions[0]"],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: [] }] }, "selector.matchExpressions[0]"],
    [
      {
        matchExpressions: [
          { key: "a", operator: "Exists" },
          { key: "b", operator: "Exists", values: ["x"] },
        ],
      },
      "selector.matchExpressions[1]",
    ],
    [{ matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] }, "selector.matchExpressions[0]"],
    [{ matchExpressions: [{ key: "", operator: "Exists" }] }, "selector.matchExpressions[0]"],
  ];
  for (const [selector, field] of refused) {
    it(`refuses ${JSON.stringify(selector)}`, () => {
      const error = caught(() => formatSelector(selector as LabelSelector));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect(error.message).toContain(`Cannot format ${field}: `);
    });
  }
});
