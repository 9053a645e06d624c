import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import type { ClusterFields } from "./kubeconfig_schema.ts";

/** The error that names the field of the kubeconfig, where a transport refuses what came from it; else the refusal. */
export function explainRefusal(refusal: unknown, cluster: Entry<ClusterFields>): unknown {
  if (!(refusal instanceof InvalidInputError) || refusal.field !== "tls.ca") return refusal;
  const inline = cluster.fields["certificate-authority-data"] !== undefined;
  return entryError(cluster, {
    field: inline ? "certificate-authority-data" : "certificate-authority",
    problem: "holds no certificate that can be read",
  });
}
