/** The fields of metadata, in the order of built-in types; what is not here is not stored. */
export const METADATA_FIELDS = [
  ...["name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences"],
  ...["finalizers", "managedFields"],
];
