import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ApiBody } from "../../fixtures/control_plane.ts";
import type { OpenSession } from "../session.ts";
import { accept, TABLE } from "./media_types.ts";
import { cellsOf } from "./tables.ts";

interface Case {
  groupVersion?: string;
  resource: string;
  name?: string;
  body?: object;
  /** Set after the object is made. */
  status?: object;
  deleted?: boolean;
  /** In front of the cells that the two servers do not fill alike. */
  cells: readonly unknown[];
}

const MINUTES = new Date(Date.now() - 5 * 60_000).toISOString().replace(/\.\d+/, "");
const labels = { a: "b" };
const selector = { matchLabels: labels };
const containers = [
  { name: "c1", image: "i1" },
  { name: "c2", image: "i2" },
];
const template = { metadata: { labels }, spec: { containers } };
const jobSpec = { restartPolicy: "Never", containers };
const AGE = "<age>";

function container(name: string, state: object, more: object = {}): object {
  return { name, image: "i", imageID: "", ready: false, restartCount: 0, state, ...more };
}

function pod(more: object = {}): object {
  return { spec: { containers, ...more } };
}

const CASES: readonly Case[] = [
  { resource: "secrets", body: { stringData: { a: "b", c: "d" } }, cells: ["one", "Opaque", 2, AGE] },
  { resource: "serviceaccounts", cells: ["one", AGE] },
  {
    resource: "services",
    body: {
      spec: {
        type: "ClusterIP",
        clusterIP: "None",
        selector: labels,
        ports: [
          { port: 80, protocol: "TCP" },
          { name: "x", port: 53, protocol: "UDP" },
        ].map((port, index) => ({ name: `p${index}`, ...port })),
      },
    },
    cells: ["one", "ClusterIP", "None", "<none>", "80/TCP,53/UDP", AGE, "a=b"],
  },
  {
    resource: "services",
    body: { spec: { type: "ExternalName", externalName: "foo.bar" } },
    cells: ["one", "ExternalName", "<none>", "foo.bar", "<none>", AGE, "<none>"],
  },
  {
    resource: "pods",
    body: pod({ readinessGates: [{ conditionType: "x" }] }),
    cells: ["one", "0/2", "Pending", "0", AGE, "<none>", "<none>", "<none>", "0/1"],
  },
  {
    resource: "pods",
    name: "crashing",
    body: pod({ nodeName: "node1" }),
    status: {
      phase: "Running",
      podIPs: [{ ip: "10.1.2.3" }],
      podIP: "10.1.2.3",
      containerStatuses: [
        container(
          "c1",
          { running: {} },
          { ready: true, restartCount: 1, lastState: { terminated: { exitCode: 1, finishedAt: MINUTES } } },
        ),
        container("c2", { waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 2 }),
      ],
    },
    cells: [
      "crashing",
      "1/2",
      "CrashLoopBackOff",
      "3 (<age> ago)",
      AGE,
      "10.1.2.3",
      "node1",
      "<none>",
      "<none>",
    ],
  },
  {
    resource: "pods",
    name: "done",
    body: pod(),
    status: {
      phase: "Succeeded",
      containerStatuses: [container("c1", { terminated: { exitCode: 0, reason: "Completed" } })],
    },
    cells: ["done", "0/2", "Completed", "0"],
  },
  {
    resource: "pods",
    name: "half",
    body: pod(),
    status: {
      phase: "Running",
      containerStatuses: [
        container("c1", { terminated: { exitCode: 0, reason: "Completed" } }),
        container("c2", { running: {} }, { ready: true }),
      ],
    },
    cells: ["half", "1/2", "NotReady", "0"],
  },
  {
    resource: "pods",
    name: "failed",
    body: pod(),
    status: {
      phase: "Failed",
      reason: "Evicted",
      containerStatuses: [container("c1", { terminated: { exitCode: 3 } })],
    },
    cells: ["failed", "0/2", "ExitCode:3", "0"],
  },
  {
    resource: "pods",
    name: "killed",
    body: pod(),
    status: {
      phase: "Failed",
      containerStatuses: [container("c1", { terminated: { exitCode: 137, signal: 9 } })],
    },
    cells: ["killed", "0/2", "Signal:9", "0"],
  },
  {
    resource: "pods",
    name: "starting",
    body: pod({ initContainers: containers.map((one) => ({ ...one, name: `init-${one.name}` })) }),
    status: {
      phase: "Pending",
      initContainerStatuses: [
        container("init-c1", { terminated: { exitCode: 0 } }),
        container("init-c2", { running: {} }),
      ],
    },
    cells: ["starting", "0/2", "Init:1/2", "0"],
  },
  {
    resource: "pods",
    name: "stuck",
    body: pod({ initContainers: [{ name: "init", image: "i" }] }),
    status: {
      phase: "Pending",
      initContainerStatuses: [container("init", { waiting: { reason: "ErrImagePull" } })],
    },
    cells: ["stuck", "0/2", "Init:ErrImagePull", "0"],
  },
  {
    resource: "pods",
    name: "ending",
    body: { ...pod(), metadata: { finalizers: ["example.com/held"] } },
    status: { phase: "Running" },
    deleted: true,
    cells: ["ending", "0/2", "Terminating", "0"],
  },
  {
    groupVersion: "apps/v1",
    resource: "deployments",
    body: {
      spec: {
        replicas: 3,
        selector: { ...selector, matchExpressions: [{ key: "c", operator: "NotIn", values: ["c", "b"] }] },
        template,
      },
    },
    status: { replicas: 3, readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
    cells: ["one", "1/3", 2, 1, AGE, "c1,c2", "i1,i2", "a=b,c notin (b,c)"],
  },
  {
    groupVersion: "apps/v1",
    resource: "replicasets",
    body: { spec: { replicas: 3, selector, template } },
    status: { replicas: 2, readyReplicas: 1 },
    cells: ["one", 3, 2, 1, AGE, "c1,c2", "i1,i2", "a=b"],
  },
  {
    groupVersion: "apps/v1",
    resource: "statefulsets",
    body: { spec: { replicas: 3, selector, template, serviceName: "s" } },
    cells: ["one", "0/3", AGE, "c1,c2", "i1,i2"],
  },
  {
    groupVersion: "apps/v1",
    resource: "daemonsets",
    body: {
      spec: { selector, template: { ...template, spec: { containers, nodeSelector: { x: "y", w: "z" } } } },
    },
    status: {
      ...{ desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2 },
      ...{ numberAvailable: 1, numberMisscheduled: 0 },
    },
    cells: ["one", 5, 4, 3, 2, 1, "w=z,x=y", AGE, "c1,c2", "i1,i2", "a=b"],
  },
  {
    groupVersion: "batch/v1",
    resource: "jobs",
    body: {
      spec: {
        completions: 2,
        template: { spec: jobSpec },
      },
    },
    cells: ["one", "Running", "0/2", "", AGE, "c1,c2", "i1,i2"],
  },
  {
    groupVersion: "batch/v1",
    resource: "jobs",
    name: "parallel",
    body: { spec: { parallelism: 2, template: { spec: jobSpec } } },
    status: { startTime: MINUTES, active: 1, ready: 0 },
    cells: ["parallel", "Running", "0/1 of 2", AGE, AGE],
  },
  {
    groupVersion: "batch/v1",
    resource: "cronjobs",
    body: {
      spec: {
        schedule: "* * * * *",
        suspend: true,
        jobTemplate: { spec: { template: { spec: jobSpec } } },
      },
    },
    status: { lastScheduleTime: MINUTES, active: [{ kind: "Job", name: "x" }] },
    cells: ["one", "* * * * *", "<none>", "True", 1, AGE, AGE, "c1,c2", "i1,i2", "<none>"],
  },
  {
    groupVersion: "coordination.k8s.io/v1",
    resource: "leases",
    body: { spec: { holderIdentity: "me" } },
    cells: ["one", "me", AGE],
  },
  {
    groupVersion: "networking.k8s.io/v1",
    resource: "ingresses",
    body: {
      spec: { ingressClassName: "nginx", tls: [{ hosts: ["a"] }], rules: [{ host: "a" }, { host: "b" }] },
    },
    status: { loadBalancer: { ingress: [{ ip: "10.0.0.9" }, { hostname: "h" }] } },
    cells: ["one", "nginx", "a,b", "10.0.0.9,h", "80, 443", AGE],
  },
  {
    groupVersion: "networking.k8s.io/v1",
    resource: "ingresses",
    body: { spec: { defaultBackend: { service: { name: "x", port: { number: 1 } } } } },
    cells: ["one", "<none>", "*", "", "80", AGE],
  },
  {
    groupVersion: "networking.k8s.io/v1",
    resource: "networkpolicies",
    body: { spec: { podSelector: selector, policyTypes: ["Ingress"] } },
    cells: ["one", "a=b", AGE],
  },
  {
    groupVersion: "networking.k8s.io/v1",
    resource: "networkpolicies",
    body: { spec: { podSelector: {}, policyTypes: ["Ingress"] } },
    cells: ["one", "<none>", AGE],
  },
  {
    groupVersion: "rbac.authorization.k8s.io/v1",
    resource: "roles",
    body: { rules: [] },
    cells: ["one", "<time>"],
  },
  {
    groupVersion: "rbac.authorization.k8s.io/v1",
    resource: "rolebindings",
    body: {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [
        ...["u", "v"].map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name })),
        ...["g", "h"].map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name })),
        ...["s", "t"].map((name) => ({ kind: "ServiceAccount", name, namespace: "n" })),
      ],
    },
    cells: ["one", "Role/r", AGE, "u, v", "g, h", "n/s, n/t"],
  },
];

