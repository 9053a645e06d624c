import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import type { OpenSession, Session } from "../session.ts";
import { review } from "./reviews.ts";

const GROUP = "rbac.authorization.k8s.io";
const GROUP_VERSION = `${GROUP}/v1`;

type Subject = { kind: string; name: string; namespace?: string };

function subjectsOf(subjects: readonly Subject[]): object[] {
  return subjects.map((subject) =>
    subject.kind === "ServiceAccount" ? subject : { apiGroup: GROUP, ...subject },
  );
}

/** Makes a Role in the session's namespace, or a ClusterRole, and a binding; all bear the namespace's name. */
async function bind(
  api: Session,
  {
    role,
    rules,
    binding,
    subjects,
  }: {
    role: "Role" | "ClusterRole";
    /** Without them, the role is not made. */
    rules?: readonly object[];
    binding: "RoleBinding" | "ClusterRoleBinding";
    subjects: readonly Subject[];
  },
): Promise<() => Promise<unknown>> {
  const name = api.namespace;
  const path = (kind: string) =>
    kind.startsWith("Cluster")
      ? `/apis/${GROUP_VERSION}/${kind.toLowerCase()}s`
      : api.path(`${kind.toLowerCase()}s`, GROUP_VERSION);
  if (rules) await api.create(path(role), { metadata: { name }, rules });
  const roleRef = { apiGroup: GROUP, kind: role, name };
  await api.create(path(binding), { metadata: { name }, roleRef, subjects: subjectsOf(subjects) });
  return () => api.delete(`${path(binding)}/${name}`);
}

/** Waits until the server judges as told: it reads roles and bindings a little later. */
async function judges(
  api: Session,
  spec: object,
  expected: { allowed: boolean; reason?: string },
): Promise<void> {
  await until(
    async () => {
      expect((await review(api, spec)).status).toEqual(expected);
      return true;
    },
    { what: `a verdict on ${JSON.stringify(spec)}` },
  );
}

