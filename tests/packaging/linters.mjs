// What those who know what goes wrong with packages find in a packed one, as lines of JSON:
//
//   node linters.mjs ARCHIVE ENTRY_POINT...
import { readFile } from "node:fs/promises";
import process from "node:process";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";

const [archive, ...entrypoints] = process.argv.slice(2);
const bytes = new Uint8Array(await readFile(archive));

const { types, problems } = await checkPackage(createPackageFromTarballData(bytes), { entrypoints });
if (!types) report("@arethetypeswrong/core", { kind: "there are no types" });
for (const problem of problems ?? []) if (!isOfCommonJs(problem)) report("@arethetypeswrong/core", problem);

const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
for (const message of messages) report("publint", message);

/** An ES module has no types for CommonJS, and needs none. */
function isOfCommonJs({ resolutionKind }) {
  return resolutionKind === "node10" || resolutionKind === "node16-cjs";
}

function report(linter, problem) {
  console.log(JSON.stringify({ linter, problem }));
}
