import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { USER } from "../../fixtures/api_server_under_test.ts";
import type { ApiBody } from "../../fixtures/control_plane.ts";
import type { OpenSession, Reply, Session } from "../session.ts";

const AUTHORIZATION = "/apis/authorization.k8s.io/v1";
const SELF = `${AUTHORIZATION}/selfsubjectaccessreviews`;
const OTHERS = `${AUTHORIZATION}/subjectaccessreviews`;

interface Review extends ApiBody {
  status: { allowed: boolean; reason?: string };
}

/** Asks a review as the superuser, by default about whoever the spec names. */
export async function review(
  api: Session,
  spec: object,
  { path = OTHERS, user }: { path?: string; user?: string } = {},
): Promise<Review> {
  const reply = await api.send("POST", path, { user, body: { spec } });
  if (reply.status !== 201) throw new Error(`Cannot review: ${reply.raw}`);
  return reply.json as Review;
}

/** The causes of a 422 in short. */
function causesOf({ status, json }: Reply): unknown[] {
  const { causes = [] } = json.details as { causes?: { reason: string; field: string; message: string }[] };
  return [
    status,
    json.message,
    ...causes.map(({ reason, field, message }) => `${reason} ${field}: ${message}`),
  ];
}

export function reviewCases(open: OpenSession): void {
  describe("SelfSubjectAccessReview", () => {
    it("tells what the asker may do, and echoes what was asked in the order of its type", async () => {
      const api = await open();
      const resourceAttributes = { resource: "configmaps", verb: "get", namespace: api.namespace };
      const { json } = await api.send("POST", SELF, { user: USER, body: { spec: { resourceAttributes } } });
      expect(Object.keys(json)).toEqual(["kind", "apiVersion", "metadata", "spec", "status"]);
      expect(JSON.stringify([json.spec, json.status])).toBe(
        `[{"resourceAttributes":{"namespace":"${api.namespace}","verb":"get","resource":"configmaps"}},{"allowed":false}]`,
      );
      const revoke = await api.server.grant({
        resources: ["configmaps"],
        verbs: ["get"],
        namespace: api.namespace,
      });
      const { status } = await review(api, { resourceAttributes }, { path: SELF, user: USER });
      expect(status.allowed).toBe(true);
      await revoke();
    });

    it("knows paths, and says by what something is allowed; of superusers it says nothing", async () => {
      const api = await open();
      const nonResourceAttributes = { path: "/api", verb: "get" };
      expect((await review(api, { nonResourceAttributes }, { path: SELF, user: USER })).status).toEqual({
        allowed: true,
        reason:
          'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
      });
      expect((await review(api, { nonResourceAttributes }, { path: SELF })).status).toEqual({
        allowed: true,
      });
    });

    it("is a 422 without exactly one question", async () => {
      const api = await open();
      const nonResourceAttributes = { path: "/api", verb: "get" };
      const exactly =
        "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
      const both =
        'Invalid value: {"Path":"/api","Verb":"get"}: cannot be specified in combination with resourceAttributes';
      const cases: readonly [spec: object, field: string, message: string][] = [
        [{}, "spec.resourceAttributes", exactly],
        [{ resourceAttributes: { verb: "get" }, nonResourceAttributes }, "spec.nonResourceAttributes", both],
      ];
      for (const [spec, field, message] of cases) {
        const reply = await api.send("POST", SELF, { user: USER, body: { spec } });
        expect(causesOf(reply)).toEqual([
          422,
          `.authorization.k8s.io "" is invalid: ${field}: ${message}`,
          `FieldValueInvalid ${field}: ${message}`,
        ]);
        expect(reply.json.details).not.toHaveProperty("kind");
      }
    });
  });

  describe("SubjectAccessReview", () => {
    it("is about the user and the groups that it names", async () => {
      const api = await open();
      const resourceAttributes = { verb: "delete", resource: "nodes" };
      const allowed = async (who: object) =>
        (await review(api, { ...who, resourceAttributes })).status.allowed;
      expect(await allowed({ user: "root", groups: ["system:masters"] })).toBe(true);
      expect(await allowed({ groups: ["system:masters"] })).toBe(true);
      expect(await allowed({ user: "root" })).toBe(false);
    });

    it("is not everybody's to ask, and needs somebody to ask about", async () => {
      const api = await open();
      const spec = { user: "x", resourceAttributes: { verb: "get", resource: "pods" } };
      expect((await api.send("POST", OTHERS, { user: USER, body: { spec } })).status).toBe(403);
      const nobody = await api.send("POST", OTHERS, { body: { spec: { ...spec, user: "" } } });
      const message = 'Invalid value: "": at least one of user or group must be specified';
      expect(causesOf(nobody)).toEqual([
        422,
        `.authorization.k8s.io "" is invalid: spec.user: ${message}`,
        `FieldValueInvalid spec.user: ${message}`,
      ]);
    });

    it("may be asked within a namespace, about that namespace only", async () => {
      const api = await open();
      const path = api.path("localsubjectaccessreviews", "authorization.k8s.io/v1");
      const resourceAttributes = { verb: "get", resource: "pods" };
      const inside = { ...resourceAttributes, namespace: api.namespace };
      const metadata = { namespace: api.namespace };
      const good = await api.send("POST", path, {
        body: { metadata, spec: { user: "x", resourceAttributes: inside } },
      });
      expect([good.status, (good.json as Review).status]).toEqual([201, { allowed: false }]);
      const wrong = await api.send("POST", path, {
        body: { metadata, spec: { user: "x", resourceAttributes } },
      });
      expect(causesOf(wrong)[2]).toBe(
        'FieldValueInvalid spec.resourceAttributes.namespace: Invalid value: "": must match metadata.namespace',
      );
    });
  });

  describe("SelfSubjectReview", () => {
    it("tells the name and the groups", async () => {
      const api = await open();
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { json } = await api.send("POST", path, { user: USER, body: {} });
      const { userInfo } = (
        json as unknown as { status: { userInfo: { username: string; groups: string[] } } }
      ).status;
      expect(userInfo.username).toBe(USER);
      expect(userInfo.groups).toContain("system:authenticated");
      expect(Object.keys(json.metadata)).toEqual(["creationTimestamp"]);
    });
  });
}
