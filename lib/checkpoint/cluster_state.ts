import { canonicalize, type ObjectIdentifier } from "../kubernetes/identifier.ts";
import { collectionPath, objectPath, withQuery } from "../kubernetes/path.ts";
import { requestJson } from "../protocol/request_json.ts";
import type { Transport } from "../protocol/transport.ts";
import { plan } from "../serve/planner.ts";
import type { ServedSnapshot } from "../serve/serving.ts";
import { isJsonObject } from "../support/json.ts";

/** Asks the API server; an answer that does not come is undefined, whatever the reason. */
export interface ClusterQuestions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
}

const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** The uid of the namespace kube-system, which is the same as long as a cluster is, and which no other has. */
export function clusterIdentity(questions: ClusterQuestions): Promise<string | undefined> {
  const path = objectPath({ group: "", version: "v1", resource: "namespaces" }, { name: "kube-system" });
  return metadataField(questions, { path, accept: METADATA_ONLY, field: "uid" });
}

/**
 * The newest resource version that there is of the resource of `served`, in what it may read: resource versions count
 * for a whole resource, so this is what its watch must hear of to have caught up, and what it cannot be ahead of.
 */
export function newestVersion(
  questions: ClusterQuestions,
  { watched, resource }: ServedSnapshot,
): Promise<string | undefined> {
  const { key, identifier } = canonicalize(watched);
  const identifiers = new Map([[key, { identifier, resource }]]);
  const spec = plan({ identifiers, content: "metadata" }).get(key);
  const path = withQuery(collectionPath(resource, identifier.namespace), {
    limit: 1,
    fieldSelector: spec?.fieldSelector,
    labelSelector: spec?.labelSelector,
  });
  return metadataField(questions, { path, accept: METADATA_LIST, field: "resourceVersion" });
}

/** What tells one resource from another. */
export function resourceName({ group, kind }: ObjectIdentifier): string {
  return `${kind}.${group ?? ""}`;
}

async function metadataField(
  { transport, signal }: ClusterQuestions,
  { path, accept, field }: { path: string; accept: string; field: string },
): Promise<string | undefined> {
  try {
    const { body } = await requestJson(
      transport,
      { verb: `read ${path}`, path, headers: { accept } },
      { signal },
    );
    const value = isJsonObject(body.metadata) ? body.metadata[field] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    // Forbidden, or out of reach: the watches will tell.
    return undefined;
  }
}
