import { existsSync } from "node:fs";
import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { type ControlPlane, startControlPlane } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { describeInstalled } from "../fixtures/installed.ts";
import { chromiumInstalled } from "../runtimes/probes/chromium.ts";
import { carriers } from "../runtimes/probes/transport_case.ts";
import { TOKEN_USER } from "../runtimes/probes/transport_cases.ts";
import { probeTransportsInChromium } from "../runtimes/probes/transport_page_probe.ts";
import { probeTransports, type TransportRun } from "../runtimes/probes/transport_probe.ts";
import { expectedOf, mayBePooled } from "../runtimes/probes/transport_table.ts";
import { probeTransportsInWorkerd } from "../runtimes/probes/transport_worker_probe.ts";
import { TransportWorld } from "../runtimes/probes/transport_world.ts";
import { isInstalled, runtimes, workerd } from "../runtimes/runtimes.ts";

const probes = [
  ...runtimes.map((runtime) => ({
    name: runtime.name,
    installed: isInstalled(runtime),
    probe: (world: TransportWorld) => probeTransports(runtime, world),
  })),
  { name: "workerd", installed: existsSync(workerd), probe: probeTransportsInWorkerd },
  { name: "Chromium", installed: chromiumInstalled, probe: probeTransportsInChromium },
];

describeReal("transports on the API server", () => {
  let controlPlane: ControlPlane;
  let world: TransportWorld;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ users: [{ name: TOKEN_USER }] });
    world = await TransportWorld.start(controlPlane);
  });
  afterAll(async () => {
    await world?.close();
    await controlPlane?.stop();
  });

  for (const { name, installed, probe } of probes) {
    describeInstalled(`inside ${name}`, installed, () => {
      let run: TransportRun;
      beforeAll(async () => {
        run = await probe(world);
      });

      for (const carrier of carriers) {
        it(`know the server, log in and watch as expected: ${carrier}`, () => {
          const seen = run.outcomes.filter((one) => one.carrier === carrier);
          const asked = world.cases.filter((one) => one.carrier === carrier);
          expect(seen.map(({ feature, outcome }) => [feature, outcome])).toEqual(
            asked.map((one) => [one.feature, expectedOf(one, run.prober)]),
          );
        });

        it(`leave no connection when all is closed: ${carrier}`, () => {
          expect(run.left[carrier]).toBeLessThanOrEqual(mayBePooled(carrier, world.cases, run.prober));
        });
      }

      it("leave no timer and no unhandled rejection", () => {
        expect(run.troubles).toEqual([]);
      });
    });
  }
});
