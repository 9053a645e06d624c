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
  const { code } = await transform(await readFile(sourcefile, "utf8"), {
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
