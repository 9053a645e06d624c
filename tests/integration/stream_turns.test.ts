import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { DynamicWatcher, type ObjectIdentifier } from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { type ControlPlane, startControlPlane, until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";

const COUNT = 6;

describeReal("a DynamicWatcher with more identifiers than streams", () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
  });
  afterAll(() => controlPlane?.stop());

  it("is told all that happens while its watches wait, and when their versions have become too old", async () => {
    const { ca, admin, server } = controlPlane;
    const namespace = await controlPlane.createNamespace();
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const ids = Array.from({ length: COUNT }, (_, index): ObjectIdentifier & { name: string } => {
      return { version: "v1", kind: "ConfigMap", namespace, name: `cm-${index}` };
    });
    for (const { name } of ids) await controlPlane.call("POST", path, { body: { metadata: { name } } });

    const transport = undiciTransport({ baseUrl: server, tls: { ca, ...admin }, maxStreams: 2 });
    const told: string[] = [];
    let waited = 0;
    let mostStreams = 0;
    const watcher = new DynamicWatcher({
      transport,
      cache: true,
      logger: false,
      reconcile: (_, { causes }) => {
        for (const cause of causes) told.push(cause.type);
      },
    });
    watcher.addEventListener("stream", ({ state }) => {
      if (state.state === "waiting") waited += 1;
      mostStreams = Math.max(mostStreams, watcher.streamCount);
    });
    await watcher.start();
    const web = { version: "v1", kind: "Namespace", name: "any" };
    await watcher.addOrUpdateWatcher(web, ids);
    const count = (type: string) => told.filter((told) => told === type).length;
    await until(() => count("INITIAL") === COUNT, { what: "the initial reconcile" });

    for (const { name } of ids)
      await controlPlane.call("PATCH", `${path}/${name}`, { body: { data: { a: "1" } } });
    await until(() => count("MODIFIED") === COUNT, { what: "all changes" });
    await controlPlane.stopApiServer();
    await controlPlane.startApiServer();
    for (const { name } of ids) await controlPlane.call("DELETE", `${path}/${name}`);
    await until(() => count("DELETED") === COUNT, { what: "all deletions" });
    for (const id of ids) expect(watcher.getFromCache(id)).toBe(undefined);
    expect(told.length).toBe(3 * COUNT);
    expect(waited).toBeGreaterThan(COUNT);
    expect(mostStreams).toBe(2);
    await watcher.stop();
    await transport.close();
  });
});
