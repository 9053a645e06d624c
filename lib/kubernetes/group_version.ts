/** A kind as its objects name it; the core group is "". */
export interface GroupVersionKind {
  /** "" for the core group. */
  readonly group: string;
  /** Such as `v1`. */
  readonly version: string;
  /** Such as `ConfigMap`. */
  readonly kind: string;
}

/** A resource as paths name it; the core group is "". */
export interface GroupVersionResource {
  /** "" for the core group. */
  readonly group: string;
  /** Such as `v1`. */
  readonly version: string;
  /** The lower-case plural, such as `configmaps`. */
  readonly resource: string;
}

/** A resource together with its scope: what a kind is turned into. */
export interface ScopedResource extends GroupVersionResource {
  /** Whether its objects are in namespaces. */
  readonly namespaced: boolean;
}

/** `v1` for the core group, else `group/version`: what an object's apiVersion says. */
export function formatGroupVersion({
  group,
  version,
}: {
  group?: string | undefined;
  version: string;
}): string {
  return group ? `${group}/${version}` : version;
}

/** The group and version that an apiVersion names. */
export function parseGroupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
