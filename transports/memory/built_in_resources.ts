import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { AUTHENTICATION_ROWS, AUTHORIZATION_ROWS } from "./access_review.ts";
import type { ApiResource } from "./api_resource.ts";
import { leaseCauses } from "./built_in_validation.ts";
import { CORE_ROWS } from "./core_resources.ts";
import {
  markDefinitionDeleted,
  normalizeDefinition,
  prepareDefinition,
} from "./custom_resource_definition.ts";
import { DISCOVERY_ROWS, NETWORKING_ROWS } from "./network_resources.ts";
import { type ResourceRow, resourcesOf, WITH_STATUS } from "./resource_row.ts";
import { APPS_ROWS, AUTOSCALING_ROWS, BATCH_ROWS, POLICY_ROWS } from "./workload_resources.ts";

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

const storage: readonly ResourceRow[] = [
  {
    kind: "StorageClass",
    resource: "storageclasses",
    namespaced: false,
    answersWithDeleted: true,
    shortNames: ["sc"],
    fields: [
      ...["provisioner", "parameters", "reclaimPolicy", "mountOptions", "allowVolumeExpansion"],
      ...["volumeBindingMode", "allowedTopologies"],
    ],
    zero: { provisioner: "" },
  },
];

const webhooks = {
  namespaced: false,
  categories: ["api-extensions"],
  fields: ["webhooks"],
  counted: ({ webhooks }: KubernetesObject) => webhooks,
  unconditionalUpdate: false,
  zero: {},
} as const satisfies Partial<ResourceRow>;

const admissionregistration: readonly ResourceRow[] = [
  {
    kind: "MutatingWebhookConfiguration",
    resource: "mutatingwebhookconfigurations",
    ...webhooks,
  },
  {
    kind: "ValidatingWebhookConfiguration",
    resource: "validatingwebhookconfigurations",
    ...webhooks,
  },
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

const scheduling: readonly ResourceRow[] = [
  {
    kind: "PriorityClass",
    resource: "priorityclasses",
    namespaced: false,
    shortNames: ["pc"],
    fields: ["value", "globalDefault", "description", "preemptionPolicy"],
    // Its generation is 1 for ever.
    counted: () => undefined,
    zero: { value: 0 },
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
  ...resourcesOf("apps", APPS_ROWS),
  ...resourcesOf("authentication.k8s.io", AUTHENTICATION_ROWS),
  ...resourcesOf("authorization.k8s.io", AUTHORIZATION_ROWS),
  ...resourcesOf("autoscaling", AUTOSCALING_ROWS),
  ...resourcesOf("batch", BATCH_ROWS),
  ...resourcesOf("networking.k8s.io", NETWORKING_ROWS),
  ...resourcesOf("policy", POLICY_ROWS),
  ...resourcesOf("rbac.authorization.k8s.io", rbac),
  ...resourcesOf("storage.k8s.io", storage),
  ...resourcesOf("admissionregistration.k8s.io", admissionregistration),
  ...resourcesOf("apiextensions.k8s.io", apiextensions),
  ...resourcesOf("scheduling.k8s.io", scheduling),
  ...resourcesOf("coordination.k8s.io", coordination),
  ...resourcesOf("discovery.k8s.io", DISCOVERY_ROWS),
];
