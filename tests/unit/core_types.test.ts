import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";

const root = fileURLToPath(new URL("../../", import.meta.url));

const OPTIONS = [
  ...[
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--allowImportingTsExtensions",
  ],
  ...["--target", "es2023", "--module", "nodenext", "--skipLibCheck"],
];

/** What the compiler says of the core where these are the only types. */
function complaints(...types: string[]): Promise<string> {
  const args = ["node_modules/typescript/bin/tsc", ...OPTIONS, ...types, "mod.ts"];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout) => {
      resolve(error === null ? "" : stdout || error.message);
    });
  });
}

describe("the core's types", () => {
  for (const [place, types] of [
    ["Node without the DOM", ["--lib", "es2023", "--types", "node"]],
    ["the DOM without Node", ["--lib", "es2023,dom,dom.asynciterable", "--types", ""]],
  ] as const) {
    it(`are known to ${place}`, async () => {
      expect(await complaints(...types)).toBe("");
    });
  }
});
