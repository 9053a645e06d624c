import { ApiError } from "../../lib/kubernetes/errors.ts";
import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "./authentication.ts";
import { uselessHookAnswer } from "./hook_answer.ts";
import { StatusError } from "./status_error.ts";

/** A write that is about to be done, as an admission webhook is told of it. */
export interface AdmissionRequest {
  /** What is done; a patch is an UPDATE. */
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** "" for the core group. */
  readonly group: string;
  /** Of the group. */
  readonly version: string;
  /** Such as `Pod`. */
  readonly kind: string;
  /** The plural, such as `pods`. */
  readonly resource: string;
  /** Such as `status`; "" for the object itself. */
  readonly subresource: string;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
  /** Of the object. */
  readonly name: string;
  /** As it would be stored; undefined for a DELETE. */
  readonly object: Frozen<KubernetesObject> | undefined;
  /** As it is stored; undefined for a CREATE. */
  readonly oldObject: Frozen<KubernetesObject> | undefined;
  /** Who asks. */
  readonly user: UserInfo;
  /** Whether nothing will be stored. */
  readonly dryRun: boolean;
}

/** Returns nothing to let a write pass, and throws to refuse it. It decides at once: a promise is an error. */
export type AdmissionHook = (request: AdmissionRequest) => undefined;

/** The part of an AdmissionRequest that the write itself knows. */
export type PendingWrite = Pick<AdmissionRequest, "operation" | "dryRun"> &
  Partial<Pick<AdmissionRequest, "object" | "oldObject">>;

/** Where a write goes, and who does it. */
interface WriteCall extends Pick<AdmissionRequest, "namespace" | "user"> {
  readonly resource: Pick<AdmissionRequest, "group" | "version" | "kind" | "resource">;
  readonly target: Pick<AdmissionRequest, "subresource">;
}

/**
 * Asks the hook about a write.
 *
 * @throws StatusError for what the hook throws: of an ApiError with its status, of anything else 403, in the words in
 * which the refusal of a webhook is told; 500 for a hook that returns something
 */
export function admit(hook: AdmissionHook, { write, call }: { write: PendingWrite; call: WriteCall }): void {
  const { group, version, kind, resource } = call.resource;
  const { object, oldObject } = write;
  const name = (object ?? oldObject)?.metadata?.name ?? "";
  const { namespace, user, target } = call;
  const place = { group, version, kind, resource, subresource: target.subresource, namespace, name };
  const given: unknown = asked(() => hook({ ...place, ...write, object, oldObject, user }));
  if (given !== undefined) {
    throw uselessHookAnswer("admit", { given, wanted: "throw to refuse a write, and return nothing" });
  }
}

function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): StatusError {
  const why = error instanceof Error ? error.message : String(error);
  const denied = 'admission webhook "admit" denied the request';
  const message = why === "" ? `${denied} without explanation` : `${denied}: ${why}`;
  if (!(error instanceof ApiError)) return new StatusError(403, { message, reason: "Forbidden" });
  const { status, reason, details } = error;
  return new StatusError(status, { message, reason, ...(Object.keys(details).length > 0 && { details }) });
}
