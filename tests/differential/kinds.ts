import { GROUP } from "./definitions.ts";

/** A kind to which the sequences send requests. */
export interface Kind {
  readonly resource: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** The path of the collection. */
  readonly path: string;
  /** The name of an object begins with this: kinds without a namespace share theirs with all sequences. */
  readonly prefix: string;
  /** Whether whole answers are compared, or metadata and Status only. */
  readonly whole: boolean;
  readonly hasStatus: boolean;
  readonly custom: boolean;
}

const IN_NAMESPACE = "namespaces/<namespace>";

/** ConfigMaps, Secrets, Leases and custom kinds: their answers are compared as a whole. */
export const WHOLE_KINDS: readonly Kind[] = [
  kind("v1", "ConfigMap", "configmaps", { whole: true }),
  kind("v1", "Secret", "secrets", { whole: true }),
  kind("coordination.k8s.io/v1", "Lease", "leases", { whole: true }),
  kind(`${GROUP}/v1`, "Widget", "widgets", { whole: true, custom: true }),
  kind(`${GROUP}/v1`, "Gadget", "gadgets", { whole: true, custom: true, hasStatus: true }),
];

/**
 * Other kinds: of their answers metadata and Status are compared. Not so Jobs and DaemonSets, whose metadata shows
 * defaults that come from their bodies, in nearly every answer.
 */
export const OTHER_KINDS: readonly Kind[] = [
  kind("v1", "Pod", "pods", { hasStatus: true }),
  kind("v1", "Service", "services", { hasStatus: true }),
  kind("v1", "ServiceAccount", "serviceaccounts"),
  kind("v1", "Event", "events"),
  kind("apps/v1", "Deployment", "deployments", { hasStatus: true }),
  kind("apps/v1", "ReplicaSet", "replicasets", { hasStatus: true }),
  kind("apps/v1", "StatefulSet", "statefulsets", { hasStatus: true }),
  kind("batch/v1", "CronJob", "cronjobs", { hasStatus: true }),
  kind("networking.k8s.io/v1", "Ingress", "ingresses", { hasStatus: true }),
  kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
  kind("rbac.authorization.k8s.io/v1", "Role", "roles"),
  kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
  kind("v1", "Namespace", "namespaces", { hasStatus: true, isCluster: true }),
  kind("v1", "Node", "nodes", { hasStatus: true, isCluster: true }),
  kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", { isCluster: true }),
  kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", { isCluster: true }),
];

export const KINDS: readonly Kind[] = [...WHOLE_KINDS, ...OTHER_KINDS];

function kind(
  apiVersion: string,
  name: string,
  resource: string,
  {
    isCluster = false,
    ...fields
  }: Partial<Pick<Kind, "whole" | "hasStatus" | "custom">> & { isCluster?: boolean } = {},
): Kind {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return {
    ...{ kind: name, apiVersion, resource, whole: false, hasStatus: false, custom: false },
    path: isCluster ? `${root}/${resource}` : `${root}/${IN_NAMESPACE}/${resource}`,
    prefix: isCluster ? "<namespace>-" : "",
    ...fields,
  };
}
