import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { isInstalled, runtimes } from "../runtimes/runtimes.ts";
import { describeBunExample } from "./bun_example.ts";
import { describeFirstSnippet } from "./first_snippet.ts";
import { describeLinks } from "./links.ts";
import { describeLinters } from "./linters.ts";
import { describeMissingPackages } from "./missing_packages.ts";
import { installInto, NPM_INSTALL, packPackage } from "./packed_package.ts";
import { describeTypes } from "./types.ts";

const bun = runtimes.find((runtime) => runtime.name === "bun" && isInstalled(runtime));

const needed = fileURLToPath(new URL("node_modules/publint", import.meta.url));
const reason = "the linters of packages are not installed: run tests/runtimes/install.sh tests/packaging";
const isHere = existsSync(needed);
if (!isHere && process.env.CI === "true") throw new Error(`Cannot run the tests that CI requires: ${reason}`);

(isHere ? describe : describe.skip)(`the package, as it is published${isHere ? "" : ` (${reason})`}`, () => {
  let folder = "";
  let archive = "";
  const project = (name: "npm" | "bun") => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "packaging-"));
    archive = await packPackage(folder);
    await installInto(project("npm"), { command: NPM_INSTALL, archive });
    if (bun) await installInto(project("bun"), { command: [bun.command[0], "add"], archive });
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describeLinters(() => archive);
  describeTypes(() => project("npm"));
  describeFirstSnippet(project);
  describeBunExample(() => project("bun"));
  describeMissingPackages(() => project("npm"));
  describeLinks(() => project("npm"));
});
