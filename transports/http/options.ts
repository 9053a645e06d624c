import * as v from "valibot";
import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import type { Credentials, TransportHeaders } from "../../lib/protocol/transport.ts";

/** Options that every transport over HTTP takes. */
export interface HttpTransportOptions {
  /**
   * Where the API server is, such as `https://10.0.0.1:6443`. A path of its own stays in front of that of each
   * request, as behind a proxy: `https://proxy/k8s/clusters/x`.
   */
  readonly baseUrl: string;
  /** Sent with each request; a request's own headers go first, then those of `credentials`. */
  readonly headers?: TransportHeaders | undefined;
  /** Asked for headers before each request, and once more after a 401. */
  readonly credentials?: Credentials | undefined;
  /**
   * How many streams may be open at once. A DynamicWatcher with more than that lets them take turns. By default there
   * is no limit, but with fetch on Bun and workerd, which limit connections.
   */
  readonly maxStreams?: number | undefined;
}

// Every message is our own and goes on from "it": valibot's quote the value, which may be a secret.

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const headerValue = v.pipe(
  v.string("must be text, or a list of texts"),
  v.regex(VALUE, "holds what a header cannot, such as a line break at the end of a token"),
);

/** Headers whose names and values HTTP can carry. */
export const headersSchema = v.record(
  v.pipe(v.string(), v.regex(NAME, "is no name of a header")),
  v.union([headerValue, v.array(headerValue)], unionMessage),
  "must be an object of headers",
);

/** The entries of HttpTransportOptions, for the schema of a transport. */
export const httpTransportEntries = {
  baseUrl: v.string("must be a URL such as https://10.0.0.1:6443"),
  headers: v.optional(headersSchema),
  credentials: v.optional(
    v.custom<Credentials>(hasHeadersMethod, "must be an object with a method headers({ rejected })"),
  ),
  maxStreams: v.optional(
    v.config(v.pipe(v.number(), v.integer(), v.minValue(1)), {
      message: "must be a whole number, 1 or more",
    }),
  ),
};

/** The object of `entries`, which refuses what it does not know: a misspelt option would go unseen. */
export function optionsSchema<const TEntries extends v.ObjectEntries>(
  entries: TEntries,
): v.StrictObjectSchema<TEntries, v.ErrorMessage<v.StrictObjectIssue>> {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === "never") return `is no option; there are ${Object.keys(entries).join(", ")}`;
    return expected === "Object" ? "must be an object" : "is missing";
  });
}

/**
 * What `schema` makes of `input`.
 *
 * @param field where `input` is, "" for the options themselves
 * @throws {InvalidInputError} that names the field and never its value
 */
export function validate<const TSchema extends v.GenericSchema>(
  schema: TSchema,
  input: unknown,
  field = "",
): v.InferOutput<TSchema> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  // A name that is misspelt before that which is missing for it.
  const issue = parsed.issues.find(({ expected }) => expected === "never") ?? parsed.issues[0];
  const path = [field, v.getDotPath(issue)].filter(Boolean).join(".") || "options";
  throw new InvalidInputError(path, `Cannot use ${path}: it ${issue.message}`);
}

function unionMessage({ issues }: v.UnionIssue<v.BaseIssue<unknown>>): string {
  return issues?.[0].message ?? "must be text, or a list of texts";
}

function hasHeadersMethod(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && "headers" in value && typeof value.headers === "function"
  );
}
