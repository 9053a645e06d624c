import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { USER } from "../../fixtures/api_server_under_test.ts";
import { failure } from "../protocol/expected.ts";
import type { OpenSession, Session } from "../session.ts";

/** Who the server takes a request for. */
async function whoAmI(api: Session, headers: Record<string, string>): Promise<unknown> {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { json } = await api.send("POST", path, { headers, body: {} });
  return (json as unknown as { status: { userInfo: unknown } }).status.userInfo;
}

export function impersonationCases(open: OpenSession): void {
  describe("impersonation", () => {
    it("makes a request that of another user", async () => {
      const api = await open();
      expect(await whoAmI(api, { "impersonate-user": "carol" })).toEqual({
        username: "carol",
        groups: ["system:authenticated"],
      });
      const refused = await api.get(api.configMaps, { headers: { "impersonate-user": "carol" } });
      expect(refused.json.message).toContain('User "carol" cannot list resource "configmaps"');
    });

    it("takes a group and a uid with the user", async () => {
      const api = await open();
      const headers = { "impersonate-user": "carol", "impersonate-group": "g1", "impersonate-uid": "7" };
      expect(await whoAmI(api, headers)).toEqual({
        ...{ username: "carol", uid: "7", groups: ["g1", "system:authenticated"] },
      });
    });

    it("gives a service account its groups", async () => {
      const api = await open();
      const username = "system:serviceaccount:t:robot";
      expect(await whoAmI(api, { "impersonate-user": username })).toEqual({
        username,
        groups: ["system:serviceaccounts", "system:serviceaccounts:t", "system:authenticated"],
      });
    });

    it("as a superuser allows everything", async () => {
      const api = await open();
      const headers = { "impersonate-user": "carol", "impersonate-group": "system:masters" };
      expect((await api.get(api.configMaps, { headers })).status).toBe(200);
    });

    it("of a group alone is a 400", async () => {
      const api = await open();
      const reply = await api.get(api.configMaps, { headers: { "impersonate-group": "g1" } });
      const message = "requested [{Group  g1    }] without impersonating a user";
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("is a 403 for who may not", async () => {
      const api = await open();
      const cases: readonly [
        headers: Record<string, string>,
        what: string,
        where: string,
        details: object,
      ][] = [
        [
          { "impersonate-user": "carol" },
          'users "carol" is forbidden: User "alice" cannot impersonate resource "users"',
          "at the cluster scope",
          { name: "carol", kind: "users" },
        ],
        [
          { "impersonate-user": `system:serviceaccount:${api.namespace}:robot` },
          'serviceaccounts "robot" is forbidden: User "alice" cannot impersonate resource "serviceaccounts"',
          'in the namespace "<namespace>"',
          { name: "robot", kind: "serviceaccounts" },
        ],
      ];
      for (const [headers, what, where, details] of cases) {
        const reply = await api.get("/api", { user: USER, headers });
        const message = `${what} in API group "" ${where}`;
        expect(reply.text).toBe(failure(403, { message, reason: "Forbidden", details }));
      }
    });

    it("is allowed by a grant, for each part of who is impersonated", async () => {
      const api = await open();
      const revoke = await api.server.grant({
        resources: ["users"],
        verbs: ["impersonate"],
        resourceNames: ["carol"],
      });
      const headers = { "impersonate-user": "carol" };
      expect((await api.get("/api", { user: USER, headers })).status).toBe(200);
      const grouped = await api.get("/api", {
        user: USER,
        headers: { ...headers, "impersonate-group": "g1" },
      });
      expect(grouped.json.message).toBe(
        'groups "g1" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" at the cluster scope',
      );
      const other = await api.get("/api", { user: USER, headers: { "impersonate-user": "dave" } });
      expect(other.status).toBe(403);
      await revoke();
    });
  });
}
