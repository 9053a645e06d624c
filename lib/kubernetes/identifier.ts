import * as v from "valibot";
import { checked, value } from "../support/checked.ts";
import { InvalidInputError } from "./errors.ts";
import { formatGroupVersion, parseGroupVersion } from "./group_version.ts";
import type { ObjectIdentifier } from "./object_identifier.ts";
import { canonicalSelector } from "./selector.ts";

export type { ObjectIdentifier } from "./object_identifier.ts";

/** The text that two identifiers share exactly when they mean the same objects. */
export type Key = string & { readonly __key: never };

/** An identifier in its one normal form, frozen, with its key. */
export interface CanonicalIdentifier {
  readonly key: Key;
  readonly identifier: ObjectIdentifier;
}

/** How `canonicalize` reads an identifier. */
export interface CanonicalizeOptions {
  /** What the identifier is called in errors: `watcher`, `watched[2]`. */
  readonly field?: string | undefined;
  /** The scope of the kind, where it is known: false drops the namespace, true requires one beside a name. */
  readonly namespaced?: boolean | undefined;
}

const required = value<string>(
  (text) => typeof text === "string" && text !== "",
  "it is required, and must be a string",
);
const optional = v.optional(v.string("it must be a string"));
const identifierSchema = v.object(
  {
    group: optional,
    version: required,
    kind: required,
    namespace: optional,
    name: optional,
    selector: optional,
  },
  "it is required",
);

const NO_API_VERSION =
  "; an identifier has group and version, not apiVersion; identifierOf(object) makes one";

/** Canonical copies come back to us all the time, as watchers of a reconcile: they need no second look. */
const canonicalKeys = new WeakMap<ObjectIdentifier, Key>();

/**
 * Checks that an identifier has a version, a kind and exactly one of name and selector, and that the selector parses.
 *
 * @throws InvalidInputError naming the field at fault.
 *
 * @example
 * ```ts
 * import { validateIdentifier } from "kubernetes-dependency-watches";
 *
 * validateIdentifier({ version: "v1", kind: "Secret", namespace: "default", name: "db" });
 * ```
 */
export function validateIdentifier(id: ObjectIdentifier): void {
  canonicalize(id);
}

/**
 * The identifier as text: `GroupVersion=apps/v1, Kind=Deployment, Namespace=ns, Name=n[, Selector=s]`.
 *
 * @example
 * ```ts
 * import { formatIdentifier } from "kubernetes-dependency-watches";
 *
 * formatIdentifier({ version: "v1", kind: "Secret", namespace: "default", name: "db" });
 * // "GroupVersion=v1, Kind=Secret, Namespace=default, Name=db"
 * ```
 */
export function formatIdentifier(id: ObjectIdentifier): string {
  const { kind, namespace = "", name = "", selector } = id;
  const text = `GroupVersion=${formatGroupVersion(id)}, Kind=${kind}, Namespace=${namespace}, Name=${name}`;
  return selector ? `${text}, Selector=${selector}` : text;
}

/**
 * The identifier in its normal form: absent fields left out, the selector sorted, the namespace of a cluster-scoped
 * kind dropped.
 *
 * @throws InvalidInputError naming the field at fault.
 */
export function canonicalize(id: ObjectIdentifier, options: CanonicalizeOptions = {}): CanonicalIdentifier {
  const { namespaced } = options;
  const known = canonicalKeys.get(id);
  if (known !== undefined && (namespaced === undefined || namespaced === (id.namespace !== undefined))) {
    return { key: known, identifier: id };
  }
  const { group, version, kind, namespace, name, selector } = checkedShape(id, options);
  const identifier: ObjectIdentifier = Object.freeze({
    ...(group && { group }),
    version,
    kind,
    ...(namespace && namespaced !== false && { namespace }),
    ...(name ? { name } : { selector: checkedSelector(selector ?? "", options) }),
  });
  const key = keyOf(identifier);
  canonicalKeys.set(identifier, key);
  return { key, identifier };
}

/** As `canonicalize`, for the thing that is reconciled. */
export function canonicalizeWatcher(watcher: ObjectIdentifier): CanonicalIdentifier {
  return canonicalize(watcher, { field: "watcher" });
}

/** As `canonicalize`, for a read of one object: a selector is refused. */
export function canonicalizeForGet(
  id: ObjectIdentifier,
  options: CanonicalizeOptions = {},
): CanonicalIdentifier {
  const canonical = canonicalize(id, options);
  if (canonical.identifier.name !== undefined) return canonical;
  throw invalid(options, "selector", "a get takes a name; use list for a selector");
}

/** As `canonicalize`, for a read of a set: a name is refused, and no selector means every object. */
export function canonicalizeForList(
  id: ObjectIdentifier,
  options: CanonicalizeOptions = {},
): CanonicalIdentifier {
  const canonical = canonicalize(id?.selector === undefined ? { ...id, selector: "" } : id, options);
  if (canonical.identifier.name === undefined) return canonical;
  throw invalid(options, "name", "a list takes a selector; use get for a name");
}

function keyOf({ group = "", version, kind, namespace = "", name, selector }: ObjectIdentifier): Key {
  const set = name === undefined ? `?${selector}` : `/${name}`;
  return JSON.stringify([group, version, kind, namespace, set]) as Key;
}

function checkedShape(
  id: ObjectIdentifier,
  options: CanonicalizeOptions,
): v.InferOutput<typeof identifierSchema> {
  const shape = checked(identifierSchema, id, (field, problem) => {
    if (!field) return invalid(options, field, "it must be an object with version and kind");
    return invalid(options, field, `${field}: ${problem}${"apiVersion" in id ? NO_API_VERSION : ""}`);
  });
  const { version, kind, namespace, name, selector } = shape;
  if (version.includes("/")) {
    const apart = parseGroupVersion(version);
    const fix = `give group "${apart.group}" and version "${apart.version}" apart`;
    throw invalid(options, "version", `version "${version}" names a group too; ${fix}`);
  }
  if (name && selector) throw invalid(options, "selector", "give either a name or a selector, not both");
  if (!name && selector === undefined) throw invalid(options, "name", "give a name or a selector");
  for (const [field, text] of Object.entries({ namespace, name })) {
    if (text && !isPathSegment(text)) {
      throw invalid(options, field, `${field} "${text}" may not be "." or "..", nor contain "/" or "%"`);
    }
  }
  if (name && !namespace && options.namespaced) {
    throw invalid(options, "namespace", `${kind} is namespaced; give the namespace of "${name}"`);
  }
  return shape;
}

function checkedSelector(selector: string, options: CanonicalizeOptions): string {
  try {
    return canonicalSelector(selector);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError(fieldPath(options, "selector"), cause.message);
  }
}

/** What the API server takes as a name in a path (apimachinery, IsValidPathSegmentName). */
function isPathSegment(name: string): boolean {
  return name !== "." && name !== ".." && !/[/%]/.test(name);
}

function fieldPath({ field }: CanonicalizeOptions, inner: string): string {
  return field && inner ? `${field}.${inner}` : (field ?? inner);
}

function invalid(options: CanonicalizeOptions, inner: string, problem: string): InvalidInputError {
  return new InvalidInputError(
    fieldPath(options, inner),
    `Cannot use ${options.field ?? "the identifier"}: ${problem}`,
  );
}
