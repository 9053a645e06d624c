import { existsSync } from "node:fs";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import { until } from "../fixtures/control_plane_until.ts";
import { itInstalled } from "../fixtures/installed.ts";
import { runProgram } from "../runtimes/probes/run_program.ts";
import { runWorker } from "../runtimes/probes/run_worker.ts";
import type { StreamsOutcome } from "../runtimes/probes/streams_outcome.ts";
import { isInstalled, type Runtime, runtimes, workerd } from "../runtimes/runtimes.ts";

const bun = runtimes.find(({ inside }) => inside === "bun") as Runtime;

describe("more watches than a runtime has connections", () => {
  let server: MemoryApiServer;
  let listening: ListeningServer;

  beforeEach(async () => {
    server = memoryApiServer();
    listening = await serve(server);
  });
  afterEach(() => listening.close());

  async function configMaps(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, index) => `cm-${index}`);
    for (const name of names) {
      await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name } });
    }
    return names;
  }

  /** Waits until the server has heard of the ends of all streams. */
  function noneLeft(): Promise<void> {
    return until(() => server.openWatches === 0, { what: "no open watch" });
  }

  async function inWorkerd(count: number, { options = "" } = {}): Promise<StreamsOutcome> {
    const names = await configMaps(count);
    const { value } = await runWorker<StreamsOutcome>({
      imports: `import { streamsOutcome } from "./streams_outcome.ts";
        import { fetchTransport } from "../../../transports/fetch.ts";`,
      expression: `streamsOutcome([fetchTransport({ baseUrl: env.KUBERNETES_URL, ${options} })], env)`,
      bindings: [
        `(name = "KUBERNETES_URL", text = "${listening.url}")`,
        `(name = "names", json = ${JSON.stringify(JSON.stringify(names))})`,
      ],
    });
    await noneLeft();
    return value;
  }

  itInstalled(
    "take turns inside Bun, whose 256 are for all transports together",
    { installed: isInstalled(bun) },
    async () => {
      const input = { url: listening.url, names: await configMaps(130) };
      const program = { name: "streams_program.ts", input, lines: 1 };
      const run = await runProgram<StreamsOutcome, void>(bun, program, noneLeft);
      const outcome = { mostStreams: 240, someWaited: true, answered: 2, told: 260 };
      expect(run).toMatchObject({ lines: [outcome], exitCode: 0, complaints: "" });
    },
  );

  itInstalled(
    "take turns inside workerd, whose host may have 6",
    { installed: existsSync(workerd) },
    async () => {
      const outcome = { mostStreams: 4, someWaited: true, answered: 1, told: 7 };
      expect(await inWorkerd(7)).toEqual(outcome);
    },
  );

  itInstalled("need none where workerd has no such host", { installed: existsSync(workerd) }, async () => {
    const outcome = { mostStreams: 300, someWaited: false, answered: 1, told: 300 };
    expect(await inWorkerd(300, { options: "maxStreams: 1000" })).toEqual(outcome);
  });
});
