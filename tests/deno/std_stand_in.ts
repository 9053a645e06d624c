import type { JsrRegistry } from "./jsr_registry.ts";

/** As much of Deno's std as the tests use, over what a Node project has: its test runner, and vitest's `expect`. */
const BDD = `
export { after as afterAll, afterEach, before as beforeAll, beforeEach, describe, it } from "node:test";
`;
const EXPECT = `
import * as chai from "npm:chai";
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "npm:@vitest/expect";
for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const expect = chai.expect;
`;

/** Puts `@std/testing/bdd` and `@std/expect` where `import_map.json` looks for them. */
export function addStd(registry: JsrRegistry): void {
  const one = (text: string) => new Map([["/mod.js", Buffer.from(text)]]);
  registry.add("@std/testing", { version: "1.0.0", exports: { "./bdd": "./mod.js" }, files: one(BDD) });
  registry.add("@std/expect", { version: "1.0.0", exports: { ".": "./mod.js" }, files: one(EXPECT) });
}
