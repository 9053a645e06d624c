import type { ReadFile } from "./host.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";

type PemField = "certificate-authority" | "client-certificate" | "client-key";
/** What the label of a PEM block ends with. */
const LABELS = {
  "certificate-authority": "CERTIFICATE",
  "client-certificate": "CERTIFICATE",
  "client-key": "PRIVATE KEY",
} as const satisfies Record<PemField, string>;

type PemFields<Field extends PemField> = { readonly [Key in Field | `${Field}-data`]?: string | undefined };

/** The PEM text that a field gives, undefined where the entry does not have it: `*-data` (base64) beats the file. */
export async function readPem<Field extends PemField>(
  entry: Entry<PemFields<Field>>,
  { field, readFile }: { field: Field; readFile: ReadFile },
): Promise<string | undefined> {
  const dataField = `${field}-data` as const;
  const { [field]: path, [dataField]: data } = entry.fields;
  if (data !== undefined) return asPem(decodeBase64(data), { entry, field: dataField, label: LABELS[field] });
  if (path === undefined) return undefined;
  const text = await readEntryFile(entry, { field, path, readFile });
  return asPem(text, { entry, field, label: LABELS[field] });
}

/** The text of a file that a field of the entry names. */
export async function readEntryFile(
  entry: Entry<unknown>,
  { field, path, readFile }: { field: string; path: string; readFile: ReadFile },
): Promise<string> {
  try {
    return await readFile(entry.source.resolvePath(path));
  } catch (error) {
    // Only the code: the rest quotes the path, and a secret may stand where a path should.
    throw entryError(entry, { field, problem: `names a file that cannot be read${codeOf(error)}` });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? ` (${error.code})` : "";
}

/** Undefined where it is not base64. */
function decodeBase64(data: string): string | undefined {
  try {
    return atob(data);
  } catch {
    return undefined;
  }
}

function asPem(
  text: string | undefined,
  { entry, field, label }: { entry: Entry<unknown>; field: string; label: string },
): string {
  if (text === undefined) throw entryError(entry, { field, problem: "is not base64" });
  if (new RegExp(`-----BEGIN (?:[A-Z0-9]+ )*${label}-----`).test(text)) return text;
  throw entryError(entry, { field, problem: `must hold a ${label.toLowerCase()} in PEM` });
}
