/**
 * What an API server says, with all that differs from run to run named: `<namespace>`, `<time>`, `<continue>`, and
 * `<uid 1>`, `<version 1>` ... by their first appearance. Everything else stays as it is, byte by byte, except that
 * managedFields are left out.
 *
 * The resource version of a list or a bookmark is `<version>`: whether it is also an object's depends on what else the
 * server writes meanwhile.
 */
export class Transcript {
  readonly #namespace: string;
  readonly #uids = new Map<string, number>();
  readonly #versions = new Map<string, number>();

  constructor({ namespace }: { namespace: string }) {
    this.#namespace = namespace;
  }

  write(text: string): string {
    return withoutManagedFields(text)
      .replace(new RegExp(`(?<![\\w-])${this.#namespace}(?![\\w-])`, "g"), "<namespace>")
      .replace(UID, (uid) => `<uid ${numberOf(uid, this.#uids)}>`)
      .replace(TIME, "<time>")
      .replace(CONTINUE, "$1<continue>")
      .replace(COLLECTION_VERSION, "$1<version>")
      .replace(VERSION_IN_MESSAGE, "$1<version>")
      .replace(VERSION, (_, key, version) => `${key}<version ${numberOf(version, this.#versions)}>`);
  }
}

const UID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
const CONTINUE = /("continue":")[^"]+/g;
/** Metadata without a name. */
const COLLECTION_VERSION =
  /("metadata":\{(?:"continue":"[^"]*",|"annotations":\{[^}]*\},|"remainingItemCount":\d+,)*"resourceVersion":")\d+/g;
/** As in `Too large resource version: 99, current: 5` and `too old resource version: 1 (5)`. */
const VERSION_IN_MESSAGE = /(resource version: \d+(?:, current: | \())\d+/g;
const VERSION = /("resourceVersion":")(\d+)/g;
const MANAGED_FIELDS = ',"managedFields":[';

function numberOf(value: string, numbers: Map<string, number>): number {
  if (!numbers.has(value)) numbers.set(value, numbers.size + 1);
  return numbers.get(value) as number;
}

/** Cuts the text itself, since parsing it would lose how it is escaped. */
function withoutManagedFields(text: string): string {
  const start = text.indexOf(MANAGED_FIELDS);
  if (start < 0) return text;
  const strings = /"(?:\\.|[^"\\])*"|[[\]]/g;
  strings.lastIndex = start + MANAGED_FIELDS.length;
  for (let depth = 1; depth > 0; ) {
    const [token] = strings.exec(text) ?? [];
    if (token === undefined) throw new Error(`Cannot find the end of managedFields in ${text}`);
    if (token === "[") depth += 1;
    if (token === "]") depth -= 1;
  }
  return text.slice(0, start) + withoutManagedFields(text.slice(strings.lastIndex));
}
