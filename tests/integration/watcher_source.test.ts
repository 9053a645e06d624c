import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { Reconciler, WatcherSource } from "../../mod.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds } from "../fixtures/dynamic_watcher_world.ts";

describeReal("a WatcherSource that a DynamicWatcher feeds", () => {
  const openWorld = dynamicWatcherWorlds();

  it("fills the queue of another controller, at the first sight and at each change", async () => {
    const source = new WatcherSource();
    const reconciled: string[] = [];
    const controller = new Reconciler((watcher) => void reconciled.push(watcher.name ?? ""));
    source.addEventListener("request", ({ watcher }) => controller.trigger([watcher]));
    controller.run();
    const world = await openWorld({ reconcile: source.reconcile });
    const [web, db] = [world.watcher("web"), world.secret("db")];
    await world.create(db);

    await world.dynamicWatcher.addOrUpdateWatcher(web, [db]);
    await until(() => reconciled.length === 1, { what: "the initial reconcile" });
    await world.patch(db, { stringData: { hello: "world" } });
    await until(() => reconciled.length === 2, { what: "the reconcile of the change" });
    expect(reconciled).toEqual(["web", "web"]);
    await controller.stop();
  });

  it("can be iterated", async () => {
    const source = new WatcherSource();
    const world = await openWorld({ reconcile: source.reconcile });
    const [web, db] = [world.watcher("web"), world.secret("db")];
    await world.dynamicWatcher.addWatcher(web, db);
    await world.create(db);

    let requests = 0;
    for await (const watcher of source) {
      expect(watcher).toEqual(web);
      requests += 1;
      if (requests === 1) await world.patch(db, { stringData: { hello: "world" } });
      else source.close();
    }
    expect(requests).toBe(2);
  });
});
