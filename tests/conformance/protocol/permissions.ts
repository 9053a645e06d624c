import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { USER } from "../../fixtures/api_server_under_test.ts";
import type { OpenSession } from "../session.ts";
import { failure } from "./expected.ts";

export function permissionCases(open: OpenSession): void {
  describe("a user that is not known", () => {
    it("is a 401 everywhere", async () => {
      const api = await open();
      const status = failure(401, { message: "Unauthorized", reason: "Unauthorized" });
      for (const path of [
        api.configMaps,
        `${api.configMaps}/x`,
        "/apis",
        "/healthz",
        "/apis/nothing.example.com",
      ]) {
        const reply = await api.get(path, { user: "stranger" });
        expect([reply.status, reply.header("content-type"), reply.text]).toEqual([
          401,
          "application/json",
          status,
        ]);
      }
    });
  });

  describe("what is not allowed", () => {
    function refused(
      resource: string,
      { name, ...asked }: { name?: string; verb: string; where?: string; group?: string },
    ): string {
      const { verb, group, where = 'in the namespace "<namespace>"' } = asked;
      const plural = resource.split("/")[0];
      const what = `${group === undefined ? plural : `${plural}.${group}`}${name === undefined ? "" : ` "${name}"`}`;
      return failure(403, {
        message: `${what} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group ?? ""}" ${where}`,
        reason: "Forbidden",
        details: { name, group, kind: plural },
      });
    }

    const where = "at the cluster scope";
    const rbac = "rbac.authorization.k8s.io";
    const cases: readonly [request: string, expected: string][] = [
      ["GET /api/v1/namespaces/<namespace>/configmaps", refused("configmaps", { verb: "list" })],
      ["GET /api/v1/namespaces/<namespace>/configmaps?watch=1", refused("configmaps", { verb: "watch" })],
      ["GET /api/v1/namespaces/<namespace>/configmaps/x", refused("configmaps", { verb: "get", name: "x" })],
      ["GET /api/v1/configmaps", refused("configmaps", { verb: "list", where })],
      [
        "GET /api/v1/namespaces/<namespace>/configmaps?watch=1&fieldSelector=metadata.name%3Dx",
        refused("configmaps", { verb: "watch", name: "x" }),
      ],
      [
        "GET /apis/apps/v1/namespaces/<namespace>/deployments",
        refused("deployments", { verb: "list", group: "apps" }),
      ],
      [
        "GET /apis/apps/v1/namespaces/<namespace>/deployments/x/status",
        refused("deployments/status", { verb: "get", group: "apps", name: "x" }),
      ],
      ["GET /api/v1/namespaces", refused("namespaces", { verb: "list", where })],
      ["GET /api/v1/namespaces/<namespace>", refused("namespaces", { verb: "get", name: "<namespace>" })],
      [`GET /apis/${rbac}/v1/clusterroles`, refused("clusterroles", { verb: "list", group: rbac, where })],
      ["POST /api/v1/namespaces/<namespace>/configmaps", refused("configmaps", { verb: "create" })],
      [
        "PUT /api/v1/namespaces/<namespace>/configmaps/x",
        refused("configmaps", { verb: "update", name: "x" }),
      ],
      [
        "PATCH /api/v1/namespaces/<namespace>/configmaps/x",
        refused("configmaps", { verb: "patch", name: "x" }),
      ],
      [
        "DELETE /api/v1/namespaces/<namespace>/configmaps/x",
        refused("configmaps", { verb: "delete", name: "x" }),
      ],
      [
        "DELETE /api/v1/namespaces/<namespace>/configmaps",
        refused("configmaps", { verb: "deletecollection" }),
      ],
      [
        "GET /apis/nothing.example.com/v1/namespaces/<namespace>/gizmos",
        refused("gizmos", { verb: "list", group: "nothing.example.com" }),
      ],
    ];
    for (const [request, expected] of cases) {
      it(`is a 403 that says what: ${request}`, async () => {
        const api = await open();
        const [method = "", path = ""] = request.split(" ");
        const body = ["POST", "PUT", "PATCH"].includes(method) ? { metadata: { name: "x" } } : undefined;
        const reply = await api.send(method, path, { user: USER, body });
        expect([reply.status, reply.text]).toEqual([403, expected]);
        expect(reply.header("content-type")).toBe("application/json");
      });
    }

    it("is allowed once it is granted, and refused again after that; a running watch goes on", async () => {
      const api = await open();
      const revoke = await api.server.grant({
        resources: ["configmaps"],
        verbs: ["list", "watch"],
        namespace: api.namespace,
      });
      const query = `?watch=1&resourceVersion=${await api.version(api.configMaps)}`;
      const watch = await api.watch(api.configMaps + query, { user: USER });
      expect((await api.get(api.configMaps, { user: USER })).status).toBe(200);
      expect((await api.get("/api/v1/configmaps", { user: USER })).status).toBe(403);
      await revoke();
      expect((await api.get(api.configMaps, { user: USER })).status).toBe(403);
      await api.create(api.configMaps, { metadata: { name: "one" } });
      expect(await watch.next()).toContain('"name":"one"');
    });

    it("is allowed for one name if that is granted, also to list and watch it", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "mine" } });
      const verbs = ["get", "list", "watch"];
      const revoke = await api.server.grant({
        resources: ["configmaps"],
        resourceNames: ["mine"],
        verbs,
        namespace: api.namespace,
      });
      const allowed = [
        "/mine",
        "?fieldSelector=metadata.name%3Dmine",
        "?fieldSelector=metadata.name%3D%3Dmine,metadata.namespace!%3Dx",
      ];
      for (const path of allowed) {
        expect([path, (await api.get(api.configMaps + path, { user: USER })).status]).toEqual([path, 200]);
      }
      for (const path of [
        "/other",
        "",
        "?fieldSelector=metadata.name%3Dother",
        "?fieldSelector=metadata.name!%3Dmine",
      ]) {
        expect([path, (await api.get(api.configMaps + path, { user: USER })).status]).toEqual([path, 403]);
      }
      await revoke();
    });
  });

  describe("SelfSubjectReview", () => {
    it("says who asks", async () => {
      const api = await open();
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
      const reply = await api.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
        user: USER,
        body,
      });
      expect(reply.status).toBe(201);
      expect(reply.json).toMatchObject({ ...body, status: { userInfo: { username: USER } } });
    });
  });
}