export function roleCases(open: OpenSession): void {
  describe("a Role bound to a user and a service account", () => {
    it("allows what its rules say, in its namespace", async () => {
      const api = await open();
      const { namespace } = api;
      await bind(api, {
        role: "Role",
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"], resourceNames: ["a"] },
          { apiGroups: ["*"], resources: ["*/status"], verbs: ["*"] },
          { apiGroups: ["apps"], resources: ["deployments/*"], verbs: ["get"] },
          { apiGroups: ["batch"], resources: ["*"], verbs: ["get"] },
          { apiGroups: ["apps"], resources: ["statefulsets/scale"], verbs: ["get"] },
        ],
        binding: "RoleBinding",
        subjects: [
          { kind: "User", name: "carol" },
          { kind: "ServiceAccount", name: "robot", namespace },
          { kind: "ServiceAccount", name: "guest", namespace: "default" },
        ],
      });
      const by = (words: string) => ({
        allowed: true,
        reason: `RBAC: allowed by RoleBinding "${namespace}/${namespace}" of Role "${namespace}" to ${words}`,
      });
      const [carol, robot] = [by('User "carol"'), by(`ServiceAccount "robot/${namespace}"`)];
      const no = { allowed: false };
      const config = { verb: "get", resource: "configmaps", name: "a" };
      const deployment = { group: "apps", verb: "get", resource: "deployments" };
      const judged: readonly [asked: object, verdict: { allowed: boolean; reason?: string }][] = [
        [config, carol],
        [{ ...config, name: "b" }, no],
        [{ ...config, name: undefined }, no],
        [{ ...config, verb: "list" }, carol],
        [{ ...config, verb: "watch" }, no],
        [{ ...config, group: "apps" }, no],
        [{ ...config, subresource: "x" }, no],
        [{ ...config, namespace: "default" }, no],
        [{ ...config, namespace: undefined }, no],
        [deployment, no],
        [{ ...deployment, subresource: "status" }, carol],
        [{ ...deployment, subresource: "scale" }, no],
        [{ ...deployment, resource: "statefulsets", subresource: "scale" }, carol],
        [{ ...deployment, group: "batch", resource: "anything" }, carol],
        [{ ...deployment, group: "batch", resource: "anything", subresource: "x" }, carol],
      ];
      for (const [asked, verdict] of judged) {
        await judges(api, { user: "carol", resourceAttributes: { namespace, ...asked } }, verdict);
      }
      const account = `system:serviceaccount:${namespace}:robot`;
      await judges(api, { user: account, resourceAttributes: { namespace, ...config } }, robot);
      await judges(api, { user: "robot", resourceAttributes: { namespace, ...config } }, no);
      const [guest, namesake] = ["default", namespace].map((place) => `system:serviceaccount:${place}:guest`);
      const asGuest = by('ServiceAccount "guest/default"');
      await judges(api, { user: guest, resourceAttributes: { namespace, ...config } }, asGuest);
      await judges(api, { user: namesake, resourceAttributes: { namespace, ...config } }, no);
    });
  });

  describe("a ClusterRole", () => {
    const rules = [
      { nonResourceURLs: ["/metrics", "/logs*"], verbs: ["get"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["list"] },
    ];

    it("bound in the cluster allows everywhere, and paths; taken back it does not", async () => {
      const api = await open();
      const { namespace } = api;
      const unbind = await bind(api, {
        role: "ClusterRole",
        rules,
        binding: "ClusterRoleBinding",
        subjects: [{ kind: "Group", name: `team-${namespace}` }],
      });
      const groups = [`team-${namespace}`];
      const allowed = {
        allowed: true,
        reason: `RBAC: allowed by ClusterRoleBinding "${namespace}" of ClusterRole "${namespace}" to Group "team-${namespace}"`,
      };
      const secrets = { verb: "list", resource: "secrets" };
      await judges(api, { groups, resourceAttributes: secrets }, allowed);
      await judges(api, { groups, resourceAttributes: { ...secrets, namespace: "anywhere" } }, allowed);
      for (const [path, verb, isAllowed] of [
        ["/metrics", "get", true],
        ["/metrics/x", "get", false],
        ["/logs/x", "get", true],
        ["/logs", "post", false],
      ] as const) {
        const verdict = isAllowed ? allowed : { allowed: false };
        await judges(api, { groups, nonResourceAttributes: { path, verb } }, verdict);
      }
      await unbind();
      await judges(api, { groups, resourceAttributes: secrets }, { allowed: false });
    });

    it("bound in a namespace allows there, and no paths", async () => {
      const api = await open();
      const { namespace } = api;
      await bind(api, {
        role: "ClusterRole",
        rules,
        binding: "RoleBinding",
        subjects: [{ kind: "User", name: namespace }],
      });
      const secrets = { verb: "list", resource: "secrets" };
      const user = namespace;
      await judges(
        api,
        { user, resourceAttributes: { ...secrets, namespace } },
        {
          allowed: true,
          reason: `RBAC: allowed by RoleBinding "${namespace}/${namespace}" of ClusterRole "${namespace}" to User "${namespace}"`,
        },
      );
      await judges(api, { user, resourceAttributes: secrets }, { allowed: false });
      await judges(
        api,
        { user, nonResourceAttributes: { path: "/metrics", verb: "get" } },
        { allowed: false },
      );
    });
  });

  describe("a binding of a role that is not there", () => {
    it("allows nothing, and the refusal says so", async () => {
      const api = await open();
      const { namespace } = api;
      const subjects = [{ kind: "User", name: namespace }];
      await bind(api, { role: "Role", binding: "RoleBinding", subjects });
      await bind(api, { role: "ClusterRole", binding: "ClusterRoleBinding", subjects });
      const missing = (kind: string) => `${kind}.${GROUP} "${namespace}" not found`;
      const user = namespace;
      const pods = { verb: "list", resource: "pods" };
      await judges(
        api,
        { user, resourceAttributes: { ...pods, namespace } },
        { allowed: false, reason: `RBAC: [${missing("clusterrole")}, ${missing("role")}]` },
      );
      const reason = `RBAC: ${missing("clusterrole")}`;
      await judges(api, { user, resourceAttributes: pods }, { allowed: false, reason });
      const headers = { "impersonate-user": user };
      expect((await api.get("/api/v1/pods", { headers })).json.message).toBe(
        `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" at the cluster scope: ${reason}`,
      );
      expect((await api.get("/nothing", { headers })).json.message).toBe(
        `forbidden: User "${user}" cannot get path "/nothing": ${reason}`,
      );
    });
  });
}
