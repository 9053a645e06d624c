import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { objectName } from "./metadata.ts";
import { acceptHeader, fieldSelector, labelSelector, queryText } from "./queries.ts";
import { among, seldom, sometimes, weighted } from "./weighted.ts";

function version({ resource }: Kind): fc.Arbitrary<string> {
  return weighted<string>(
    [4, "<list version>"],
    [3, "<old list version>"],
    [4, among("a", "b", "c").map((name) => `<version of ${resource}/${name}>`)],
    [4, among("a", "b", "c").map((name) => `<old version of ${resource}/${name}>`)],
    [2, "0"],
    [1, ""],
  );
}

const badVersion = among("x", "-1", "1.5", " 5");

export function get(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(
      objectName(kind),
      seldom(5, weighted([12, version(kind)], [1, badVersion])),
      acceptHeader(false),
      seldom(20, weighted<string>([3, "status"], [1, among("finalize", "nothing")])),
    )
    .map(([name, resourceVersion, headers, subresource]) => ({
      method: "GET",
      path: `${kind.path}/${name}${subresource === undefined ? "" : `/${subresource}`}${queryText({ resourceVersion })}`,
      headers,
    }));
}

export function list(kind: Kind): fc.Arbitrary<Step> {
  const plain = sometimes(
    {
      labelSelector: labelSelector(),
      fieldSelector: fieldSelector(),
      limit: weighted<unknown>([9, among(1, 2)], [1, among<unknown>(0, -1, "x", 1000)]),
    },
    3,
  );
  const versioned = fc
    .tuple(
      version(kind),
      seldom(2, weighted<string>([5, "NotOlderThan"], [5, "Exact"], [1, among("", "Other")])),
    )
    .map(([resourceVersion, resourceVersionMatch]) => ({ resourceVersion, resourceVersionMatch }));
  const odd = sometimes(
    {
      resourceVersion: badVersion,
      resourceVersionMatch: among("Exact", "NotOlderThan", "x"),
      continue: among("x", "<continue>", "e30"),
      sendInitialEvents: among("true", "false"),
      timeoutSeconds: among("5", "x"),
      watch: among("false", "0"),
    },
    3,
  );
  const paged = fc.constant({ continue: "<continue>" });
  return (
    fc
      .tuple(
        plain,
        weighted<Record<string, unknown>>([10, {}], [4, versioned], [3, paged], [1, odd]),
        acceptHeader(true),
        weighted<boolean>([15, false], [1, true]),
      )
      // A token tells the place in one collection, and where a page ends depends on other sequences.
      .map(
        ([query, more, headers, everywhere]) =>
          [query, more, headers, everywhere && !("continue" in more) && !("limit" in query)] as const,
      )
      .map(([query, more, headers, everywhere]) => ({
        method: "GET",
        path: everywhere
          ? kind.path.replace("/namespaces/<namespace>", "") +
            queryText({ ...query, ...more, fieldSelector: "metadata.namespace=<namespace>" })
          : ownPath(kind) + queryText(ownQuery(kind, { ...query, ...more })),
        headers,
      }))
  );
}

/** A watch ends after a second, when it has told all that has happened. */
export function watch(kind: Kind): fc.Arbitrary<Step> {
  const from = weighted<Record<string, unknown>>(
    [12, version(kind).map((resourceVersion) => ({ resourceVersion }))],
    [2, {}],
    [4, { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: "true" }],
    [
      1,
      sometimes({
        sendInitialEvents: among("true", "false"),
        resourceVersionMatch: among("NotOlderThan", "Exact", "x"),
        resourceVersion: weighted([2, version(kind)], [1, badVersion]),
        allowWatchBookmarks: among("true"),
        limit: among("1"),
        continue: among("x"),
      }),
    ],
  );
  const selectors = sometimes({ labelSelector: labelSelector(), fieldSelector: fieldSelector() }, 3);
  return fc.tuple(from, selectors, acceptHeader(false)).map(([query, more, headers]) => ({
    method: "GET",
    path:
      ownPath(kind) + queryText(ownQuery(kind, { watch: "true", timeoutSeconds: "1", ...query, ...more })),
    headers,
  }));
}

function ownPath({ path }: Kind): string {
  return path;
}

/** Of kinds without a namespace, a list is of what the sequence itself made. */
export function ownQuery({ prefix }: Kind, query: Record<string, unknown>): Record<string, unknown> {
  return prefix === ""
    ? query
    : { ...query, labelSelector: undefined, fieldSelector: `metadata.name=${prefix}a` };
}
