import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { textAt, valueAt } from "./cells.ts";
import { AGE, type Column, column, NAME, wide } from "./table.ts";

const UNSET = "<unset>";
const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

const CLASS = column("StorageClass", (object) => textAt(object, "spec.storageClassName"));
const ATTRIBUTES = column("VolumeAttributesClass", (object) =>
  textAt(object, "spec.volumeAttributesClassName", UNSET),
);
const PHASE = column("Status", (object) =>
  object.metadata?.deletionTimestamp === undefined ? textAt(object, "status.phase") : "Terminating",
);
const MODE = wide("VolumeMode", (object) => textAt(object, "spec.volumeMode", UNSET));

/** The columns of what stores, by group and resource. */
export const STORAGE_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  "/persistentvolumes": [
    NAME,
    column("Capacity", (object) => textAt(object, "spec.capacity.storage")),
    column("Access Modes", (object) => accessModes(object, "spec.accessModes")),
    column("Reclaim Policy", (object) => textAt(object, "spec.persistentVolumeReclaimPolicy")),
    PHASE,
    column("Claim", claim),
    CLASS,
    ATTRIBUTES,
    column("Reason", (object) => textAt(object, "status.reason")),
    AGE,
    MODE,
  ],
  "/persistentvolumeclaims": [
    NAME,
    PHASE,
    column("Volume", (object) => textAt(object, "spec.volumeName")),
    column("Capacity", (object) => (isBound(object) ? textAt(object, "status.capacity.storage") : "")),
    column("Access Modes", (object) => (isBound(object) ? accessModes(object, "status.accessModes") : "")),
    CLASS,
    ATTRIBUTES,
    AGE,
    MODE,
  ],
  "storage.k8s.io/storageclasses": [
    { ...NAME, cell: className },
    column("Provisioner", (object) => textAt(object, "provisioner")),
    column("ReclaimPolicy", (object) => textAt(object, "reclaimPolicy", "Delete")),
    column("VolumeBindingMode", (object) => textAt(object, "volumeBindingMode", "Immediate")),
    column("AllowVolumeExpansion", (object) => valueAt(object, "allowVolumeExpansion") === true),
    AGE,
  ],
};

function accessModes(object: KubernetesObject, path: string): string {
  const modes = valueAt(object, path);
  return Array.isArray(modes) ? modes.map((mode) => ACCESS_MODES[String(mode)] ?? "").join(",") : "";
}

function claim(volume: KubernetesObject): string {
  if (valueAt(volume, "spec.claimRef") === undefined) return "";
  return `${textAt(volume, "spec.claimRef.namespace")}/${textAt(volume, "spec.claimRef.name")}`;
}

function isBound(claimed: KubernetesObject): boolean {
  return textAt(claimed, "spec.volumeName") !== "";
}

function className({ metadata }: KubernetesObject): string {
  const isDefault = metadata?.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
  return `${metadata?.name ?? ""}${isDefault ? " (default)" : ""}`;
}
