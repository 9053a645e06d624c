import { objectType } from "./field_type.ts";
import { type ResourceRow, WITH_STATUS } from "./resource_row.ts";

/** What a template of pods holds when nobody sets it. */
export const POD_TEMPLATE = { metadata: {}, spec: { containers: null } };

/** The kinds of apps. */
export const APPS_ROWS: readonly ResourceRow[] = [
  {
    kind: "ControllerRevision",
    resource: "controllerrevisions",
    fields: ["data", "revision"],
    zero: { data: null, revision: 0 },
    // Its data is any object, and not a map of texts as elsewhere.
    fieldType: objectType(undefined),
  },
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

/** The kinds of autoscaling. */
export const AUTOSCALING_ROWS: readonly ResourceRow[] = [
  {
    kind: "HorizontalPodAutoscaler",
    resource: "horizontalpodautoscalers",
    version: "v2",
    shortNames: ["hpa"],
    categories: ["all"],
    subresources: ["status"],
    zero: {
      spec: { scaleTargetRef: { kind: "", name: "" }, maxReplicas: 0 },
      status: { desiredReplicas: 0, currentMetrics: null },
    },
  },
];

/** The kinds of batch. */
export const BATCH_ROWS: readonly ResourceRow[] = [
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

/** The kinds of policy. */
export const POLICY_ROWS: readonly ResourceRow[] = [
  {
    kind: "PodDisruptionBudget",
    resource: "poddisruptionbudgets",
    shortNames: ["pdb"],
    ...WITH_STATUS,
    names: "path",
    unconditionalUpdate: false,
    zero: {
      spec: {},
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    },
  },
];
