/**
 * One object (`name`) or a set of objects (`selector`) of a kind. Empty and undefined optional fields are absent,
 * but for `selector: ""`, which selects every object where no name is given.
 */
export interface ObjectIdentifier {
  /** Absent for the core group. */
  readonly group?: string | undefined;
  readonly version: string;
  readonly kind: string;
  /** Absent for a cluster-scoped kind; with a selector also for all namespaces. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** A label selector in the API server's grammar. */
  readonly selector?: string | undefined;
}
