import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { type ControlPlane, startControlPlane } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { describeInstalled } from "../fixtures/installed.ts";
import { type ConnectCase, connectCases, PROXIED_HOST } from "../runtimes/probes/connect_case.ts";
import {
  type ConnectRun,
  expectedOutcomes,
  mayBeLeft,
  probeConnect,
} from "../runtimes/probes/connect_probe.ts";
import { type ConnectWorld, connectWorld } from "../runtimes/probes/connect_world.ts";
import { canBePod } from "../runtimes/probes/in_pod.ts";
import { isInstalled, runtimes } from "../runtimes/runtimes.ts";

const TOKEN_USER = "robot";

describeReal("connect() on the API server", () => {
  let controlPlane: ControlPlane;
  let world: ConnectWorld;
  let cases: readonly ConnectCase[];

  beforeAll(async () => {
    controlPlane = await startControlPlane({ users: [{ name: TOKEN_USER }] });
    world = await connectWorld(controlPlane, TOKEN_USER);
    cases = await connectCases(world);
  });
  afterAll(async () => {
    await world?.close();
    await controlPlane?.stop();
  });

  for (const runtime of runtimes) {
    describeInstalled(`inside ${runtime.name}`, isInstalled(runtime), () => {
      let run: ConnectRun;
      beforeAll(async () => {
        run = await probeConnect(runtime, { controlPlane, cases });
      });

      it("does in every case what is expected", () => {
        const outcomes = Object.fromEntries(run.lines.map(({ name, outcome }) => [name, outcome]));
        expect(outcomes).toEqual(expectedOutcomes(cases));
      });

      it("goes by the runtime's own fetch where that can do what is asked", () => {
        const by = new Map(run.lines.map(({ name, by }) => [name, by]));
        const own = runtime.inside === "node" ? "undici" : "fetch";
        expect([by.get("CA and client certificate"), by.get("watch")]).toEqual([own, own]);
        expect(by.get("server name")).toBe(runtime.inside === "bun" ? "fetch" : "undici");
        expect(by.get("HTTP proxy with a password")).toBe("undici");
      });

      (canBePod ? it : it.skip)(
        `logs in as a pod${canBePod ? "" : " (a mount of its own is not allowed)"}`,
        () => {
          const pod = run.lines.find(({ name }) => name.startsWith("service account of a pod"));
          const own = runtime.inside === "node" ? "undici" : "fetch";
          expect(pod).toMatchObject({ outcome: `401, ${TOKEN_USER}`, by: own });
        },
      );

      it("leaves no connection when the transport is closed, and the program ends by itself", () => {
        expect(run).toMatchObject({ exitCode: 0, complaints: "" });
        expect(run.left).toBeLessThanOrEqual(mayBeLeft(runtime));
      });
    });
  }

  it("shows a proxy its user and password, and goes through both kinds", () => {
    const { http, socks } = world.proxies;
    const { host: target, port } = new URL(controlPlane.server);
    expect(new Set(http.asked.map(({ login }) => login))).toEqual(new Set(["me:secret"]));
    expect(new Set(http.asked.map(({ target }) => target))).toEqual(
      new Set([target, `${PROXIED_HOST}:${port}`]),
    );
    expect(new Set(socks.asked.map(({ target }) => target))).toEqual(new Set([target]));
  });
});
