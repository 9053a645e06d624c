/** An object of a kind, and what kube-apiserver 1.35 shows of it in a table, but for ages and times. */
export interface ShownObject {
  /** Of the collection. */
  readonly path: string;
  readonly object: Readonly<Record<string, unknown>> & { readonly metadata?: object };
  /** Written by the path of the status. */
  readonly status?: object;
  readonly cells: readonly unknown[];
}

/** In the place of ages and times. */
export const SOME_TIME = "(time)";

const CORE = "/api/v1/namespaces/default";
const APPS = "/apis/apps/v1/namespaces/default";
const AUTOSCALERS = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const utilization = (name: string, averageUtilization: number) => ({
  type: "Resource",
  resource: { name, target: { type: "Utilization", averageUtilization } },
});
const volume = {
  capacity: { storage: "1Gi" },
  accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
  hostPath: { path: "/x" },
  storageClassName: "s",
  persistentVolumeReclaimPolicy: "Retain",
  volumeMode: "Filesystem",
};
const claim = {
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "1Gi" } },
  storageClassName: "s",
  volumeMode: "Filesystem",
};
const webhook = {
  name: "a.b.c",
  clientConfig: { url: "https://x.example.com" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
};

export const SHOWN_OBJECTS: readonly ShownObject[] = [
  {
    path: "/api/v1/persistentvolumes",
    object: { spec: volume },
    cells: ["a", "1Gi", "RWO,ROX", "Retain", "Pending", "", "s", "<unset>", "", SOME_TIME, "Filesystem"],
  },
  {
    path: "/api/v1/persistentvolumes",
    object: { spec: { ...volume, claimRef: { namespace: "n", name: "c" } } },
    status: { phase: "Failed", reason: "Broken" },
    cells: [
      "a",
      "1Gi",
      "RWO,ROX",
      "Retain",
      "Failed",
      "n/c",
      "s",
      "<unset>",
      "Broken",
      SOME_TIME,
      "Filesystem",
    ],
  },
  {
    path: `${CORE}/persistentvolumeclaims`,
    object: { spec: claim },
    cells: ["a", "Pending", "", "", "", "s", "<unset>", SOME_TIME, "Filesystem"],
  },
  {
    path: `${CORE}/persistentvolumeclaims`,
    object: { spec: { ...claim, volumeName: "v" } },
    status: { phase: "Bound", accessModes: ["ReadWriteMany"], capacity: { storage: "2Gi" } },
    cells: ["a", "Bound", "v", "2Gi", "RWX", "s", "<unset>", SOME_TIME, "Filesystem"],
  },
  {
    path: `${CORE}/endpoints`,
    object: {
      subsets: [
        {
          addresses: [{ ip: "10.1.1.1" }, { ip: "10.1.1.2" }],
          ports: [
            { name: "x", port: 80 },
            { name: "y", port: 81 },
          ],
        },
      ],
    },
    cells: ["a", "10.1.1.1:80,10.1.1.2:80,10.1.1.1:81 + 1 more...", SOME_TIME],
  },
  { path: `${CORE}/endpoints`, object: {}, cells: ["a", "<none>", SOME_TIME] },
  {
    path: `${CORE}/resourcequotas`,
    object: { spec: { hard: { pods: "4" } } },
    status: {
      hard: { "limits.cpu": "2", "limits.memory": "1Gi", pods: "4", "requests.cpu": "1" },
      used: { pods: "3" },
    },
    cells: ["a", "pods: 3/4, requests.cpu: 0/1", "limits.cpu: 0/2, limits.memory: 0/1Gi", SOME_TIME],
  },
  {
    path: `${CORE}/limitranges`,
    object: { spec: { limits: [{ type: "Pod", max: { cpu: "1" } }] } },
    cells: ["a", SOME_TIME],
  },
  {
    path: `${CORE}/replicationcontrollers`,
    object: { spec: { replicas: 2, selector: { a: "b" }, template } },
    status: { replicas: 2, readyReplicas: 1 },
    cells: ["a", 2, 2, 1, SOME_TIME, "c", "i", "a=b"],
  },
  { path: `${CORE}/podtemplates`, object: { template }, cells: ["a", "c", "i", "a=b"] },
  {
    path: `${APPS}/controllerrevisions`,
    object: { revision: 3, data: { a: 1 } },
    cells: ["a", "<none>", 3, SOME_TIME],
  },
  {
    path: `${APPS}/controllerrevisions`,
    object: {
      metadata: {
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true },
        ],
      },
      revision: 4,
      data: {},
    },
    cells: ["a", "statefulset.apps/web", 4, SOME_TIME],
  },
  {
    path: BUDGETS,
    object: { spec: { minAvailable: "50%" } },
    status: { disruptionsAllowed: 2, expectedPods: 0, currentHealthy: 0, desiredHealthy: 0 },
    cells: ["a", "50%", "N/A", 2, SOME_TIME],
  },
  { path: BUDGETS, object: { spec: { maxUnavailable: 1 } }, cells: ["a", "N/A", "1", 0, SOME_TIME] },
  {
    path: AUTOSCALERS,
    object: {
      spec: {
        ...{ scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
        metrics: [utilization("cpu", 50), utilization("memory", 60), utilization("cpu", 70)],
      },
    },
    status: {
      ...{ currentReplicas: 2, desiredReplicas: 2 },
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 40, averageValue: "4" } },
        },
      ],
    },
    cells: ["a", "Deployment/web", "cpu: 40%/50%, memory: <unknown>/60% + 1 more...", "1", 3, 2, SOME_TIME],
  },
  {
    path: AUTOSCALERS,
    object: {
      spec: {
        ...{ scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "AverageValue", averageValue: "2" } },
          },
          {
            type: "Pods",
            pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "3" } },
          },
        ],
      },
    },
    cells: ["a", "Deployment/web", "cpu: <unknown>/2, <unknown>/3", "1", 3, 0, SOME_TIME],
  },
  {
    path: AUTOSCALERS,
    object: {
      spec: {
        ...{ scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
        metrics: [
          {
            type: "External",
            external: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "3" } },
          },
          { type: "External", external: { metric: { name: "m" }, target: { type: "Value", value: "4" } } },
        ],
      },
    },
    cells: ["a", "Deployment/web", "<unknown>/3 (avg), <unknown>/4", "1", 3, 0, SOME_TIME],
  },
  {
    path: SLICES,
    object: {
      addressType: "IPv4",
      endpoints: [
        { addresses: ["10.0.0.1"] },
        { addresses: ["10.0.0.2"] },
        { addresses: ["10.0.0.3"] },
        { addresses: ["10.0.0.4"] },
      ],
      ports: [
        { name: "h", port: 80, protocol: "TCP" },
        { name: "any", protocol: "TCP" },
      ],
    },
    cells: ["a", "IPv4", "80,any", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...", SOME_TIME],
  },
  {
    path: SLICES,
    object: { addressType: "IPv4", endpoints: [] },
    cells: ["a", "IPv4", "<unset>", "<unset>", SOME_TIME],
  },
  {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    object: { provisioner: "p.example.com" },
    cells: ["a", "p.example.com", "Delete", "Immediate", false, SOME_TIME],
  },
  {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    object: {
      metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      ...{ provisioner: "p.example.com", reclaimPolicy: "Retain", allowVolumeExpansion: true },
    },
    cells: ["a (default)", "p.example.com", "Retain", "Immediate", true, SOME_TIME],
  },
  {
    path: "/apis/networking.k8s.io/v1/ingressclasses",
    object: {
      spec: { controller: "example.com/c", parameters: { apiGroup: "x.example.com", kind: "P", name: "p" } },
    },
    cells: ["a", "example.com/c", "P.x.example.com/p", SOME_TIME],
  },
  {
    path: "/apis/networking.k8s.io/v1/ingressclasses",
    object: { spec: { controller: "example.com/c" } },
    cells: ["a", "example.com/c", "<none>", SOME_TIME],
  },
  {
    path: "/apis/scheduling.k8s.io/v1/priorityclasses",
    object: { value: 5, preemptionPolicy: "PreemptLowerPriority" },
    cells: ["a", 5, false, SOME_TIME, "PreemptLowerPriority"],
  },
  {
    path: `${REGISTRATION}/validatingwebhookconfigurations`,
    object: { webhooks: [webhook] },
    cells: ["a", 1, SOME_TIME],
  },
  { path: `${REGISTRATION}/mutatingwebhookconfigurations`, object: {}, cells: ["a", 0, SOME_TIME] },
];
