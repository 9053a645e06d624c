import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { isOfFormat } from "../../../../transports/memory/schema_format.ts";
import { matchesPattern } from "../../../../transports/memory/schema_pattern.ts";

const FORMATS: readonly [format: string, good: string[], bad: string[]][] = [
  [
    "date-time",
    ["2014-12-15T19:30:20.000Z", "2026-01-01T00:00:00+02:00"],
    ["x", "2026-01-01", "2026-13-01T00:00:00Z"],
  ],
  ["date", ["2026-02-28"], ["2026-02-30", "x"]],
  ["email", ["a@example.com"], ["x", "@example.com"]],
  ["hostname", ["a.example.com"], ["-x", "a b"]],
  ["ipv4", ["10.0.0.1"], ["x", "10.0.0.256", "::1"]],
  ["ipv6", ["::1", "fe80::1"], ["x", "10.0.0.1"]],
  ["cidr", ["10.0.0.0/24", "fe80::/10"], ["x", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/24/1"]],
  ["mac", ["01:23:45:67:89:ab", "01-23-45-67-89-ab"], ["x", "01:23-45:67:89:ab"]],
  ["uri", ["https://example.com/a?b#c", "/path"], ["x", "a b"]],
  ["uuid", ["123E4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"], ["x"]],
  ["uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]],
  ["byte", ["YQ==", ""], ["%%", "YQ="]],
  ["duration", ["1h30m", "22 ns", "0", "1.5s"], ["x", "1", "P1D"]],
  ["k8s-short-name", ["a-1"], ["A", "-a", "a.b", "x".repeat(64)]],
  ["k8s-long-name", ["a.b-c"], ["A", "a..b"]],
  ["int32", ["anything"], []],
  ["made-up", ["anything"], []],
];

describe("isOfFormat", () => {
  for (const [format, good, bad] of FORMATS) {
    it(`knows ${format}`, () => {
      expect([...good, ...bad].filter((text) => isOfFormat(text, format))).toEqual(good);
    });
  }
});

describe("matchesPattern", () => {
  const cases: [text: string, pattern: string, matches: boolean][] = [
    ["abc", "b", true],
    ["abc", "^b", false],
    ["ABC", "(?i)^abc$", true],
    ["a@b", "^a\\@b$", true],
    ["abc", "\\Aabc\\z", true],
    ["abc1", "^[[:alpha:]]+$", false],
    ["é", "^\\pL$", true],
    ["anything", "(", true],
  ];
  for (const [text, pattern, matches] of cases) {
    it(`${matches ? "finds" : "does not find"} ${pattern} in ${text}`, () => {
      expect(matchesPattern(text, pattern)).toBe(matches);
    });
  }
});
