import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ANONYMOUS, USER } from "../../fixtures/api_server_under_test.ts";
import { failure } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";

/** What is said of a path that a user may not ask for. */
function refusedPath(user: string, { verb = "get", path }: { verb?: string; path: string }): string {
  const message = `forbidden: User "${user}" cannot ${verb} path "${path}"`;
  return failure(403, { message, reason: "Forbidden", details: {} });
}

export function anonymousCases(open: OpenSession): void {
  describe("a request without credentials", () => {
    it("may ask for health and version", async () => {
      const api = await open();
      for (const path of ["/healthz", "/livez", "/readyz", "/version", "/version/"]) {
        expect([path, (await api.get(path, { user: ANONYMOUS })).status]).toEqual([path, 200]);
      }
    });

    it("is a 403 for every other path, never a 401", async () => {
      const api = await open();
      for (const path of ["/", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/openapi/v3", "/nothing"]) {
        const reply = await api.get(path, { user: ANONYMOUS });
        expect([reply.status, reply.text]).toEqual([403, refusedPath(ANONYMOUS, { path })]);
      }
      const posted = await api.send("POST", "/api", { user: ANONYMOUS, body: {} });
      expect(posted.text).toBe(refusedPath(ANONYMOUS, { verb: "post", path: "/api" }));
    });

    it("is a 403 for resources", async () => {
      const api = await open();
      const message = `configmaps is forbidden: User "${ANONYMOUS}" cannot list resource "configmaps" in API group "" in the namespace "<namespace>"`;
      const reply = await api.get(api.configMaps, { user: ANONYMOUS });
      expect(reply.text).toBe(
        failure(403, { message, reason: "Forbidden", details: { kind: "configmaps" } }),
      );
    });

    it("is one with an Authorization header of another scheme, too", async () => {
      const api = await open();
      for (const authorization of ["Basic YTpi", "Bearer", "Bearer  two-spaces"]) {
        const reply = await api.get("/api", { user: ANONYMOUS, headers: { authorization } });
        expect([reply.status, reply.text]).toEqual([403, refusedPath(ANONYMOUS, { path: "/api" })]);
      }
    });
  });

  describe("a user to whom nothing is granted", () => {
    it("may read discovery, OpenAPI, health and version, and no other path", async () => {
      const api = await open();
      for (const path of ["/api", "/apis", "/api/v1", "/apis/apps", "/openapi/v3", "/readyz", "/version"]) {
        expect([path, (await api.get(path, { user: USER })).status]).toEqual([path, 200]);
      }
      expect((await api.get("/apis/nothing.example.com", { user: USER })).status).toBe(404);
      for (const path of ["/", "/nothing", "/livez/ping"]) {
        expect((await api.get(path, { user: USER })).text).toBe(refusedPath(USER, { path }));
      }
    });
  });
}
