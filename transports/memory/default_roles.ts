import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { RBAC_GROUP } from "./rbac.ts";

const INFO_PATHS = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
const DISCOVERY_PATHS = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"];
const EVERYBODY = "system:authenticated";

/** The roles of an API server at its first start that say what every user may do, with the groups that have them. */
const ROLES: readonly { name: string; rules: readonly object[]; groups: readonly string[] }[] = [
  {
    name: "cluster-admin",
    rules: [
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
      { verbs: ["*"], nonResourceURLs: ["*"] },
    ],
    groups: ["system:masters"],
  },
  {
    name: "system:basic-user",
    rules: [
      {
        verbs: ["create"],
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      },
      { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
    ],
    groups: [EVERYBODY],
  },
  {
    name: "system:discovery",
    rules: [{ verbs: ["get"], nonResourceURLs: [...DISCOVERY_PATHS, ...INFO_PATHS].sort() }],
    groups: [EVERYBODY],
  },
  {
    name: "system:public-info-viewer",
    rules: [{ verbs: ["get"], nonResourceURLs: INFO_PATHS }],
    groups: [EVERYBODY, "system:unauthenticated"],
  },
];

/** The ClusterRoles that are there from the beginning, and their bindings. */
export function defaultRoles(): { resource: string; object: KubernetesObject }[] {
  return ROLES.flatMap(({ name, rules, groups }) => {
    const metadata = {
      name,
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
      annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
    };
    const subjects = groups.map((group) => ({ kind: "Group", apiGroup: RBAC_GROUP, name: group }));
    const roleRef = { apiGroup: RBAC_GROUP, kind: "ClusterRole", name };
    return [
      { resource: "clusterroles", object: { metadata, rules } },
      { resource: "clusterrolebindings", object: { metadata, subjects, roleRef } },
    ];
  });
}
