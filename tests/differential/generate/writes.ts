import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { fieldsOf, statusOf } from "./fields.ts";
import { labelsAndMore, newName, objectName } from "./metadata.ts";
import { queryText, writeQuery } from "./queries.ts";
import { askedVersion, step } from "./steps.ts";
import { among, defined, seldom, sometimes, weighted } from "./weighted.ts";

const ODD_NAMES = [
  {},
  { name: "" },
  { generateName: "Bad_" },
  { name: 1 },
  { name: "a", generateName: "g<step>-" },
];

export function create(kind: Kind): fc.Arbitrary<Step> {
  const names = weighted<Record<string, unknown>>(
    [12, newName(kind).map((name) => ({ name }))],
    [2, among("g<step>-").map((base) => ({ generateName: kind.prefix + base }))],
    // Other kinds are told what is wrong with their bodies, too, which the embedded server does not check.
    [kind.whole ? 1 : 0, among<Record<string, unknown>>(...ODD_NAMES)],
  );
  return fc
    .tuple(names, labelsAndMore(), fieldsOf(kind), writeQuery(), head(kind), seldom(40, among("1")))
    .map(([own, more, fields, query, who, resourceVersion]) =>
      step("POST", kind.path + queryText(query), {
        body: { ...who, metadata: defined({ ...own, ...more, resourceVersion }), ...fields },
      }),
    );
}

export function update(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(
      objectName(kind),
      labelsAndMore(),
      fieldsOf(kind),
      writeQuery(),
      head(kind),
      seldom(30, newName(kind)),
    )
    .chain(([name, more, fields, query, who, other]) =>
      askedVersion(kind, name).map((resourceVersion) =>
        step("PUT", `${kind.path}/${name}${queryText(query)}`, {
          body: { ...who, metadata: defined({ name: other ?? name, ...more, resourceVersion }), ...fields },
        }),
      ),
    );
}

export function apply(kind: Kind): fc.Arbitrary<Step> {
  const headers = { "content-type": "application/apply-patch+yaml" };
  return fc
    .tuple(
      objectName(kind),
      labelsAndMore(),
      fieldsOf(kind),
      sometimes({ dryRun: among("All"), fieldValidation: among("Strict", "Ignore") }, 15),
      weighted<string | undefined>([10, among("m1", "m2")], [1, among(undefined, "")]),
      weighted<string | undefined>([3, undefined], [1, among("true", "false", "1")]),
      weighted<object>(
        [30, {}],
        [
          1,
          among<object>(
            { kind: "Other" },
            { apiVersion: "v2" },
            { kind: undefined },
            { apiVersion: undefined },
          ),
        ],
      ),
      seldom(30, among<unknown>("other", "", undefined)),
    )
    .map(([name, more, fields, query, fieldManager, force, who, other]) =>
      step("PATCH", `${kind.path}/${name}${queryText({ fieldManager, force, ...query })}`, {
        body: {
          apiVersion: kind.apiVersion,
          kind: kind.kind,
          ...who,
          metadata: defined({ name: other ?? name, ...more }),
          ...fields,
        },
        headers,
      }),
    );
}

/** A write to the status subresource, or to one that is none. */
export function status(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(
      objectName(kind),
      statusOf(kind),
      seldom(4, labelsAndMore()),
      writeQuery(),
      among("PUT", "merge-patch", "apply-patch"),
    )
    .chain(([name, value, more, query, how]) =>
      askedVersion(kind, name).map((resourceVersion) => {
        const parameters = how === "apply-patch" ? { ...query, fieldManager: "m1" } : query;
        const path = `${kind.path}/${name}/status${queryText(parameters)}`;
        const who = how === "merge-patch" ? {} : { apiVersion: kind.apiVersion, kind: kind.kind };
        const metadata =
          how === "merge-patch"
            ? more
            : defined({ name, ...more, ...(how === "PUT" && { resourceVersion }) });
        const body = { ...who, ...(metadata && { metadata }), status: value };
        if (how === "PUT") return step("PUT", path, { body });
        const type = `application/${how}+${how === "apply-patch" ? "yaml" : "json"}`;
        return step("PATCH", path, { body, headers: { "content-type": type } });
      }),
    );
}

/** What a body says that it is; custom objects must, built-in ones may leave it out. */
function head({ kind, apiVersion, custom }: Kind): fc.Arbitrary<Record<string, unknown>> {
  const full = { apiVersion, kind };
  if (custom) return weighted<Record<string, unknown>>([30, full], [1, {}]);
  return weighted<Record<string, unknown>>(
    [8, full],
    [4, {}],
    [
      1,
      among(
        { kind: "Other" },
        { apiVersion: "v2", kind },
        { kind },
        { apiVersion },
        { apiVersion, kind: "Other" },
      ),
    ],
  );
}
