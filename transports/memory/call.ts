import { objectKey } from "../../lib/kubernetes/object.ts";
import type { Clock } from "../../lib/support/clock.ts";
import type { Format } from "./accept.ts";
import type { PendingWrite } from "./admission.ts";
import type { Answer, ServerRequest } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import type { UserInfo } from "./authentication.ts";
import type { AccessPolicy } from "./authorization.ts";
import type { Collection } from "./collection.ts";
import type { Writer } from "./field_manager.ts";
import type { ObjectVersion } from "./object_version.ts";
import type { RequestTarget } from "./request_info.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import { notFound, tooLargeResourceVersion } from "./status_error.ts";
import type { Store } from "./store.ts";
import type { WriteOptions } from "./write_options.ts";

/** What all requests work on. */
export interface Cluster {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
  /** For creation and deletion times. */
  wallClock(): Date;
  /** From 0 up to 1, for uids, generated names and watch timeouts. */
  random(): number;
  readonly watchList: boolean;
}

/** What a write works on. */
export interface WriteScope {
  readonly cluster: Cluster;
  readonly resource: ApiResource;
  readonly collection: Collection;
  /** The namespace of the path; "" at cluster scope, and for all. */
  readonly namespace: string;
  /** Answer as if it were done, and do nothing. */
  readonly dryRun: boolean;
  /** In whose name fields are set. */
  readonly writer: Writer;
  /** Lets a write pass, or throws a StatusError; undefined where nobody is asked. */
  readonly admit?: (write: PendingWrite) => void;
}

/** A request that found its resource. */
export interface Call extends WriteScope {
  readonly request: ServerRequest;
  readonly user: UserInfo;
  readonly policy: AccessPolicy;
  /** How the answer is to be written. */
  readonly format: Format;
  readonly query: URLSearchParams;
  readonly target: RequestTarget;
  readonly options: WriteOptions;
  /** What the answer warns of; handlers add to it. */
  readonly warnings: string[];
}

/** What answers one verb. It throws StatusErrors. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** How long a read waits for a resource version that is in the future. */
const FRESHNESS_MS = 3000;

/** The object that the path names, if there is one. */
export function storedObject(call: Call): ObjectVersion | undefined {
  return call.collection.get(objectKey({ namespace: call.namespace, name: call.target.name }));
}

/** The object that the path names; a 404 where there is none. */
export function existingObject(call: Call): ObjectVersion {
  const version = storedObject(call);
  if (!version) throw notFound(call.resource, call.target.name);
  return version;
}

/** Waits for a revision in the future; a 504 where it does not come in time. */
export async function untilReached({ cluster, request, resource }: Call, revision: number): Promise<void> {
  const { store, clock } = cluster;
  if (revision <= store.revision) return;
  if (!resource.cached) throw tooLargeResourceVersion(revision, { current: store.revision });
  const { signal } = request;
  if (await store.reaches(revision, { clock, timeoutMs: FRESHNESS_MS, signal })) return;
  throw tooLargeResourceVersion(revision, { current: store.revision, retryAfterSeconds: 1 });
}
