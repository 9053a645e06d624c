/**
 * One object (`name`) or a set of objects (`selector`) of a kind. Empty and undefined optional fields are absent,
 * but for `selector: ""`, which selects every object where no name is given.
 */
export interface ObjectIdentifier {
  /** Absent for the core group. */
  readonly group?: string | undefined;
  /** Such as `v1`; without the group. */
  readonly version: string;
  /** Such as `ConfigMap`. */
  readonly kind: string;
  /** Absent for a cluster-scoped kind; with a selector also for all namespaces. */
  readonly namespace?: string | undefined;
  /** Of one object; together with `selector` only what is watched can have none. */
  readonly name?: string | undefined;
  /** A label selector in the API server's grammar. */
  readonly selector?: string | undefined;
}
