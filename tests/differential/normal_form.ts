/**
 * What one server says in one sequence, with all that differs from server to server named: uids, generated names and
 * resource versions by the order in which they appear, times and continue tokens as such. All else stays as it is, byte
 * by byte, but for managedFields, whose order depends on the second in which they were written.
 */
export class NormalForm {
  readonly #namespace: RegExp;
  readonly #uids = new Map<string, number>();
  readonly #generated = new Map<string, number>();
  readonly #versions = new Map<string, number>();

  constructor({ namespace }: { namespace: string }) {
    this.#namespace = new RegExp(namespace, "g");
  }

  of(text: string): string {
    const named = text
      .replace(BOOKMARK, "")
      .replace(GENERATED, (name) => `<generated ${numberOf(name, this.#generated)}>`);
    return withSortedManagers(withSortedCauses(withSortedTypeErrors(named)))
      .replace(this.#namespace, "<namespace>")
      .replace(UID, (uid) => `<uid ${numberOf(uid, this.#uids)}>`)
      .replace(TIME, "<time>")
      .replace(CONTINUE, "$1<continue>")
      .replace(SCHEME, "$1<file>")
      .replace(AGE, "$1<age>$2")
      .replace(DESCRIPTION, "")
      .replace(COLLECTION_VERSION, "$1<version>")
      .replace(VERSION_AS_NAME, "$1<version>")
      .replace(VERSION_IN_MESSAGE, "$1<version>")
      .replace(VERSION, (_, key, version) => `${key}<version ${numberOf(version, this.#versions)}>`);
  }
}

/** Bookmarks come by the clock, but for the one that ends the initial events. */
const BOOKMARK = /^\{"type":"BOOKMARK"(?!.*"k8s\.io\/initial-events-end").*\n/gm;
const UID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
/** As `generateName` of `g<step>-` and of a bad one makes them. */
const GENERATED = /\b(?:g\d\d-|Bad_)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g;
const CONTINUE = /("continue": ?")[^"]+/g;
/** The cell of a table that says how old an object is. */
const AGE = /([[,]")\d+s("[\],])/g;
/** What the column of a table is for is told in words of our own. */
const DESCRIPTION = /(?<="format":"[^"]*",)"description":"(?:\\.|[^"\\])*",/g;
/** Metadata without a name. */
const COLLECTION_VERSION =
  /("metadata":\s*\{\s*(?:"continue":\s*"[^"]*",\s*|"annotations":\{[^}]*\},|"remainingItemCount":\s*\d+,\s*)*"resourceVersion":\s*")\d+/g;
/** As a patch makes them. */
const VERSION_AS_NAME = /(name of the object \()\d+/g;
/** As in `Too large resource version: 99, current: 5` and `too old resource version: 1 (5)`. */
const VERSION_IN_MESSAGE = /(resource version: \d+(?:, current: | \())\d+/g;
const VERSION = /(\\*"resourceVersion\\*":\s*\\*"|ResourceVersion in (?:the precondition|record) \()(\d+)/g;
const MANAGED_FIELDS = /"managedFields": ?\[/;
/** The server names the file in which it was built. */
const SCHEME = /(in scheme \\")[^"\\]*/g;

function numberOf(value: string, numbers: Map<string, number>): number {
  if (!numbers.has(value)) numbers.set(value, numbers.size + 1);
  return numbers.get(value) as number;
}

/** The causes of a refusal come in the order of the server's maps, which is another each time. */
function withSortedCauses(text: string): string {
  if (!/"reason": ?"(?:Invalid|Conflict)"/.test(text)) return text;
  const { message, details, ...status } = JSON.parse(text);
  const causes: { field: string; message: string }[] = details.causes ?? [];
  const said = (all: readonly { field: string; message: string }[]) =>
    [...new Set(all.map((cause) => `${cause.field}: ${cause.message}`))].join(", ");
  const sorted = causes.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return JSON.stringify({
    ...status,
    message: withSortedPatch(message.replace(said(causes), () => said(sorted))),
    details: {
      ...details,
      ...(details.causes && {
        causes: sorted.map((cause) => ({ ...cause, message: withSortedPatch(cause.message) })),
      }),
    },
  });
}

/** What is wrong with an applied configuration, too. */
function withSortedTypeErrors(text: string): string {
  return text.replace(/(errors:)((?:\\n {2}(?:\\[^n]|[^"\\])*)+)/, (_, head: string, lines: string) =>
    [head, ...lines.split("\\n  ").slice(1).sort()].join("\\n  "),
  );
}

/** A refused patch is told with what it made of the object, whose keys are in the order in which the server touched them. */
function withSortedPatch(message: string): string {
  return message.replace(/(Invalid value: )"(\{(?:\\.|[^"\\])*)"/, (all, what: string, quoted: string) => {
    try {
      return what + JSON.stringify(sortedByKey(JSON.parse(JSON.parse(`"${quoted}"`))));
    } catch {
      return all;
    }
  });
}

function sortedByKey(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sortedByKey);
    return items.some((item) => typeof item === "object")
      ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedByKey(inner)]));
}

/** Cuts the text itself, since parsing all of it would lose how it is written. */
function withSortedManagers(text: string): string {
  const [head] = MANAGED_FIELDS.exec(text) ?? [];
  if (head === undefined) return text;
  const start = text.search(MANAGED_FIELDS);
  const tokens = /"(?:\\.|[^"\\])*"|[[\]]/g;
  tokens.lastIndex = start + head.length;
  for (let depth = 1; depth > 0; ) {
    const [token] = tokens.exec(text) ?? [];
    if (token === undefined) throw new Error(`Cannot find the end of managedFields in ${text}`);
    if (token === "[") depth += 1;
    if (token === "]") depth -= 1;
  }
  const end = tokens.lastIndex;
  const entries: unknown[] = JSON.parse(text.slice(start + head.length - 1, end));
  const sorted = entries.map((entry) => JSON.stringify(entry).replace(TIME, "<time>")).sort();
  return `${text.slice(0, start)}${head}${sorted.join(",")}]${withSortedManagers(text.slice(end))}`;
}
