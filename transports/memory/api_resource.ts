import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "./authentication.ts";
import type { AccessPolicy } from "./authorization.ts";
import type { FieldType } from "./field_type.ts";
import type { GoType } from "./go_type.ts";
import type { ObjectSchema } from "./object_schema.ts";
import type { InvalidCause } from "./status_error.ts";
import type { Column } from "./table.ts";

/** What a path segment behind an object's name may be. */
export type Subresource = "status" | "finalize";

/** One resource in one version: all that tells its kind from the others. */
export interface ApiResource {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** The lower-case plural. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Custom objects are sorted by key at every level, and say their kind even within a list. */
  readonly custom: boolean;
  /** Whether reads are served by a watch cache: all but Events are. */
  readonly cached: boolean;
  /** The fields behind `metadata`, in the order of the built-in type. */
  readonly fields: readonly string[];
  /** What the fields of a built-in type hold when nobody sets them; its bookmarks drag it along. */
  readonly zero: Readonly<Record<string, unknown>>;
  /** What else its bookmarks have; by default nothing. */
  readonly bookmarkAnnotations?: Readonly<Record<string, string>>;
  /** The field labels that a field selector may name. */
  readonly fieldLabels: readonly string[];
  /** What is said of other field labels. */
  unknownFieldLabel(label: string): string;
  readonly names: NameRule;
  /** How its fields are owned and merged by server-side apply. */
  readonly fieldType: FieldType;
  /** Into what the body of a built-in kind is decoded. */
  readonly body?: GoType;
  /** What its objects must be; built-in kinds have none here. */
  readonly schema?: ObjectSchema | undefined;
  /** Takes from an object what the version that is stored does not know; undefined where this is that version. */
  stored?: ((object: Frozen<KubernetesObject>) => Frozen<KubernetesObject>) | undefined;
  /** The part whose changes `metadata.generation` counts; undefined where there is no generation. */
  readonly counted: ((object: KubernetesObject) => unknown) | undefined;
  /** Whether a PUT may leave out the resource version that it replaces. */
  readonly unconditionalUpdate: boolean;
  /** Whether a PUT makes an object that is not there. */
  readonly createOnUpdate: boolean;
  /** Whether a new object brings its status with it, although there is a status subresource. */
  readonly statusOnCreate: boolean;
  /** Whether the definition of the kind is being deleted: nothing new can be created. */
  readonly terminating: boolean;
  /** Sets what the server itself sets on a new object of this kind. */
  prepareCreate?(draft: KubernetesObject): void;
  /** Takes from an object that is written what the server does not store, though it counts as set. */
  finish?(draft: KubernetesObject): void;
  /** What is wrong with an object of a built-in kind beside its metadata; `old` is what it was before an update. */
  causes?(object: KubernetesObject, old?: KubernetesObject): InvalidCause[];
  /** Brings an object that is written into the form in which it is stored; it may refuse it. */
  normalize?(draft: KubernetesObject): void;
  /** Marks an object as being deleted, where that takes another form than with most kinds. */
  markDeleted?(draft: KubernetesObject, timestamp: string): void;
  /** What its tables show; undefined for what tables show of most kinds. */
  readonly columns?: readonly Column[];
  /** Whether a deletion shows the object as deleting first, even if nothing holds it. */
  readonly graceful: boolean;
  /** Whether a deletion is answered with what it removed, and not with a Status. */
  readonly answersWithDeleted?: boolean;
  /** A kind that is only asked: a POST is answered with what this makes of its body, and stores nothing. */
  review?(object: KubernetesObject, call: ReviewCall): KubernetesObject;
}

/** What a review knows of the request that asks it. */
export interface ReviewCall {
  readonly resource: ApiResource;
  /** The namespace of the path. */
  readonly namespace: string;
  readonly user: UserInfo;
  readonly policy: AccessPolicy;
  readonly cluster: { wallClock(): Date };
}

/** How the objects of a kind may be named. */
export type NameRule = "subdomain" | "label" | "service" | "path";

/** The verbs of a stored kind. */
export const STANDARD_VERBS = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
] as const;

/** The verbs of a subresource. */
export const SUBRESOURCE_VERBS: Readonly<Record<string, readonly string[]>> = {
  status: ["get", "patch", "update"],
  finalize: ["update"],
};
