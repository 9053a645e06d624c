import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher, ObjectIdentifier } from "../../mod.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds, type World } from "../fixtures/dynamic_watcher_world.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

describeReal("the resource of a kind", () => {
  const openWorld = dynamicWatcherWorlds();

  it("is what the server serves it as, and says whether it is namespaced", async () => {
    const { dynamicWatcher } = await openWorld({ start: false });
    for (const [group, kind, resource, namespaced] of [
      ["", "ConfigMap", "configmaps", true],
      ["", "Namespace", "namespaces", false],
      ["apps", "Deployment", "deployments", true],
      ["rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false],
      ["networking.k8s.io", "NetworkPolicy", "networkpolicies", true],
    ] as const) {
      const found = await dynamicWatcher.gvkToGvr({ group, version: "v1", kind });
      expect(found).toEqual({ group, version: "v1", resource, namespaced });
    }
  });

  it("is remembered", async () => {
    const world = await openWorld();
    const kind = { group: "", version: "v1", kind: "ConfigMap" };
    await world.dynamicWatcher.gvkToGvr(kind);
    const requests = world.requests.length;
    await world.dynamicWatcher.gvkToGvr(kind);
    expect(world.requests).toHaveLength(requests);
  });

  it("does not exist for a group, a version or a kind that is not served", async () => {
    const world = await openWorld({ cache: true });
    const { dynamicWatcher } = world;
    const place = { namespace: world.namespace, name: "x" };
    for (const kind of [
      { group: "Italian Food", version: "v1", kind: "Spaghetti" },
      { group: "", version: "v1", kind: "Spaghetti" },
      { group: "apps", version: "v99", kind: "Deployment" },
    ]) {
      const missing = { code: "NO_VERSIONED_RESOURCE" };
      await expect(dynamicWatcher.gvkToGvr(kind)).rejects.toMatchObject(missing);
      for (const call of refusedCalls(dynamicWatcher, { ...kind, ...place }))
        await expect(call()).rejects.toMatchObject(missing);
    }
    expect(dynamicWatcher.watchCount).toBe(0);
  });

  it("is named also where it cannot be watched", async () => {
    const world = await openWorld({ cache: true });
    const { dynamicWatcher } = world;
    const group = "authorization.k8s.io";
    const kind = { group, version: "v1", kind: "SubjectAccessReview" };
    const unwatchable = {
      code: "RESOURCE_UNWATCHABLE",
      group,
      version: "v1",
      resource: "subjectaccessreviews",
      namespaced: false,
    };
    await expect(dynamicWatcher.gvkToGvr(kind)).rejects.toMatchObject(unwatchable);
    for (const call of refusedCalls(dynamicWatcher, { ...kind, name: "x" })) {
      await expect(call()).rejects.toMatchObject(unwatchable);
    }
    expect(dynamicWatcher.watchCount).toBe(0);
  });

  describe("that a custom resource definition makes", () => {
    it("is found as soon as the server serves it, and its objects can be watched", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const widget = widgetOf(world, "soon");
      const web = world.watcher("web");
      await expect(dynamicWatcher.addWatcher(web, widget)).rejects.toMatchObject({
        code: "NO_VERSIONED_RESOURCE",
      });
      await define(world, "soon");
      await until(() => dynamicWatcher.addWatcher(web, widget).then(() => true), {
        what: "the kind to be found",
      });
      await create(world, widget);
      expect(await world.causes()).toEqual(["web: ADDED Soon/one"]);
    });

    it("is taken as missing for as long as the options say", async () => {
      const world = await openWorld({ missingResourceTtlMs: 3_600_000 });
      const { dynamicWatcher } = world;
      const widget = widgetOf(world, "late");
      const web = world.watcher("web");
      const missing = { code: "NO_VERSIONED_RESOURCE" };
      await expect(dynamicWatcher.addWatcher(web, widget)).rejects.toMatchObject(missing);
      await define(world, "late");
      await create(world, widget);
      const requests = world.requests.length;
      await expect(dynamicWatcher.addWatcher(web, widget)).rejects.toMatchObject(missing);
      expect(world.requests).toHaveLength(requests);
    });

    it("blocks its watches when it goes, and can be watched again when it is back", async () => {
      const world = await openWorld({ cache: true });
      const { dynamicWatcher } = world;
      const widget = widgetOf(world, "gone");
      const [web, db] = [world.watcher("web"), world.secret("db")];
      await define(world, "gone");
      await until(() => dynamicWatcher.addOrUpdateWatcher(web, [widget, db]).then(() => true), {
        what: "the kind to be found",
      });
      await create(world, widget);
      expect(await world.causes()).toEqual(["web: ADDED Gone/one"]);

      await world.controlPlane.call("DELETE", `${DEFINITIONS}/gones.example.test`);
      expect(await world.causes(2)).toEqual(["web: DELETED Gone/one", "web: BLOCKED Gone/one"]);
      expect(world.runs.at(-1)?.causes.at(-1)).toMatchObject({
        watched: widget,
        error: { code: "NO_VERSIONED_RESOURCE" },
      });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      expect(() => dynamicWatcher.getFromCache(widget)).toThrow("there is no entry");

      await define(world, "gone");
      await create(world, widget);
      await until(() => dynamicWatcher.addWatcher(web, widget).then(() => true), {
        what: "the kind to be found again",
      });
      expect(await world.causes()).toEqual(["web: INITIAL Gone/one"]);
    });
  });
});

/** Every call that starts to watch. */
function refusedCalls(dynamicWatcher: DynamicWatcher, watched: ObjectIdentifier): (() => Promise<unknown>)[] {
  const watcher = { version: "v1", kind: "ConfigMap", namespace: "any", name: "watcher" };
  return [
    () => dynamicWatcher.addWatcher(watcher, watched),
    () => dynamicWatcher.addOrUpdateWatcher(watcher, [watched]),
    () => dynamicWatcher.query(watcher, (query) => query.get(watched)),
  ];
}

function widgetOf({ namespace }: World, singular: string): ObjectIdentifier {
  const kind = singular.charAt(0).toUpperCase() + singular.slice(1);
  return { group: "example.test", version: "v1", kind, namespace, name: "one" };
}

/** Makes the server serve `example.test/v1`, Kind of that name. */
async function define(world: World, singular: string): Promise<void> {
  const group = "example.test";
  const { kind } = widgetOf(world, singular);
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await world.controlPlane.call("POST", DEFINITIONS, {
    body: {
      metadata: { name: `${singular}s.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind, singular, plural: `${singular}s` },
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    },
  });
}

/** Makes an object, as soon as the server takes it. */
async function create(world: World, id: ObjectIdentifier): Promise<void> {
  const { group, version, kind } = id;
  const body = { apiVersion: `${group}/${version}`, kind };
  await until(() => world.create(id, body).then(() => true), { what: `a ${kind} to be made` });
}
