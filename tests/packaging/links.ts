import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { PACKAGE } from "./packed_package.ts";

/** What the README and the pages in `docs/` point to is in the package. */
export function describeLinks(project: () => string): void {
  describe("the links of its pages", () => {
    it("lead to files of the package", async () => {
      const folder = join(project(), "node_modules", PACKAGE);
      const docs = await readdir(join(folder, "docs"));
      const found = [];
      for (const page of ["README.md", ...docs.map((name) => join("docs", name))]) {
        for (const target of relativeLinks(await readFile(join(folder, page), "utf8"))) {
          found.push({ page, target, leads: existsSync(join(folder, dirname(page), target)) });
        }
      }
      expect(found.filter(({ leads }) => !leads)).toEqual([]);
      expect(found.length).toBeGreaterThan(20);
    });
  });
}

function relativeLinks(markdown: string): string[] {
  const targets = Array.from(markdown.matchAll(/\]\(([^)\s#]+)/g), ([, target = ""]) => target);
  return targets.filter((target) => !target.includes("://"));
}
