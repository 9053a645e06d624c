import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const PACKAGE = "kubernetes-dependency-watches";

/** The package's own name means its sources, as in the test runner. */
export function resolve(specifier, context, next) {
  return specifier === PACKAGE
    ? { url: new URL("../mod.ts", import.meta.url).href, format: "module", shortCircuit: true }
    : next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return next(url, context);
  const sourcefile = fileURLToPath(url);
  return loaded(await readFile(sourcefile, "utf8"), { sourcefile });
}

/** What a load hook answers for the TypeScript that `sourcefile` holds. */
export async function loaded(source, { sourcefile }) {
  const { code } = await transform(source, {
    sourcefile,
    loader: "ts",
    format: "esm",
    target: "es2023",
    sourcemap: "inline",
    // Erases types only: an import used as a value stays even if nothing reads it.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: "module", source: code, shortCircuit: true };
}
