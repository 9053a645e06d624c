import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests import Deno's std; its names are vitest's, so an alias serves on every runtime without JSR.
const alias = {
  "@std/testing/bdd": "vitest",
  "@std/expect": "vitest",
  "kubernetes-dependency-watches": fileURLToPath(new URL("./mod.ts", import.meta.url)),
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 10_000 },
      },
      {
        resolve: { alias },
        test: {
          name: "real",
          globalSetup: ["tests/fixtures/control_plane_notice.ts"],
          include: ["tests/conformance/**/*.test.ts", "tests/integration/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
