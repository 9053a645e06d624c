import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { build } from "esbuild";

const entry = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** What every runtime with the web's APIs has, and nothing that only one of them has. */
const WEB_GLOBALS = [
  "AbortController",
  "AbortSignal",
  "DOMException",
  "Event",
  "EventTarget",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
  "clearTimeout",
  "console",
  "performance",
  "queueMicrotask",
  "setTimeout",
  "structuredClone",
] as const;

async function bundledCore(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "kdw",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
  });
  return outputFiles[0]?.text ?? "";
}

function webContext(): Record<string, unknown> {
  return createContext(Object.fromEntries(WEB_GLOBALS.map((name) => [name, globalThis[name]])));
}

/** An API server of one ConfigMap, in words that need nothing but the language. */
const STORY = `
  const lines = [];
  const bytes = (value) => new TextEncoder().encode(JSON.stringify(value) + "\\n");
  const object = (resourceVersion, data) => ({
    kind: "ConfigMap", apiVersion: "v1", metadata: { name: "settings", namespace: "default", uid: "u", resourceVersion }, data,
  });
  const discovery = {
    kind: "APIResourceList", groupVersion: "v1",
    resources: [{ name: "configmaps", kind: "ConfigMap", namespaced: true, verbs: ["get", "list", "watch"] }],
  };
  let more;
  const changed = new Promise((resolve) => { more = resolve; });
  async function* watchBody(signal) {
    yield bytes({ type: "ADDED", object: object("1", { a: "1" }) });
    yield bytes({ type: "BOOKMARK", object: { kind: "ConfigMap", apiVersion: "v1", metadata: {
      resourceVersion: "1", annotations: { "k8s.io/initial-events-end": "true" } } } });
    await changed;
    yield bytes({ type: "MODIFIED", object: object("2", { a: "2" }) });
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
  async function* jsonBody(value) { yield bytes(value); }
  const answer = (status, body) => ({ status, headers: { get: () => "application/json" }, body });
  const transport = {
    async request({ path, signal }) {
      if (path.includes("watch=1")) return answer(200, watchBody(signal));
      if (path === "/api") return answer(200, jsonBody({ kind: "APIVersions", versions: ["v1"] }));
      if (path === "/apis") return answer(200, jsonBody({ kind: "APIGroupList", groups: [] }));
      if (path === "/api/v1") return answer(200, jsonBody(discovery));
      return answer(404, jsonBody({ kind: "Status", code: 404, reason: "NotFound" }));
    },
    async close() {},
  };
  (async () => {
    const watcher = { version: "v1", kind: "Pod", namespace: "default", name: "web" };
    const watched = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };
    let done;
    const finished = new Promise((resolve) => { done = resolve; });
    const dynamicWatcher = new kdw.DynamicWatcher({ transport, cache: true, reconcile(_watcher, { causes }) {
      for (const cause of causes) lines.push(cause.type + JSON.stringify(cause.patch ?? null));
      if (lines.length === 1) more(); else done();
    } });
    await dynamicWatcher.start();
    await dynamicWatcher.addWatcher(watcher, watched);
    await finished;
    lines.push(dynamicWatcher.getFromCache(watched).data.a);
    await dynamicWatcher.stop();
    return JSON.stringify(lines);
  })()
`;

const PATCH = [
  { op: "replace", path: "/data/a", value: "2" },
  { op: "replace", path: "/metadata/resourceVersion", value: "2" },
];

describe("the core", () => {
  it("runs where there are only the web's globals", async () => {
    const context = webContext();
    runInContext(await bundledCore(), context);
    const lines: unknown = JSON.parse(await runInContext(STORY, context));
    expect(lines).toEqual(["INITIALnull", `MODIFIED${JSON.stringify(PATCH)}`, "2"]);
  });
});
