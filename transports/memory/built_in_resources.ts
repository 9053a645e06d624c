import { AUTHENTICATION_ROWS, AUTHORIZATION_ROWS } from "./access_review.ts";
import type { ApiResource } from "./api_resource.ts";
import { leaseCauses } from "./built_in_validation.ts";
import { CORE_ROWS } from "./core_resources.ts";
import {
  markDefinitionDeleted,
  normalizeDefinition,
  prepareDefinition,
} from "./custom_resource_definition.ts";
import { type ResourceRow, resourcesOf, WITH_STATUS } from "./resource_row.ts";

const POD_TEMPLATE = { metadata: {}, spec: { containers: null } };

const apps: readonly ResourceRow[] = [
  {
    kind: "DaemonSet",
    resource: "daemonsets",
    shortNames: ["ds"],
    categories: ["all"],
    ...WITH_STATUS,
    bookmarkAnnotations: { "deprecated.daemonset.template.generation": "0" },
    zero: {
      spec: { selector: null, template: POD_TEMPLATE, updateStrategy: {} },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    },
  },
  {
    kind: "Deployment",
    resource: "deployments",
    shortNames: ["deploy"],
    categories: ["all"],
    ...WITH_STATUS,
    counted: (object) => [object.spec, object.metadata?.annotations],
    zero: { spec: { replicas: 0, selector: null, template: POD_TEMPLATE, strategy: {} }, status: {} },
  },
  {
    kind: "ReplicaSet",
    resource: "replicasets",
    shortNames: ["rs"],
    categories: ["all"],
    ...WITH_STATUS,
    zero: { spec: { replicas: 0, selector: null, template: POD_TEMPLATE }, status: { replicas: 0 } },
  },
  {
    kind: "StatefulSet",
    resource: "statefulsets",
    shortNames: ["sts"],
    categories: ["all"],
    ...WITH_STATUS,
    zero: {
      spec: { replicas: 0, selector: null, template: POD_TEMPLATE, serviceName: "", updateStrategy: {} },
      status: { replicas: 0, availableReplicas: 0 },
    },
  },
];

const batch: readonly ResourceRow[] = [
  {
    kind: "CronJob",
    resource: "cronjobs",
    shortNames: ["cj"],
    categories: ["all"],
    ...WITH_STATUS,
    zero: {
      spec: { schedule: "", jobTemplate: { metadata: {}, spec: { template: POD_TEMPLATE } } },
      status: {},
    },
  },
  {
    kind: "Job",
    resource: "jobs",
    categories: ["all"],
    ...WITH_STATUS,
    zero: { spec: { template: POD_TEMPLATE }, status: {} },
    unknownFieldLabel: (label) => `field label "${label}" not supported for Job`,
  },
];

const networking: readonly ResourceRow[] = [
  {
    kind: "Ingress",
    resource: "ingresses",
    shortNames: ["ing"],
    ...WITH_STATUS,
    zero: { spec: {}, status: { loadBalancer: {} } },
  },
  {
    kind: "NetworkPolicy",
    resource: "networkpolicies",
    shortNames: ["netpol"],
    counted: ({ spec }) => spec,
    zero: { spec: { podSelector: {} } },
  },
];

const role = { names: "path", createOnUpdate: true } as const;
const binding = {
  ...role,
  fields: ["subjects", "roleRef"],
  zero: { roleRef: { apiGroup: "", kind: "", name: "" } },
};

const rbac: readonly ResourceRow[] = [
  {
    kind: "ClusterRoleBinding",
    resource: "clusterrolebindings",
    namespaced: false,
    ...binding,
  },
  {
    kind: "ClusterRole",
    resource: "clusterroles",
    namespaced: false,
    ...role,
    fields: ["rules", "aggregationRule"],
    zero: { rules: null },
  },
  { kind: "RoleBinding", resource: "rolebindings", ...binding },
  { kind: "Role", resource: "roles", ...role, fields: ["rules"], zero: { rules: null } },
];

const apiextensions: readonly ResourceRow[] = [
  {
    kind: "CustomResourceDefinition",
    resource: "customresourcedefinitions",
    namespaced: false,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
    ...WITH_STATUS,
    zero: {
      spec: { group: "", names: { plural: "", kind: "" }, scope: "", versions: null },
      status: { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: null },
    },
    prepareCreate: prepareDefinition,
    normalize: normalizeDefinition,
    markDeleted: markDefinitionDeleted,
  },
];

const coordination: readonly ResourceRow[] = [
  {
    kind: "Lease",
    resource: "leases",
    zero: { spec: {} },
    unconditionalUpdate: false,
    createOnUpdate: true,
    causes: leaseCauses,
    finish(draft) {
      const { strategy: _, preferredHolder: _holder, ...spec } = Object(draft.spec);
      draft.spec = spec;
    },
  },
];

/** The built-in kinds, in the order in which discovery names their groups. */
export const BUILT_IN_RESOURCES: readonly ApiResource[] = [
  ...resourcesOf("", CORE_ROWS),
  ...resourcesOf("apps", apps),
  ...resourcesOf("authentication.k8s.io", AUTHENTICATION_ROWS),
  ...resourcesOf("authorization.k8s.io", AUTHORIZATION_ROWS),
  ...resourcesOf("batch", batch),
  ...resourcesOf("networking.k8s.io", networking),
  ...resourcesOf("rbac.authorization.k8s.io", rbac),
  ...resourcesOf("apiextensions.k8s.io", apiextensions),
  ...resourcesOf("coordination.k8s.io", coordination),
];
