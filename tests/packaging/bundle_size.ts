import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** A program as it goes over the wire to an edge or a browser, with all packages inside. */
export interface BundleSize {
  readonly minified: number;
  readonly gzipped: number;
}

/** Bundles a module's text, minified, as if it stood in a folder; gives what came of it, without `external`, in bytes. */
export async function bundleSize(
  code: string,
  {
    folder,
    platform,
    external = [],
  }: { folder: string; platform: "neutral" | "node"; external?: readonly string[] },
): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    ...{ bundle: true, minify: true, write: false, format: "esm", target: "es2023", legalComments: "none" },
    ...{ external: [...external], platform, mainFields: ["module", "main"], logLevel: "error" },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("Cannot measure the bundle: esbuild made none");
  return { minified: file.contents.length, gzipped: gzipSync(file.contents, { level: 9 }).length };
}
