import type fc from "fast-check";
import type { Kind } from "../kinds.ts";
import { among, mapOf, seldom, sometimes, weighted } from "./weighted.ts";

const NAMES = ["a", "b", "c"];
const BAD_NAMES = ["Bad_Name", "-x", "a.b", "x".repeat(254), "1a", "a/b"];

/** The name of an object; most sequences meet few of them. */
export function objectName({ prefix }: Kind): fc.Arbitrary<string> {
  const known = among(...NAMES).map((name) => prefix + name);
  return prefix === "" ? weighted([12, known], [1, "<generated>"], [1, "absent"]) : known;
}

/** A name that may be refused. */
export function newName({ prefix, whole }: Kind): fc.Arbitrary<string> {
  if (!whole) return among(...NAMES).map((name) => prefix + name);
  return weighted([25, among(...NAMES)], [1, among(...BAD_NAMES)]).map((name) => prefix + name);
}

/** What metadata may have but for names and versions. */
export function labelsAndMore(): fc.Arbitrary<Record<string, unknown>> {
  return sometimes({
    labels: labels(),
    annotations: seldom(
      2,
      mapOf(["note", "example.com/a"], weighted<unknown>([9, among("1", "2", "")], [1, "<b>&\u2028ü"])),
    ),
    finalizers: seldom(3, finalizers()),
    ownerReferences: seldom(8, owners()),
    generation: seldom(20, among<unknown>(7, 0)),
    uid: seldom(20, among("11111111-2222-3333-4444-555555555555")),
    creationTimestamp: seldom(20, among(null, "2001-01-01T00:00:00Z")),
    namespace: seldom(10, among("<namespace>", "elsewhere")),
    unknown: seldom(30, among("x")),
    managedFields: seldom(30, among<unknown>([], [{}])),
  });
}

function labels(): fc.Arbitrary<unknown> {
  const good = sometimes({
    app: among("web", "db", ""),
    tier: among("front", "back"),
    "example.com/x": among("1"),
  });
  return weighted<unknown>(
    [30, good],
    [1, among<unknown>({ "bad key": "1" }, { app: "not good" }, { app: 1 }, null, [], "x")],
  );
}

function finalizers(): fc.Arbitrary<unknown> {
  const good = among<unknown>(["example.com/hold"], ["example.com/hold", "example.com/other"], []);
  return weighted<unknown>(
    [20, good],
    [1, among<unknown>(["bad finalizer"], ["orphan", "foregroundDeletion"])],
  );
}

function owners(): fc.Arbitrary<unknown> {
  const owner = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "owner",
    uid: "11111111-2222-3333-4444-555555555555",
  };
  return among<unknown>(
    [owner],
    [{ ...owner, controller: true, blockOwnerDeletion: true }],
    [{ ...owner, uid: "" }],
    [
      { ...owner, controller: true },
      { ...owner, uid: "other", controller: true },
    ],
    [{ ...owner, apiVersion: "" }],
    [owner, owner],
  );
}
