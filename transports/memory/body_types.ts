import { MICROSECONDS, SECONDS } from "./go_time.ts";
import {
  ANYTHING,
  BOOLEAN,
  BYTES,
  type GoField,
  type GoType,
  INT32,
  INT64,
  listOf,
  mapOf,
  struct,
  TEXT,
  time,
} from "./go_type.ts";

const always = (type: GoType): GoField => ({ type, written: "always" });
const ifGiven = (type: GoType): GoField => ({ type, written: "if given" });
const unlessEmpty = (type: GoType): GoField => ({ type, written: "unless empty" });

const UID: GoType = { ...TEXT, name: "types.UID" };

const OWNER_REFERENCE = ownedAsAWhole(
  struct("OwnerReference", {
    apiVersion: always(TEXT),
    kind: always(TEXT),
    name: always(TEXT),
    uid: always(UID),
    controller: ifGiven(BOOLEAN),
    blockOwnerDeletion: ifGiven(BOOLEAN),
  }),
);

/** The metadata of every kind. */
export const OBJECT_META = struct("ObjectMeta", {
  name: unlessEmpty(TEXT),
  generateName: unlessEmpty(TEXT),
  namespace: unlessEmpty(TEXT),
  selfLink: unlessEmpty(TEXT),
  uid: unlessEmpty(UID),
  resourceVersion: unlessEmpty(TEXT),
  generation: unlessEmpty(INT64),
  creationTimestamp: unlessEmpty(time(SECONDS)),
  deletionTimestamp: ifGiven(time(SECONDS)),
  deletionGracePeriodSeconds: ifGiven(INT64),
  labels: unlessEmpty(mapOf(TEXT)),
  annotations: unlessEmpty(mapOf(TEXT)),
  ownerReferences: unlessEmpty(
    listOf(OWNER_REFERENCE, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"] }),
  ),
  finalizers: unlessEmpty(listOf(TEXT, { "x-kubernetes-list-type": "set" })),
  // None given and no longer any are not the same.
  managedFields: ifGiven(
    listOf(
      struct("ManagedFieldsEntry", {
        manager: unlessEmpty(TEXT),
        operation: unlessEmpty(TEXT),
        apiVersion: unlessEmpty(TEXT),
        time: ifGiven(time(SECONDS)),
        fieldsType: unlessEmpty(TEXT),
        fieldsV1: ifGiven(ANYTHING),
        subresource: unlessEmpty(TEXT),
      }),
    ),
  ),
});

const LEASE_SPEC = struct("LeaseSpec", {
  holderIdentity: ifGiven(TEXT),
  leaseDurationSeconds: ifGiven(INT32),
  acquireTime: ifGiven(time(MICROSECONDS)),
  renewTime: ifGiven(time(MICROSECONDS)),
  leaseTransitions: ifGiven(INT32),
  strategy: ifGiven({ ...TEXT, name: "v1.CoordinatedLeaseStrategy" }),
  preferredHolder: ifGiven(TEXT),
});

/** The kinds whose bodies are known in full. Of others the metadata is, and which fields there are. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, GoField>>>> = {
  ConfigMap: {
    immutable: ifGiven(BOOLEAN),
    data: unlessEmpty(mapOf(TEXT)),
    binaryData: unlessEmpty(mapOf(BYTES)),
  },
  Secret: {
    immutable: ifGiven(BOOLEAN),
    data: unlessEmpty(mapOf(BYTES)),
    stringData: unlessEmpty(mapOf(TEXT)),
    type: unlessEmpty({ ...TEXT, name: "v1.SecretType" }),
  },
  Lease: { spec: always(LEASE_SPEC) },
};

/** Whether the bodies of a built-in kind are known in full. */
export function isKnownInFull(kind: string): boolean {
  return Object.hasOwn(FIELDS, kind);
}

/** The type of the bodies of a built-in kind that has these fields behind its metadata. */
export function builtInBody(kind: string, fields: readonly string[]): GoType {
  const known = FIELDS[kind] ?? Object.fromEntries(fields.map((field) => [field, ifGiven(ANYTHING)]));
  return struct(kind, {
    kind: unlessEmpty(TEXT),
    apiVersion: unlessEmpty(TEXT),
    metadata: unlessEmpty(OBJECT_META),
    ...known,
  });
}

function ownedAsAWhole(type: GoType): GoType {
  return { ...type, schema: { ...type.schema, "x-kubernetes-map-type": "atomic" } };
}
