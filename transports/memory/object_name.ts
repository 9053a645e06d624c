import type { ApiResource, NameRule } from "./api_resource.ts";
import { type InvalidCause, invalid } from "./status_error.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SERVICE = "[a-z]([-a-z0-9]*[a-z0-9])?";

/** How names are judged, in the words of the API server; undefined: the name is good. */
const RULES: Readonly<Record<NameRule, (name: string) => string | undefined>> = {
  subdomain: (name) =>
    matches(name, { pattern: SUBDOMAIN, longest: 253 })
      ? undefined
      : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
        `start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  label: (name) => {
    if (name.includes(".")) return "must not contain dots";
    if (matches(name, { pattern: LABEL, longest: 63 })) return undefined;
    return (
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
      `end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`
    );
  },
  service: (name) =>
    matches(name, { pattern: SERVICE, longest: 63 })
      ? undefined
      : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
        "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
        `validation is '${SERVICE}')`,
  path: (name) => {
    if (name === "." || name === "..") return `may not be '${name}'`;
    const refused = ["/", "%"].find((character) => name.includes(character));
    return refused === undefined ? undefined : `may not contain '${refused}'`;
  },
};

/** Refuses a name that objects of this kind may not have. */
export function checkName(name: string, { group, kind, names }: ApiResource): void {
  const why = RULES[names](name);
  if (name !== "" && why === undefined) return;
  const cause: InvalidCause =
    name === ""
      ? {
          reason: "FieldValueRequired",
          message: "Required value: name or generateName is required",
          field: "metadata.name",
        }
      : { reason: "FieldValueInvalid", message: `Invalid value: "${name}": ${why}`, field: "metadata.name" };
  throw invalid({ group, kind, name }, [cause]);
}

function matches(name: string, { pattern, longest }: { pattern: string; longest: number }): boolean {
  return name.length <= longest && new RegExp(`^${pattern}$`).test(name);
}
