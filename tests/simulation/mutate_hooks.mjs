// Loads one file of the repository with one snippet replaced: registered behind scripts/typescript_hooks.mjs.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

let mutation;

export function initialize(data) {
  mutation = data;
}

export async function load(url, context, next) {
  if (url !== mutation.url) return next(url, context);
  const sourcefile = fileURLToPath(url);
  const parts = (await readFile(sourcefile, "utf8")).split(mutation.from);
  if (parts.length !== 2) {
    throw new Error(
      `Cannot mutate ${sourcefile}: the snippet of ${mutation.name} is there ${parts.length - 1} times`,
    );
  }
  const { code } = await transform(parts.join(mutation.to), {
    sourcefile,
    loader: "ts",
    format: "esm",
    target: "es2023",
    sourcemap: "inline",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: "module", source: code, shortCircuit: true };
}
