import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { findPem } from "./kubeconfig_file_fields.ts";
import type { ClusterFields } from "./kubeconfig_schema.ts";

/** The error that names the field of the kubeconfig, where a transport refuses what came from it; else the refusal. */
export function explainRefusal(refusal: unknown, cluster: Entry<ClusterFields>): unknown {
  const ca = findPem(cluster, "certificate-authority");
  if (!ca || !(refusal instanceof InvalidInputError) || refusal.field !== "tls.ca") return refusal;
  return entryError(cluster, { field: ca.field, problem: "holds no certificate that can be read" });
}
