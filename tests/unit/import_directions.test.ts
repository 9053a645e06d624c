import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The rooms of lib/, each of which may import those before it. */
const ROOMS = [
  "support",
  "kubernetes",
  "protocol",
  "watch",
  "cache",
  "serve",
  "graph",
  "reconcile",
  "watchers",
  "checkpoint",
];
const PURE_ROOMS = ["support", "kubernetes"];
/** What may come from outside, by the place that imports it. */
const PACKAGES = [
  { place: /^lib\//, allowed: ["eventemitter3", "fast-json-patch/module/duplex.mjs", "valibot"] },
  {
    place: /^transports\/(undici|http\/(connections|secure_context|socks5|tunnel))\.ts$/,
    allowed: ["undici", "undici/index.js", "valibot", "node:*"],
  },
  { place: /^transports\/memory\//, allowed: ["@cfworker/json-schema", "valibot", "yaml"] },
  { place: /^transports\//, allowed: ["valibot"] },
  { place: /^runtime\//, allowed: ["valibot", "yaml", "node:*"] },
  { place: /^cli\//, allowed: ["yaml", "node:*"] },
  { place: /^mod\.ts$/, allowed: [] },
];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file).replaceAll("\\", "/"));
}

/** The code of a file without its comments: an example in a docstring imports what it likes. */
function code(file: string): string {
  return readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

function imports(file: string): string[] {
  const specifiers = code(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g);
  return Array.from(specifiers, ([, specifier = ""]) => specifier);
}

function localImports(file: string): string[] {
  return imports(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => relative(root, join(root, dirname(file), specifier)).replaceAll("\\", "/"));
}

function roomOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** The rooms that a room of lib/ may import. */
function allowedRooms(room: string): string[] {
  const pureOnly = room === "graph" || room === "reconcile";
  return pureOnly ? [...PURE_ROOMS, room] : ROOMS.slice(0, ROOMS.indexOf(room) + 1);
}

const libFiles = sourceFiles("lib");
const files = ["mod.ts", ...libFiles, ...["transports", "runtime", "cli"].flatMap(sourceFiles)];

describe("import directions", () => {
  it("finds the files of every room", () => {
    expect([...new Set(libFiles.map(roomOf))].filter((room) => !room.endsWith(".ts")).sort()).toEqual(
      [...ROOMS].sort(),
    );
  });

  for (const file of libFiles.filter((name) => ROOMS.includes(roomOf(name)))) {
    it(`${file} imports only rooms before its own`, () => {
      const wrong = localImports(file).filter(
        (target) => !allowedRooms(roomOf(file)).includes(roomOf(target)),
      );
      expect(wrong).toEqual([]);
    });
  }

  it("transports import the contract and pure parts only", () => {
    const allowed = /^(transports\/|lib\/(support|kubernetes)\/|lib\/protocol\/(transport|watch_event)\.ts$)/;
    const wrong = sourceFiles("transports").flatMap((file) =>
      localImports(file)
        .filter((target) => !allowed.test(target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("nothing in lib/ or mod.ts imports transports/ or runtime/", () => {
    const wrong = ["mod.ts", ...libFiles].flatMap((file) =>
      localImports(file).filter((target) => !/^lib\//.test(target) && target !== "mod.ts"),
    );
    expect(wrong).toEqual([]);
  });

  it("packages come only where they have their place", () => {
    const wrong = files.flatMap((file) => {
      const allowed = PACKAGES.find(({ place }) => place.test(file))?.allowed ?? [];
      return imports(file)
        .filter((specifier) => !specifier.startsWith("."))
        .filter(
          (specifier) =>
            !allowed.includes(specifier) && !(specifier.startsWith("node:") && allowed.includes("node:*")),
        )
        .map((specifier) => `${file} -> ${specifier}`);
    });
    expect(wrong).toEqual([]);
  });

  it("lib/ and mod.ts touch no global of one runtime", () => {
    const runtimeGlobal = /\b(process|Buffer|Deno|Bun|require|__dirname|setImmediate)\s*[.([]/;
    expect(["mod.ts", ...libFiles].filter((file) => runtimeGlobal.test(code(file)))).toEqual([]);
  });

  it("lib/ takes its time from the clock and its aborts from controllers", () => {
    const bare = /\bDate\.now\(|(?<![.\w])setTimeout\(|(?<![.\w])setInterval\(|AbortSignal\.(any|timeout)\(/;
    const wrong = libFiles.filter((file) => file !== "lib/support/clock.ts" && bare.test(code(file)));
    expect(wrong).toEqual([]);
  });
});
