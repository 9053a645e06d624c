import { existsSync } from "node:fs";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import { describeInstalled } from "../fixtures/installed.ts";
import { chromiumInstalled } from "../runtimes/probes/chromium.ts";
import { expectedCore, probeChromium, probeWorkerd } from "../runtimes/probes/core_probe.ts";
import { workerd } from "../runtimes/runtimes.ts";

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
