import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ObjectIdentifier } from "../../../mod.ts";
import { USER } from "../../fixtures/api_server_under_test.ts";
import { until } from "../../fixtures/control_plane.ts";
import { custom, define, GROUP, version } from "../custom_kinds.ts";
import { type OpenWorld, type World, watcher } from "./world.ts";

interface Comets {
  readonly group: string;
  /** The path of the objects. */
  readonly path: string;
  /** An object of the kind, as it is watched. */
  id(name: string): ObjectIdentifier;
  /** Makes the kind; resolves with the path of its definition. */
  define(): Promise<string>;
  create(name: string): Promise<unknown>;
}

/** A kind Comet in a group of the world's own, which is not defined yet. */
function comets({ api }: World): Comets {
  const group = `${api.namespace}.${GROUP}`;
  const path = api.path("comets", `${group}/v1`);
  return {
    group,
    path,
    id: (name) => ({ group, version: "v1", kind: "Comet", namespace: api.namespace, name }),
    define: () => define(api, { group, kind: "Comet" }),
    create: (name) => api.create(path, custom("Comet", name, { group })),
  };
}

export function kindCases(open: OpenWorld): void {
  describe("a kind that is not there", () => {
    it("rejects, and is found once it is defined", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      const { id, define, create } = comets(world);
      const added = dynamicWatcher.addWatcher(watcher("web"), id("c"));
      await expect(added).rejects.toMatchObject({ code: "NO_VERSIONED_RESOURCE", watched: id("c") });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);

      await define();
      // Discovery may be a little later than the kind itself.
      await until(() => dynamicWatcher.addWatcher(watcher("web"), id("c")).then(() => true), {
        what: "the kind to be found",
      });
      await create("c");
      expect(await world.causes()).toEqual(["web: ADDED Comet/c"]);
    });

    it("in a group that is there rejects as well", async () => {
      const world = await open();
      for (const [group, version] of [
        ["apps", "v1"],
        ["apps", "v9"],
        [GROUP, "v1"],
        ["", "v1"],
      ] as const) {
        const unknown = { group, version, kind: "Gizmo", namespace: world.api.namespace, name: "x" };
        const added = world.dynamicWatcher.addWatcher(watcher("web"), unknown);
        await expect(added).rejects.toMatchObject({ code: "NO_VERSIONED_RESOURCE" });
      }
    });
  });

  describe("a kind whose definition is deleted", () => {
    it("blocks what is watched of it, after the objects went", async () => {
      const world = await open({ cache: true });
      const { dynamicWatcher } = world;
      const { id, define, create } = comets(world);
      const definition = await define();
      await create("c");
      await until(() => dynamicWatcher.addWatcher(watcher("web"), id("c")).then(() => true), {
        what: "the kind to be found",
      });
      await dynamicWatcher.addOrUpdateWatcher(watcher("both"), [id("absent"), world.configMap("one")]);
      expect(await world.causes()).toEqual(["web: INITIAL Comet/c"]);

      await world.api.delete(definition);
      expect((await world.causes(3)).sort()).toEqual([
        "both: BLOCKED Comet/absent",
        "web: BLOCKED Comet/c",
        "web: DELETED Comet/c",
      ]);
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      expect(() => dynamicWatcher.getFromCache(id("c"))).toThrow("there is no entry");
      const blocked = world.runs.flatMap(({ causes }) => causes).find(({ type }) => type === "BLOCKED");
      expect(blocked).toMatchObject({
        error: { code: expect.stringMatching(/^(API_ERROR|NO_VERSIONED_RESOURCE)$/) },
      });

      await world.create("one");
      expect(await world.causes()).toEqual(["both: ADDED ConfigMap/one"]);
    });
  });

  describe("a kind whose definition changes", () => {
    it("is listed again: nothing is lost, and nobody is woken in vain", async () => {
      const world = await open();
      const { api, dynamicWatcher } = world;
      const { path, id, define, create } = comets(world);
      const definition = await define();
      const names = ["changes", "goes", "stays"];
      for (const name of names) await create(name);
      for (const name of names) {
        await until(() => dynamicWatcher.addWatcher(watcher(name), id(name)).then(() => true), {
          what: "the kind to be found",
        });
      }
      await world.causes(3);

      const requests = world.hold();
      await api.patch(definition, { spec: { versions: [version("v1"), version("v2", { storage: false })] } });
      await requests.held(3);
      await api.patch(`${path}/changes`, { spec: { n: 1 } });
      await api.delete(`${path}/goes`);
      requests.letGo();
      expect((await world.causes(2)).sort()).toEqual([
        "changes: MODIFIED Comet/changes",
        "goes: DELETED Comet/goes",
      ]);
      const causes = world.runs.slice(-2).flatMap((run) => run.causes);
      expect(causes).toMatchObject([{ relisted: true }, { relisted: true }]);

      await until(() => world.liveCount === 6, { what: "all watches to have caught up" });
      await api.patch(`${path}/stays`, { spec: { n: 1 } });
      expect(await world.causes()).toEqual(["stays: MODIFIED Comet/stays"]);
      expect(world.runs).toHaveLength(6);
    });
  });

  describe("gvkToGvr", () => {
    it("finds the resource of a kind", async () => {
      const world = await open();
      const cases = [
        [{ group: "", version: "v1", kind: "Pod" }, "pods", true],
        [{ group: "", version: "v1", kind: "Namespace" }, "namespaces", false],
        [{ group: "apps", version: "v1", kind: "Deployment" }, "deployments", true],
        [{ group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" }, "networkpolicies", true],
        [{ group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" }, "clusterroles", false],
        [{ group: GROUP, version: "v1", kind: "Widget" }, "widgets", true],
        [{ group: GROUP, version: "v1", kind: "Planet" }, "planets", false],
      ] as const;
      for (const [{ kind, ...groupVersion }, resource, namespaced] of cases) {
        const found = await world.dynamicWatcher.gvkToGvr({ ...groupVersion, kind });
        expect(found).toEqual({ ...groupVersion, resource, namespaced });
      }
    });

    it("rejects for a kind that cannot be watched, with its resource", async () => {
      const world = await open();
      const gvk = { group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview" };
      await expect(world.dynamicWatcher.gvkToGvr(gvk)).rejects.toMatchObject({
        code: "RESOURCE_UNWATCHABLE",
        resource: "selfsubjectreviews",
        namespaced: false,
      });
    });
  });

  describe("permissions", () => {
    it("that are missing reject, and name what is needed", async () => {
      const world = await open({ user: USER });
      const added = world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      await expect(added).rejects.toMatchObject({
        code: "API_ERROR",
        status: 403,
        watched: world.configMap("one"),
      });
      await expect(added).rejects.toThrow("list and watch permissions are needed");
      expect(world.dynamicWatcher.watchCount).toBe(0);
    });

    it("of an unknown user reject with a 401", async () => {
      const world = await open({ user: "stranger" });
      const added = world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      await expect(added).rejects.toMatchObject({ code: "API_ERROR", status: 401 });
    });

    it("that are taken away block at the next request, and what is granted again can be added again", async () => {
      const world = await open({ user: USER, watchTimeoutMs: 1_000 });
      const { dynamicWatcher } = world;
      const permission = {
        resources: ["configmaps"],
        verbs: ["list", "watch"],
        namespace: world.api.namespace,
      };
      const revoke = await world.api.server.grant(permission);
      await world.create("one");
      await dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
      await revoke();
      expect(await world.causes()).toEqual(["web: BLOCKED ConfigMap/one"]);
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
      const revokeAgain = await world.api.server.grant(permission);
      await dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
      await revokeAgain();
    });
  });
}
