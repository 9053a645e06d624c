import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import type { ClusterFields, ContextFields, UserFields } from "./kubeconfig_schema.ts";

/** What a context stands for. */
export interface SelectedContext {
  readonly cluster: Entry<ClusterFields>;
  /** Undefined where the context names none: anonymous. */
  readonly user: Entry<UserFields> | undefined;
  readonly namespace: string;
}

/**
 * The cluster, user and namespace (default "default") of the context that is asked for, else of current-context.
 *
 * @throws {InvalidInputError} that names what is missing, and lists what there is
 */
export function selectContext(config: Kubeconfig, context: string | undefined): SelectedContext {
  const entry = contextEntry(config, context);
  const { cluster, user, namespace = "default" } = entry.fields;
  if (!cluster) throw entryError(entry, { field: "cluster", problem: "is missing" });
  return {
    cluster: named(config.clusters, { name: cluster, field: "cluster", entry }),
    user: user ? named(config.users, { name: user, field: "user", entry }) : undefined,
    namespace,
  };
}

function contextEntry(
  { sources, currentContext, contexts }: Kubeconfig,
  context?: string,
): Entry<ContextFields> {
  const field = context ? "context" : "current-context";
  const name = context || currentContext;
  const entry = name && contexts.get(name);
  if (entry) return entry;
  const problem = name
    ? `there is no context "${name}"`
    : "current-context is not set and no context is given";
  throw new InvalidInputError(
    field,
    `Cannot use kubeconfig ${sources.join(", ")}: ${problem}; ${existing("contexts", contexts)}`,
  );
}

function named<Fields>(
  entries: ReadonlyMap<string, Entry<Fields>>,
  { name, field, entry }: { name: string; field: "cluster" | "user"; entry: Entry<ContextFields> },
): Entry<Fields> {
  const found = entries.get(name);
  if (found) return found;
  throw entryError(entry, {
    field,
    problem: `names "${name}", which does not exist; ${existing(`${field}s`, entries)}`,
  });
}

function existing(what: string, entries: ReadonlyMap<string, unknown>): string {
  return entries.size === 0
    ? `there are no ${what}`
    : `the ${what} are ${[...entries.keys()].map((name) => `"${name}"`).join(", ")}`;
}
