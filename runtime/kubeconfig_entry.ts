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

/**
 * The error for `field` of an entry. `problem` goes on from the field's name, as in "is missing", and holds
 * nothing of the field's value, which may be a secret. For the same reason there is no `cause`.
 */
export function entryError(
  { source, section, index, name }: Entry<unknown>,
  { field, problem }: { field: string; problem: string },
): InvalidInputError {
  const path = `${section.slice(0, -1)}.${field}`;
  return new InvalidInputError(
    `${section}[${index}].${path}`,
    `Cannot use kubeconfig ${source.name}: ${section}[${index}] "${name}": ${path} ${problem}`,
  );
}