export function builtInTableCases(open: OpenSession): void {
  describe("the cells of a built-in table", () => {
    const headers = accept(TABLE);
    for (const { groupVersion, resource, name = "one", body, status, deleted, cells } of CASES) {
      it(`of ${resource}: ${cells.join(" ")}`, async () => {
        const api = await open();
        const path = api.path(resource, groupVersion);
        const { metadata } = (body ?? {}) as Partial<ApiBody>;
        await api.create(path, { ...body, metadata: { ...metadata, name } });
        if (status) await api.patch(`${path}/${name}/status`, { status });
        if (deleted) await api.delete(`${path}/${name}`);
        const { json } = await api.get(`${path}/${name}`, { headers });
        const [row = []] = cellsOf(json as unknown as Parameters<typeof cellsOf>[0]);
        const shown = row.map((cell) => (/^\d{4}-\d\d-\d\dT/.test(String(cell)) ? "<time>" : cell));
        expect(shown.slice(0, cells.length)).toEqual(cells);
      });
    }

    it("of nodes", async () => {
      const api = await open();
      const nodes = "/api/v1/nodes";
      const name = `node-${api.namespace}`;
      await api.create(nodes, {
        metadata: { name, labels: { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "x" } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          addresses: [{ type: "InternalIP", address: "10.1.1.1" }],
          nodeInfo: { kubeletVersion: "v1.35.4", osImage: "Debian" },
        },
      });
      const { json } = await api.get(`${nodes}/${name}`, { headers });
      expect(cellsOf(json as unknown as Parameters<typeof cellsOf>[0])).toEqual([
        [
          ...[name, "Ready,SchedulingDisabled", "worker,x", AGE, "v1.35.4", "10.1.1.1", "<none>"],
          ...["Debian", "<unknown>", "<unknown>"],
        ],
      ]);
      await api.delete(`${nodes}/${name}`);
    });

    it("of events", async () => {
      const api = await open();
      await api.create(api.path("events"), {
        metadata: { name: "one" },
        involvedObject: { kind: "Pod", name: "p", namespace: api.namespace, fieldPath: "spec.containers{c}" },
        ...{ reason: "Why", message: " hello\n", type: "Normal", count: 3 },
        ...{ firstTimestamp: MINUTES, lastTimestamp: MINUTES, source: { component: "me", host: "h" } },
      });
      const { json } = await api.get(`${api.path("events")}/one`, { headers });
      expect(cellsOf(json as unknown as Parameters<typeof cellsOf>[0])).toEqual([
        [AGE, "Normal", "Why", "pod/p", "spec.containers{c}", "me, h", "hello", AGE, 3, "one"],
      ]);
    });
  });
}
