import { readFile } from "node:fs/promises";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { MUTATIONS } from "./mutations.ts";

describe("MUTATIONS", () => {
  for (const { name, file, from, to } of MUTATIONS) {
    it(`has one place for ${name}`, async () => {
      const source = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
      expect(source.split(from).length - 1).toBe(1);
      expect(to).not.toBe(from);
    });
  }

  it("names each once", () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });
});
