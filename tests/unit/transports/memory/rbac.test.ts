import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import { CONFIG_MAPS, exchange, type Sent, world } from "./exchange.ts";

const GROUP = "rbac.authorization.k8s.io";

function rbac(kind: string, fields: object): KubernetesObject {
  const metadata = { name: "r", ...(kind.startsWith("Cluster") ? {} : { namespace: "t" }) };
  return { apiVersion: `${GROUP}/v1`, kind, metadata, ...fields };
}

const roleRef = { apiGroup: GROUP, kind: "Role", name: "r" };
const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["*"] }];

/** A server with these objects, and what a user is answered. */
async function judged(objects: readonly KubernetesObject[]) {
  const { server } = await world({ authorization: "rbac" });
  for (const object of objects) await server.create(object);
  return {
    server,
    as: async (user: string, call = `GET ${CONFIG_MAPS}`, sent: Sent = {}) =>
      (await exchange(server.transport(user), call, sent)).status,
  };
}

describe("roles", () => {
  it("allow nothing to who has none", async () => {
    const { as } = await judged([]);
    expect([await as("alice"), await as("alice", "GET /api"), await as("alice", "GET /metrics")]).toEqual([
      403, 200, 403,
    ]);
    expect([await as("system:anonymous", "GET /api"), await as("system:anonymous", "GET /readyz")]).toEqual([
      403, 200,
    ]);
  });

  it("are judged as they are at each request", async () => {
    const { server, as } = await judged([
      rbac("Role", { rules }),
      rbac("RoleBinding", { roleRef, subjects: [{ kind: "User", name: "alice" }] }),
    ]);
    expect([await as("alice"), await as("bob")]).toEqual([200, 403]);
    const role = { group: GROUP, version: "v1", kind: "Role", namespace: "t", name: "r" };
    await server.patch(role, { rules: [] });
    expect(await as("alice")).toBe(403);
    await server.patch(role, { rules });
    await server.delete({ ...role, kind: "RoleBinding" });
    expect(await as("alice")).toBe(403);
  });

  it("of a service account are those of the binding's namespace where it names none", async () => {
    const { as } = await judged([
      rbac("Role", { rules }),
      rbac("RoleBinding", { roleRef, subjects: [{ kind: "ServiceAccount", name: "robot" }] }),
    ]);
    expect(await as("system:serviceaccount:t:robot")).toBe(200);
    expect(await as("system:serviceaccount:default:robot")).toBe(403);
  });

  it("of all service accounts go by their group", async () => {
    const { as } = await judged([
      rbac("ClusterRole", { rules }),
      rbac("ClusterRoleBinding", {
        roleRef: { ...roleRef, kind: "ClusterRole" },
        subjects: [{ kind: "Group", name: "system:serviceaccounts" }],
      }),
    ]);
    expect([await as("system:serviceaccount:x:y"), await as("alice")]).toEqual([200, 403]);
  });

  it("that are not formed like any allow nothing, and harm nobody", async () => {
    const { as } = await judged([
      rbac("Role", { rules: [null, "x", { verbs: "*" }, { verbs: ["*"], apiGroups: [""], resources: [7] }] }),
      rbac("RoleBinding", {
        roleRef,
        subjects: [null, { kind: "Robot", name: "alice" }, { kind: "User", name: "alice" }],
      }),
      rbac("ClusterRoleBinding", { subjects: [{ kind: "User", name: "alice" }] }),
      rbac("ClusterRole", { rules: "none" }),
    ]);
    expect(await as("alice")).toBe(403);
  });

  it("are not looked at unless it is asked for", async () => {
    const { server } = await world();
    expect((await exchange(server.transport("alice"), `GET ${CONFIG_MAPS}`)).status).toBe(200);
    expect(await server.list({ group: GROUP, version: "v1", kind: "ClusterRole" })).toEqual([]);
  });
});
