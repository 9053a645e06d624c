import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { SelectedContext } from "./kubeconfig_context.ts";
import { entryError } from "./kubeconfig_entry.ts";

const NO_CERTIFICATE = "holds no certificate that can be read";

/** Which field of the kubeconfig stands behind a transport's option, and what is wrong where that is refused. */
const SOURCES = {
  "tls.ca": { entry: "cluster", field: "certificate-authority", problem: NO_CERTIFICATE },
  "tls.cert": { entry: "user", field: "client-certificate", problem: NO_CERTIFICATE },
  "tls.key": {
    entry: "user",
    field: "client-key",
    problem: "holds no unencrypted private key, or not that of the client certificate",
  },
} as const;

/** The error that names the field of the kubeconfig, where a transport refuses what came from it; else the refusal. */
export function explainRefusal(refusal: unknown, selected: Omit<SelectedContext, "namespace">): unknown {
  const source = refusal instanceof InvalidInputError && SOURCES[refusal.field as keyof typeof SOURCES];
  const entry = source && selected[source.entry];
  if (!source || !entry) return refusal;
  const { field, problem } = source;
  const fields: Readonly<Record<string, unknown>> = entry.fields;
  return entryError(entry, {
    field: fields[`${field}-data`] === undefined ? field : `${field}-data`,
    problem,
  });
}
