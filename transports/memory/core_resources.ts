import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { STANDARD_VERBS } from "./api_resource.ts";
import { configMapCauses, secretCauses } from "./built_in_validation.ts";
import { OBJECT_LABELS, type ResourceRow, unsupportedLabel, WITH_STATUS } from "./resource_row.ts";
import { POD_TEMPLATE } from "./workload_resources.ts";

const NODE_INFO = Object.fromEntries(
  [
    ...["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"],
    ...["kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"],
  ].map((field) => [field, ""]),
);

const VOLUME = {
  subresources: ["status"],
  answersWithDeleted: true,
  prepareCreate: beginPending,
} as const satisfies Partial<ResourceRow>;

/** The kinds of the core group. */
export const CORE_ROWS: readonly ResourceRow[] = [
  {
    kind: "ConfigMap",
    resource: "configmaps",
    shortNames: ["cm"],
    fields: ["immutable", "data", "binaryData"],
    zero: {},
    causes: configMapCauses,
  },
  {
    kind: "Endpoints",
    resource: "endpoints",
    createOnUpdate: true,
    shortNames: ["ep"],
    fields: ["subsets"],
    zero: {},
  },
  {
    kind: "Event",
    resource: "events",
    cached: false,
    createOnUpdate: true,
    shortNames: ["ev"],
    fields: [
      ...[
        "involvedObject",
        "reason",
        "message",
        "source",
        "firstTimestamp",
        "lastTimestamp",
        "count",
        "type",
      ],
      ...["eventTime", "series", "action", "related", "reportingComponent", "reportingInstance"],
    ],
    zero: {
      involvedObject: {},
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: "",
      reportingInstance: "",
    },
    fieldLabels: [
      ...OBJECT_LABELS,
      ...["kind", "namespace", "name", "uid", "apiVersion", "fieldPath"].map(
        (field) => `involvedObject.${field}`,
      ),
      ...["reason", "reportingComponent", "type"],
    ],
    unknownFieldLabel: unsupportedLabel,
  },
  {
    kind: "LimitRange",
    resource: "limitranges",
    createOnUpdate: true,
    shortNames: ["limits"],
    fields: ["spec"],
    zero: { spec: { limits: null } },
  },
  {
    kind: "Namespace",
    resource: "namespaces",
    namespaced: false,
    shortNames: ["ns"],
    verbs: STANDARD_VERBS.filter((verb) => verb !== "deletecollection"),
    subresources: ["finalize", "status"],
    names: "label",
    fieldLabels: ["metadata.name", "status.phase"],
    unknownFieldLabel: unsupportedLabel,
    prepareCreate(draft) {
      draft.spec = { finalizers: ["kubernetes"] };
      draft.status = { phase: "Active" };
    },
    normalize(draft) {
      const { metadata = {} } = draft;
      draft.metadata = {
        ...metadata,
        labels: { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name ?? "" },
      };
    },
    markDeleted(draft, deletionTimestamp) {
      draft.metadata = { ...draft.metadata, deletionTimestamp };
      draft.status = { phase: "Terminating" };
    },
  },
  {
    kind: "Node",
    resource: "nodes",
    namespaced: false,
    shortNames: ["no"],
    subresources: ["status"],
    statusOnCreate: true,
    zero: { spec: {}, status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: NODE_INFO } },
    fieldLabels: ["metadata.name"],
    unknownFieldLabel: unsupportedLabel,
  },
  {
    kind: "PersistentVolumeClaim",
    resource: "persistentvolumeclaims",
    shortNames: ["pvc"],
    ...VOLUME,
    zero: { spec: { resources: {} }, status: {} },
  },
  {
    kind: "PersistentVolume",
    resource: "persistentvolumes",
    namespaced: false,
    shortNames: ["pv"],
    ...VOLUME,
  },
  {
    kind: "Pod",
    resource: "pods",
    shortNames: ["po"],
    categories: ["all"],
    ...WITH_STATUS,
    graceful: true,
    zero: { spec: { containers: null }, status: {} },
    fieldLabels: [
      ...OBJECT_LABELS,
      ...["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"],
      ...["status.phase", "status.podIP", "status.nominatedNodeName"],
    ],
    unknownFieldLabel: unsupportedLabel,
    prepareCreate: beginPending,
  },
  {
    kind: "PodTemplate",
    resource: "podtemplates",
    answersWithDeleted: true,
    fields: ["template"],
    counted: ({ template }) => template,
    zero: { template: POD_TEMPLATE },
  },
  {
    kind: "ReplicationController",
    resource: "replicationcontrollers",
    shortNames: ["rc"],
    categories: ["all"],
    ...WITH_STATUS,
    zero: { spec: {}, status: { replicas: 0 } },
    fieldLabels: [...OBJECT_LABELS, "status.replicas"],
    unknownFieldLabel: unsupportedLabel,
  },
  {
    kind: "ResourceQuota",
    resource: "resourcequotas",
    answersWithDeleted: true,
    shortNames: ["quota"],
    subresources: ["status"],
  },
  {
    kind: "Secret",
    resource: "secrets",
    fields: ["immutable", "data", "type"],
    zero: {},
    fieldLabels: [...OBJECT_LABELS, "type"],
    unknownFieldLabel: unsupportedLabel,
    normalize(draft) {
      draft.data = { ...(draft.data ?? {}), ...encodedValues(draft.stringData ?? {}) };
      delete draft.stringData;
      draft.type ||= "Opaque";
    },
    causes: secretCauses,
  },
  {
    kind: "ServiceAccount",
    resource: "serviceaccounts",
    answersWithDeleted: true,
    shortNames: ["sa"],
    fields: ["secrets", "imagePullSecrets", "automountServiceAccountToken"],
    zero: {},
  },
  {
    kind: "Service",
    resource: "services",
    answersWithDeleted: true,
    shortNames: ["svc"],
    categories: ["all"],
    subresources: ["status"],
    createOnUpdate: true,
    names: "service",
    zero: { spec: {}, status: { loadBalancer: {} } },
    fieldLabels: [...OBJECT_LABELS, "spec.clusterIP", "spec.type"],
    unknownFieldLabel: unsupportedLabel,
  },
];

function beginPending(draft: KubernetesObject): void {
  draft.status = { phase: "Pending" };
}

/** A Secret's stringData as its data. */
function encodedValues(values: object): Record<string, string> {
  const entries = Object.entries(values).map(([key, value]) => {
    const bytes = new TextEncoder().encode(String(value));
    return [key, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
  });
  return Object.fromEntries(entries);
}
