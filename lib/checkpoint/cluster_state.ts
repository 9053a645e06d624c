import { ApiError, InvalidInputError, TimeoutError } from "../kubernetes/errors.ts";
import { canonicalize, type ObjectIdentifier } from "../kubernetes/identifier.ts";
import { collectionPath, objectPath, withQuery } from "../kubernetes/path.ts";
import { requestJson } from "../protocol/request_json.ts";
import type { Transport } from "../protocol/transport.ts";
import { plan } from "../serve/planner.ts";
import type { ServedSnapshot } from "../serve/serving.ts";
import { type Clock, delay } from "../support/clock.ts";
import { isJsonObject } from "../support/json.ts";
import { within } from "./time_limit.ts";

/** What asks the API server. */
export interface ClusterQuestions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long the first question may take, however often it is asked: whoever asks may have to log in for it. */
const LONGEST_IDENTITY_MS = 30_000;
/** The same for each of those that follow. */
const LONGEST_NEWEST_MS = 5_000;
const ASK_AGAIN_MS = 500;
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/**
 * The uid of the namespace kube-system, which is the same as long as a cluster is, and which no other has; undefined
 * where that may not be told.
 *
 * @throws TimeoutError where no answer comes: it may be any cluster then; InvalidInputError where nothing can be asked
 */
export function clusterIdentity(questions: ClusterQuestions): Promise<string | undefined> {
  const path = objectPath({ group: "", version: "v1", resource: "namespaces" }, { name: "kube-system" });
  const verb = "tell which cluster it is";
  return metadataField(questions, {
    ...{ verb, path, accept: METADATA_ONLY, field: "uid" },
    limitMs: LONGEST_IDENTITY_MS,
  });
}

/**
 * The newest resource version that there is of the resource of `served`, in what it may read: resource versions count
 * for a whole resource, so this is what its watch must hear of to have caught up, and what it cannot be ahead of.
 * Undefined where that may not be told.
 *
 * @throws TimeoutError where no answer comes
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
  const verb = `tell what is newest of ${resource.resource}`;
  return metadataField(questions, {
    ...{ verb, path, accept: METADATA_LIST, field: "resourceVersion" },
    limitMs: LONGEST_NEWEST_MS,
  });
}

/** What tells one resource from another. */
export function resourceName({ group, kind }: ObjectIdentifier): string {
  return `${kind}.${group ?? ""}`;
}

/** A question about metadata. */
interface MetadataQuestion {
  /** What is not done without the answer, as errors word it. */
  readonly verb: string;
  readonly path: string;
  readonly accept: string;
  readonly field: string;
  readonly limitMs: number;
}

/** Asks until there is an answer: what fails now may work in a moment. */
function metadataField(
  { clock, signal, transport }: ClusterQuestions,
  { verb, path, accept, field, limitMs }: MetadataQuestion,
): Promise<string | undefined> {
  let failure: unknown;
  const timeout = (afterMs: number) => {
    const last = failure instanceof Error ? `; the last failure: ${failure.message}` : "";
    const problem = `the API server did not say so in ${afterMs} ms${last}`;
    return new TimeoutError(`Cannot ${verb}: ${problem}`, afterMs, { cause: failure });
  };
  return within({ limitMs, clock, signal, timeout }, async (limited) => {
    for (;;) {
      try {
        const { body } = await requestJson(
          transport,
          { verb, path, headers: { accept } },
          { signal: limited },
        );
        const value = isJsonObject(body.metadata) ? body.metadata[field] : undefined;
        return typeof value === "string" && value !== "" ? value : undefined;
      } catch (error) {
        if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
        if (error instanceof InvalidInputError) throw error;
        failure = error;
      }
      await delay(clock, ASK_AGAIN_MS, { signal: limited });
    }
  });
}
