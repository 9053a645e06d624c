import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests import Deno's std; its names are vitest's, so an alias serves on every runtime without JSR.
const alias = {
  "@std/testing/bdd": "vitest",
  "@std/expect": "vitest",
  "kubernetes-dependency-watches/serverless": source("./lib/checkpoint/mod.ts"),
  "kubernetes-dependency-watches/transports/memory": source("./transports/memory/mod.ts"),
  "kubernetes-dependency-watches": source("./mod.ts"),
};

const onRealServers = {
  globalSetup: ["tests/fixtures/control_plane_notice.ts"],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Most tests wait for a server; by default a machine of two cores runs one file at a time.
    maxWorkers: "100%",
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["tests/{unit,simulation,soak}/**/*.test.ts"],
          testTimeout: 10_000,
        },
      },
      {
        resolve: { alias },
        test: {
          ...onRealServers,
          name: "real",
          include: ["tests/{conformance,integration,clients,differential}/**/*.test.ts"],
        },
      },
      {
        // Recovery takes its time on a machine that does other things as well: run it alone.
        resolve: { alias },
        test: {
          ...onRealServers,
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          testTimeout: 240_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "package",
          include: ["tests/{packaging,deno}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
