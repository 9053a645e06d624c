import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { objectName } from "./metadata.ts";
import { fieldSelector, labelSelector, queryText } from "./queries.ts";
import { ownQuery } from "./reads.ts";
import { JSON_BODY, keyOf, step } from "./steps.ts";
import { among, defined, seldom, sometimes, weighted } from "./weighted.ts";

export function remove(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(objectName(kind), seldom(2, deleteOptions(kind)), seldom(10, deleteQuery(kind)))
    .chain(([name, options, query]) =>
      (kind.resource === "namespaces" ? fc.constant(undefined) : seldom(6, preconditions(kind, name))).map(
        (conditions) => {
          const path = `${kind.path}/${name}`;
          if (options === undefined && conditions === undefined) {
            return { method: "DELETE", path: path + queryText(query ?? {}) };
          }
          return step("DELETE", path, { body: defined({ ...options, preconditions: conditions }) });
        },
      ),
    );
}

/** What namespaces make of a policy, they make on their own. */
function withoutPolicy(options: Record<string, unknown>): Record<string, unknown> {
  const { propagationPolicy: _, orphanDependents: _orphan, ...rest } = options;
  return rest;
}

/** Heeded only where there is no body. */
function deleteQuery({ resource }: Kind): fc.Arbitrary<Record<string, unknown>> {
  return weighted<Record<string, unknown>>(
    [
      6,
      among("Background", "Foreground", "Orphan", "Other").map((propagationPolicy) => ({
        propagationPolicy,
      })),
    ],
    [2, among("true", "false").map((orphanDependents) => ({ orphanDependents }))],
    [2, among("All", "x").map((dryRun) => ({ dryRun }))],
    [1, among("0", "5").map((gracePeriodSeconds) => ({ gracePeriodSeconds }))],
  ).map((options) => (resource === "namespaces" ? withoutPolicy(options) : options));
}

function preconditions({ resource, prefix }: Kind, name: string): fc.Arbitrary<unknown> {
  const key = `${resource}/${keyOf(name, prefix)}`;
  return sometimes({
    uid: weighted<unknown>([3, `<uid of ${key}>`], [1, "11111111-2222-3333-4444-555555555555"]),
    resourceVersion: weighted<unknown>([3, `<version of ${key}>`], [1, "1"]),
  });
}

function deleteOptions({ resource }: Kind): fc.Arbitrary<Record<string, unknown>> {
  return sometimes(
    {
      kind: among("DeleteOptions"),
      apiVersion: among("v1"),
      propagationPolicy: weighted<unknown>([9, among("Background", "Foreground", "Orphan")], [1, "Other"]),
      gracePeriodSeconds: among<unknown>(0, 5, -1),
      orphanDependents: seldom(3, among<unknown>(true, false)),
      dryRun: seldom(2, among<unknown>(["All"], [], ["x"])),
      unknown: seldom(4, among<unknown>(1)),
    },
    4,
  ).map((options) => (resource === "namespaces" ? withoutPolicy(options) : options));
}

export function removeCollection(kind: Kind): fc.Arbitrary<Step> {
  const query = sometimes(
    {
      labelSelector: labelSelector(),
      fieldSelector: fieldSelector(),
      limit: among("1"),
      dryRun: among("All"),
    },
    4,
  );
  return fc.tuple(query, seldom(3, deleteOptions(kind))).map(([parameters, options]) => ({
    method: "DELETE",
    path: kind.path + queryText(ownQuery(kind, parameters)),
    ...(options && { headers: JSON_BODY, body: JSON.stringify(options) }),
  }));
}
