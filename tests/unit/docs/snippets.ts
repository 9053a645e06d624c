import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const PACKAGE = "kubernetes-dependency-watches";

/** One block of TypeScript on a page of the docs. */
export interface Snippet {
  /** From the root of the repository. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  /** The file that it says it is, or one by its line. */
  readonly file: string;
  readonly code: string;
}

/** The blocks of a page. One that begins with `// name.ts` is that file to the others. */
export function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ({ 1: code = "", index }) => {
    const line = text.slice(0, index).split("\n").length + 1;
    const [, name = `line_${line}.ts`] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    return { page, line, file: name, code };
  });
}

/** Where the names of the package lead, by its exports: to the sources of what they name. */
export function packageSources(): Map<string, string> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    exports: Record<string, { default?: string } | string | null>;
  };
  const transports = ["fetch", "undici", "faults", "memory"].map((name) => `./transports/${name}`);
  const names = [".", "./node", ...transports];
  return new Map(
    names.map((name) => {
      const target = exports[name] ?? exports["./transports/*"];
      const path = (target as { default: string }).default.replace("*", name.replace("./transports/", ""));
      const source = path.replace("./dist/", "").replace(/\.js$/, ".ts");
      return [name.replace(".", PACKAGE), join(ROOT, source)];
    }),
  );
}

/**
 * Writes the blocks of one page into a folder, and a program that runs them one after the other and tells of each, as a
 * line of JSON, its file and what went wrong. The package's names lead to its sources.
 */
export function writeRunnable(snippets: readonly Snippet[], folder: string): string {
  const sources = packageSources();
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of snippets) {
    const runnable = code.replace(/(from )"([^"]+)"/g, (whole, from: string, name: string) => {
      const source = sources.get(name);
      return source === undefined ? whole : `${from}"${pathToFileURL(source).href}"`;
    });
    writeFileSync(join(folder, file), runnable);
  }
  const main = join(folder, "main.mjs");
  const files = snippets.map(({ file }) => file);
  writeFileSync(main, `for (const file of ${JSON.stringify(files)}) {\n${RUN_ONE}}\n`);
  return main;
}

const RUN_ONE = `
  const problem = await import("./" + file).then(() => "", (error) => String(error?.stack ?? error));
  console.log(JSON.stringify({ file, problem }));
`;

/** Writes the blocks of one page into a folder, with a project by which the compiler can check them. */
export function writeCheckable(snippets: readonly Snippet[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of snippets) writeFileSync(join(folder, file), `${code}\nexport {};\n`);
  const compilerOptions = {
    paths: Object.fromEntries([...packageSources()].map(([name, source]) => [name, [source]])),
    typeRoots: [join(ROOT, "node_modules/@types")],
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const project = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}
