import type { ObjectMeta } from "../../lib/kubernetes/object.ts";
import type { ApiResource, NameRule } from "./api_resource.ts";
import { invalidValue, requiredValue } from "./field_cause.ts";
import type { InvalidCause } from "./status_error.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SERVICE = "[a-z]([-a-z0-9]*[a-z0-9])?";

/** What is wrong with a name, in the words of the API server. */
const RULES: Readonly<Record<NameRule, (name: string) => readonly string[]>> = {
  subdomain: (name) => [
    ...tooLong(name, 253),
    ...unlike(
      name,
      SUBDOMAIN,
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
        "start and end with an alphanumeric character (e.g. 'example.com', ",
    ),
  ],
  label: (name) =>
    name.includes(".")
      ? ["must not contain dots"]
      : [
          ...tooLong(name, 63),
          ...unlike(
            name,
            LABEL,
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start " +
              "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', ",
          ),
        ],
  service: (name) => [
    ...tooLong(name, 63),
    ...unlike(
      name,
      SERVICE,
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
        "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', ",
    ),
  ],
  path: (name) => {
    if (name === "." || name === "..") return [`may not be '${name}'`];
    return ["/", "%"]
      .filter((character) => name.includes(character))
      .map((character) => `may not contain '${character}'`);
  },
};

/** What is wrong with the name of a new object of this kind, and with what it was generated from. */
export function nameCauses(
  { name = "", generateName = "" }: ObjectMeta,
  { names }: Pick<ApiResource, "names">,
): InvalidCause[] {
  const rule = RULES[names];
  // A base may end with a dash: something comes behind it.
  const base = generateName === "" ? [] : rule(generateName.replace(/(.)-$/, "$1a"));
  return [
    ...base.map((why) => invalidValue("metadata.generateName", generateName, why)),
    ...(name === ""
      ? [requiredValue("metadata.name", "name or generateName is required")]
      : rule(name).map((why) => invalidValue("metadata.name", name, why))),
  ];
}

function tooLong(name: string, longest: number): string[] {
  return name.length <= longest ? [] : [`must be no more than ${longest} characters`];
}

function unlike(name: string, pattern: string, rule: string): string[] {
  return new RegExp(`^${pattern}$`).test(name) ? [] : [`${rule}regex used for validation is '${pattern}')`];
}
