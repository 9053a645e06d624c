import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { build } from "esbuild";
import { memoryApiServer } from "../../transports/memory/mod.ts";

type Core = typeof import("../../mod.ts");

const entry = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** The core as it is where the runtime says that `Symbol.asyncDispose` is this. */
async function coreWith(symbol: "undefined" | "Symbol.asyncDispose"): Promise<Core> {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, write: false, logLevel: "error" },
    ...{ format: "iife", globalName: "core", platform: "neutral", mainFields: ["module", "main"] },
    ...{ target: "es2023", define: { "Symbol.asyncDispose": symbol } },
  });
  return new Function(`${outputFiles[0]?.text}; return core;`)();
}

/** What an object has, by itself or from its classes. */
function membersOf(object: object): PropertyKey[] {
  const members: PropertyKey[] = [];
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at))
    members.push(...Reflect.ownKeys(at));
  return members;
}

async function disposables({ DynamicWatcher }: Core): Promise<object[]> {
  const transport = memoryApiServer().transport();
  const dynamicWatcher = new DynamicWatcher({ transport, cache: true, reconcile: () => {} });
  await dynamicWatcher.start();
  const batch = dynamicWatcher.startQueryBatch({
    version: "v1",
    kind: "ConfigMap",
    namespace: "default",
    name: "a",
  });
  await batch.end();
  await dynamicWatcher.stop();
  return [dynamicWatcher, batch];
}

describe("the core's asyncDispose", () => {
  it("is absent, and not named undefined, on a runtime without the symbol", async () => {
    const core = await coreWith("undefined");
    const classes = Object.values(core).filter((value) => typeof value === "function" && value.prototype);
    const prototypes = classes.map((value) => (value as { prototype: object }).prototype);
    for (const object of [...(await disposables(core)), ...prototypes]) {
      expect(membersOf(object)).not.toContain("undefined");
      expect(membersOf(object)).not.toContain(Symbol.asyncDispose);
    }
  });

  it("is there on one with it", async () => {
    for (const object of await disposables(await coreWith("Symbol.asyncDispose"))) {
      expect(membersOf(object)).toContain(Symbol.asyncDispose);
    }
  });
});
