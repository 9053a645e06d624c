import * as v from "valibot";
import { LineCounter, parse, parseDocument } from "yaml";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { type Entry, formatPath, type KubeconfigSource } from "./kubeconfig_entry.ts";
import {
  type ClusterFields,
  type ContextFields,
  kubeconfigSchema,
  type UserFields,
} from "./kubeconfig_schema.ts";

/** One kubeconfig, or several merged into one. */
export interface Kubeconfig {
  /** The names of the files that it was read from. */
  readonly sources: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry<ClusterFields>>;
  readonly users: ReadonlyMap<string, Entry<UserFields>>;
  readonly contexts: ReadonlyMap<string, Entry<ContextFields>>;
}

/**
 * Reads a kubeconfig, in YAML or JSON. Of entries with one name the first counts.
 *
 * @throws {InvalidInputError} that names the source, the entry and the field, and never quotes the text
 */
export function parseKubeconfig(text: string, source: KubeconfigSource): Kubeconfig {
  const parsed = v.safeParse(kubeconfigSchema, parseYaml(text, source), { abortEarly: true });
  if (!parsed.success) throw schemaError(source, parsed.issues[0]);
  const { "current-context": currentContext, clusters, users, contexts } = parsed.output;
  return {
    sources: [source.name],
    currentContext,
    clusters: entriesOf(withTypedExtensions(clusters, text), { source, section: "clusters" }),
    users: entriesOf(users, { source, section: "users" }),
    contexts: entriesOf(contexts, { source, section: "contexts" }),
  };
}

/** Merges as kubectl does: of each entry, and of current-context, the first file that has it counts, as a whole. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  return {
    sources: configs.flatMap(({ sources }) => sources),
    currentContext: configs.find(({ currentContext }) => currentContext)?.currentContext,
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => [...clusters.values()])),
    users: firstOfEachName(configs.flatMap(({ users }) => [...users.values()])),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => [...contexts.values()])),
  };
}

/** The document, with all scalars but null as the text that they are: a token or a name of digits stays itself. */
function parseYaml(text: string, source: KubeconfigSource): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    customTags: (tags) => [...tags, "null"],
    stringKeys: true,
    prettyErrors: false,
    lineCounter,
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw notYaml(source, `${error.code} at line ${line}, column ${col}`);
  }
  try {
    return document.toJS();
  } catch {
    throw notYaml(source, "an alias without its anchor, or too many aliases");
  }
}

const extensionsSchema = v.object({
  clusters: v.array(v.object({ cluster: v.nullish(v.object({ extensions: v.nullish(v.unknown()) })) })),
});

/** Extensions are for others: their numbers and booleans stay such. */
function withTypedExtensions(
  clusters: readonly { name: string; fields: ClusterFields }[],
  text: string,
): readonly { name: string; fields: ClusterFields }[] {
  if (clusters.every(({ fields }) => fields.extensions == null)) return clusters;
  const typed = v.parse(extensionsSchema, parse(text, { logLevel: "silent" })).clusters;
  return clusters.map(({ name, fields }, index) => ({
    name,
    fields: { ...fields, extensions: typed[index]?.cluster?.extensions },
  }));
}

/** Without a cause: yaml's errors quote the text. */
function notYaml(source: KubeconfigSource, problem: string): InvalidInputError {
  return new InvalidInputError(
    "kubeconfig",
    `Cannot read kubeconfig ${source.name}: it is neither YAML nor JSON (${problem})`,
  );
}

function schemaError(source: KubeconfigSource, issue: v.BaseIssue<unknown>): InvalidInputError {
  const path = issue.path ?? [];
  const field = formatPath(path).slice(1);
  const [section, entry, ...inner] = path;
  const place = entry
    ? [`${section?.key}[${entry.key}]${quotedName(entry.value)}`, inner.map(({ key }) => key).join(".")]
        .filter(Boolean)
        .join(": ")
    : field || "the document";
  return new InvalidInputError(
    field || "kubeconfig",
    `Cannot use kubeconfig ${source.name}: ${place} ${issue.message}`,
  );
}

function quotedName(entry: unknown): string {
  const named = v.safeParse(v.object({ name: v.string() }), entry);
  return named.success ? ` "${named.output.name}"` : "";
}

function entriesOf<Fields>(
  items: readonly { name: string; fields: Fields }[],
  place: { source: KubeconfigSource; section: Entry<Fields>["section"] },
): ReadonlyMap<string, Entry<Fields>> {
  return firstOfEachName(items.map(({ name, fields }, index) => ({ ...place, index, name, fields })));
}

function firstOfEachName<Fields>(entries: readonly Entry<Fields>[]): ReadonlyMap<string, Entry<Fields>> {
  const byName = new Map<string, Entry<Fields>>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return byName;
}
