import { errorCode } from "./error_code.ts";
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

/** PEM that an entry has, and where. */
export interface Pem {
  /** The field that counts. */
  readonly field: string;
  /** Whether it may be another one when it is read again. */
  readonly inFile: boolean;
  /** @throws {InvalidInputError} that names the field */
  read(readFile: ReadFile): Promise<string>;
}

/** The PEM of a field, undefined where the entry does not have it: `*-data` (base64) beats the file. */
export function findPem<Field extends PemField>(
  entry: Entry<PemFields<Field>>,
  field: Field,
): Pem | undefined {
  const label = LABELS[field];
  const dataField = `${field}-data` as const;
  const { [field]: path, [dataField]: data } = entry.fields;
  if (data !== undefined) {
    return {
      field: dataField,
      inFile: false,
      read: async () => asPem(decodeBase64(data), { entry, field: dataField, label }),
    };
  }
  if (path === undefined) return undefined;
  return {
    field,
    inFile: true,
    async read(readFile) {
      return asPem(await readEntryFile(entry, { field, path, readFile }), { entry, field, label });
    },
  };
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
    throw entryError(entry, { field, problem: `names a file that cannot be read (${errorCode(error)})` });
  }
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
