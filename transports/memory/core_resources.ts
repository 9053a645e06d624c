import { STANDARD_VERBS } from "./api_resource.ts";
import { configMapCauses, secretCauses } from "./built_in_validation.ts";
import { OBJECT_LABELS, type ResourceRow, unsupportedLabel, WITH_STATUS } from "./resource_row.ts";

const NODE_INFO = Object.fromEntries(
  [
    ...["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"],
    ...["kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"],
  ].map((field) => [field, ""]),
);

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
    prepareCreate(draft) {
      draft.status = { phase: "Pending" };
    },
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

/** A Secret's stringData as its data. */
function encodedValues(values: object): Record<string, string> {
  const entries = Object.entries(values).map(([key, value]) => {
    const bytes = new TextEncoder().encode(String(value));
    return [key, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
  });
  return Object.fromEntries(entries);
}
