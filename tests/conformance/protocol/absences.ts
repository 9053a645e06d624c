import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { failure } from "./expected.ts";

const NOT_SERVED = failure(404, {
  message: "the server could not find the requested resource",
  reason: "NotFound",
  details: {},
});
const PAGE_NOT_FOUND = "404 page not found\n";
const NOT_ALLOWED = failure(405, {
  message: "the server does not allow this method on the requested resource",
  reason: "MethodNotAllowed",
  details: {},
});

const WITH_BODY = ["POST", "PUT", "PATCH"];

/** What is not there: objects, paths, methods. */
export function absenceCases(open: OpenSession): void {
  describe("an object that is not there", () => {
    for (const method of ["GET", "DELETE", "PATCH"]) {
      it(`is a 404 that names it, to ${method}`, async () => {
        const api = await open();
        const body = method === "PATCH" ? { data: {} } : undefined;
        for (const [path, kind, group] of [
          [api.configMaps, "configmaps"],
          [api.path("deployments", "apps/v1"), "deployments", "apps"],
          [api.widgets, "widgets", GROUP],
        ] as const) {
          const reply = await api.send(method, `${path}/x`, { body });
          const message = `${group === undefined ? kind : `${kind}.${group}`} "x" not found`;
          expect(reply.header("content-type")).toBe("application/json");
          expect(reply.text).toBe(
            failure(404, { message, reason: "NotFound", details: { name: "x", group, kind } }),
          );
        }
      });
    }
  });

  describe("a subresource that a custom kind does not have", () => {
    it("is a 404 that names the object, be it there or not", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w"));
      const details = { name: "w", group: GROUP, kind: "widgets" };
      const message = 'widgets.example.com "w" not found';
      for (const subresource of ["status", "nothing"]) {
        const reply = await api.get(`${api.widgets}/w/${subresource}`);
        expect(reply.text).toBe(failure(404, { message, reason: "NotFound", details }));
      }
    });
  });

  describe("a path that nothing serves", () => {
    const cases: readonly [path: string, answer: string][] = [
      ["/api/v1/namespaces/<namespace>/gizmos", NOT_SERVED],
      ["/api/v1/gizmos/x", NOT_SERVED],
      ["/api/v1/configmaps/x", NOT_SERVED],
      ["/api/v1/namespaces/<namespace>/configmaps/x/status", NOT_SERVED],
      ["/api/v1/namespaces/<namespace>/namespaces", NOT_SERVED],
      ["/apis/apps/v1/namespaces", NOT_SERVED],
      ["/apis/apps/v1/namespaces/<namespace>/gizmos", NOT_SERVED],
      ["/apis/apps/v9/namespaces/<namespace>/deployments", NOT_SERVED],
      ["/apis/nothing.example.com/v1/namespaces/<namespace>/gizmos", PAGE_NOT_FOUND],
      ["/apis/example.com/v1/namespaces/<namespace>/gizmos", PAGE_NOT_FOUND],
      ["/apis/example.com/v1/namespaces/<namespace>/planets", PAGE_NOT_FOUND],
      ["/apis/example.com/v9/namespaces/<namespace>/widgets", PAGE_NOT_FOUND],
      ["/nothing", PAGE_NOT_FOUND],
    ];
    for (const [path, answer] of cases) {
      it(`is a 404 ${answer === NOT_SERVED ? "with a Status" : "in plain text"}: ${path}`, async () => {
        const api = await open();
        const reply = await api.get(path);
        expect([reply.status, reply.text]).toEqual([404, answer]);
        const type = answer === NOT_SERVED ? "application/json" : "text/plain; charset=utf-8";
        expect(reply.header("content-type")).toBe(type);
      });
    }

    it("is a 404 in text for a watch too", async () => {
      const api = await open();
      const watch = await api.watch("/apis/nothing.example.com/v1/gizmos?watch=1");
      expect([watch.status, await watch.rest()]).toEqual([404, [PAGE_NOT_FOUND]]);
    });
  });

  describe("a method that a resource does not have", () => {
    for (const [method, path] of [
      ["PUT", "/api/v1/namespaces/<namespace>/configmaps"],
      ["PATCH", "/api/v1/namespaces/<namespace>/configmaps"],
      ["POST", "/api/v1/namespaces/<namespace>/configmaps/x"],
      ["POST", "/api/v1/configmaps"],
      ["DELETE", "/api/v1/configmaps"],
      ["DELETE", "/api/v1/namespaces"],
      ["GET", "/apis/authentication.k8s.io/v1/selfsubjectreviews"],
      ["DELETE", "/api/v1/namespaces/<namespace>/status"],
      ["OPTIONS", "/api/v1/namespaces/<namespace>/configmaps"],
    ] as const) {
      it(`is a 405: ${method} ${path}`, async () => {
        const api = await open();
        const reply = await api.send(method, path, WITH_BODY.includes(method) ? { body: {} } : {});
        expect([reply.status, reply.text]).toEqual([405, NOT_ALLOWED]);
      });
    }
  });
}
