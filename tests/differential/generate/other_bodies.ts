import fc from "fast-check";
import { among, seldom } from "./weighted.ts";

type Fields = fc.Arbitrary<Record<string, unknown>>;

const containers = [{ name: "main", image: "example.com/image" }];
const template = { metadata: { labels: { app: "web" } }, spec: { containers } };
const selector = { matchLabels: { app: "web" } };
const workload: Fields = among(1, 2, 3).map((replicas) => ({ spec: { replicas, selector, template } }));

/** Bodies that the real server accepts, since the embedded one does not check them. */
export const OTHER_BODIES: Readonly<Record<string, Fields>> = {
  Pod: among("60", "61").map(() => ({ spec: { containers } })),
  // Without an address of its own: those of the real server run out.
  Service: among({}, { publishNotReadyAddresses: true }).map((more) => ({
    spec: { clusterIP: "None", ports: [{ port: 80 }], ...more },
  })),
  ServiceAccount: fc
    .record({ automountServiceAccountToken: seldom(2, fc.boolean()) })
    .map(({ automountServiceAccountToken: value }) =>
      value === undefined ? {} : { automountServiceAccountToken: value },
    ),
  Event: among("Started", "Stopped").map((reason) => ({
    involvedObject: { kind: "Pod", namespace: "<namespace>", name: "a" },
    reason,
  })),
  // The taint is what an admission plug-in gives to a new node.
  Node: fc.constant({ spec: { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] } }),
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: workload.map(({ spec }) => ({ spec: { ...(spec as object), serviceName: "web" } })),
  CronJob: among("0 0 * * *", "5 0 * * *").map((schedule) => ({
    spec: { schedule, jobTemplate: { spec: { template: { spec: { containers, restartPolicy: "Never" } } } } },
  })),
  Ingress: among("web", "db").map((name) => ({
    spec: { defaultBackend: { service: { name, port: { number: 80 } } } },
  })),
  NetworkPolicy: fc.constant({ spec: { podSelector: { matchLabels: { app: "web" } } } }),
  Role: among("get", "list").map((verb) => ({
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: [verb] }],
  })),
  RoleBinding: among("x", "y").map((name) => ({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" },
    subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name }],
  })),
  ClusterRoleBinding: among("x", "y").map((name) => ({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "a" },
    subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name }],
  })),
  ClusterRole: among("get", "list").map((verb) => ({
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: [verb] }],
  })),
};
