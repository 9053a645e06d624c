import * as v from "valibot";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";

/** Where the text of a kubeconfig came from. */
export interface KubeconfigSource {
  /** The file's path, or what stands for it in errors. */
  readonly name: string;
  /** Makes a path that the text says absolute: it is relative to the text's own file. */
  resolvePath(path: string): string;
}

/** One named entry of a kubeconfig, and where it stands. */
export interface Entry<Fields> {
  readonly source: KubeconfigSource;
  readonly section: "clusters" | "users" | "contexts";
  readonly index: number;
  readonly name: string;
  readonly fields: Fields;
}

/** Part of an entry, and what is wrong with it. */
export interface EntryProblem {
  readonly field: string;
  /** Goes on from the field's name, as in "is missing", and holds nothing of its value, which may be a secret. */
  readonly problem: string;
}

/** The error for a field of an entry; without `cause`, which could quote its value. */
export function entryError(entry: Entry<unknown>, { field, problem }: EntryProblem): InvalidInputError {
  const { section, index } = entry;
  return new InvalidInputError(
    `${section}[${index}].${section.slice(0, -1)}.${field}`,
    entryMessage(entry, { field, problem }),
  );
}

/** The words of `entryError`, for errors of other kinds. */
export function entryMessage(
  { source, section, index, name }: Entry<unknown>,
  { field, problem }: EntryProblem,
): string {
  const place = `${section}[${index}] "${name}": ${section.slice(0, -1)}.${field}`;
  return `Cannot use kubeconfig ${source.name}: ${place} ${problem}`;
}

/**
 * What `schema` makes of a field of an entry that is in use: of others, only the outer shape is checked.
 *
 * @throws {InvalidInputError} that names the part at fault
 */
export function parseField<const TSchema extends v.GenericSchema>(
  entry: Entry<Readonly<Record<string, unknown>>>,
  { field, schema }: { field: string; schema: TSchema },
): v.InferOutput<TSchema> {
  const parsed = v.safeParse(schema, entry.fields[field], { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [{ path, message }] = parsed.issues;
  throw entryError(entry, { field: field + formatPath(path), problem: message });
}

/** The path of an issue, such as `.env[0].name`. */
export function formatPath(path: readonly v.IssuePathItem[] = []): string {
  return path.map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
}
