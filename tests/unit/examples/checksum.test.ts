import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type Contents, checksumOf, type Holding } from "../../../examples/rollout_controller/checksum.ts";

const secret = (name: string, contents: Contents | undefined) => ({
  kind: "Secret" as const,
  name,
  contents,
});

const base = [secret("db", { data: { user: "YQ==", password: "Yg==" } })];

const different: { name: string; holdings: Holding[] }[] = [
  { name: "a value", holdings: [secret("db", { data: { user: "YQ==", password: "Yw==" } })] },
  { name: "a key", holdings: [secret("db", { data: { user: "YQ==", passwort: "Yg==" } })] },
  { name: "one key more", holdings: [secret("db", { data: { user: "YQ==", password: "Yg==", x: "" } })] },
  { name: "binaryData", holdings: [secret("db", { binaryData: { user: "YQ==", password: "Yg==" } })] },
  { name: "another name", holdings: [secret("db2", { data: { user: "YQ==", password: "Yg==" } })] },
  { name: "another kind", holdings: [{ ...base[0]!, kind: "ConfigMap" }] },
  { name: "an absent object", holdings: [secret("db", undefined)] },
  { name: "an empty object", holdings: [secret("db", {})] },
  { name: "one absent object more", holdings: [...base, secret("x", undefined)] },
];

describe("checksumOf", () => {
  it("is 64 hex digits", async () => {
    expect(await checksumOf(base)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is the same for the same contents in another order", async () => {
    const other = secret("a", { data: { k: "v" } });
    const swapped = secret("db", { data: { password: "Yg==", user: "YQ==" } });
    expect(await checksumOf([other, swapped])).toBe(await checksumOf([...base, other]));
  });

  it("ignores what pods do not see", async () => {
    const labelled = { data: { user: "YQ==", password: "Yg==" }, metadata: { resourceVersion: "7" } };
    expect(await checksumOf([secret("db", labelled)])).toBe(await checksumOf(base));
  });

  it("differs between all of these", async () => {
    const sums = await Promise.all([base, ...different.map(({ holdings }) => holdings)].map(checksumOf));
    expect(new Set(sums).size).toBe(different.length + 1);
  });

  for (const { name, holdings } of different) {
    it(`changes with ${name}`, async () => {
      expect(await checksumOf(holdings)).not.toBe(await checksumOf(base));
    });
  }
});
