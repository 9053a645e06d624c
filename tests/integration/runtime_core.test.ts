import { existsSync } from "node:fs";
import process from "node:process";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import { chromiumInstalled } from "../runtimes/probes/chromium.ts";
import { expectedCore, probeChromium, probeWorkerd } from "../runtimes/probes/core_probe.ts";
import { notInstalled, workerd } from "../runtimes/runtimes.ts";

/** The runtimes come from packages that a checkout need not have; CI has them. */
function describeInstalled(name: string, installed: boolean, define: () => void): void {
  if (installed || process.env.CI === "true") describe(name, define);
  else describe.skip(`${name} (${notInstalled})`, define);
}

describe("the core", () => {
  let server: MemoryApiServer;
  let listening: ListeningServer;

  beforeEach(async () => {
    server = memoryApiServer();
    listening = await serve(server);
  });
  afterEach(() => listening.close());

  for (const { name, installed, probe } of [
    { name: "in workerd, without a compatibility flag", installed: existsSync(workerd), probe: probeWorkerd },
    { name: "in a page of headless Chromium", installed: chromiumInstalled, probe: probeChromium },
  ]) {
    describeInstalled(name, installed, () => {
      it("watches over each transport and goes on from a checkpoint, and leaves nothing behind", async () => {
        const { outcomes } = await probe(listening.url);
        expect(Object.fromEntries(outcomes.map(({ name, outcome }) => [name, outcome]))).toEqual(
          expectedCore,
        );
        expect(server.openWatches).toBe(0);
      });
    });
  }
});
