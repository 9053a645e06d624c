import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { fieldsOf } from "./fields.ts";
import { labelsAndMore, objectName } from "./metadata.ts";
import { queryText, writeQuery } from "./queries.ts";
import { askedVersion, MERGE_PATCH, step } from "./steps.ts";
import { among, defined, seldom, weighted } from "./weighted.ts";

const ODD_METADATA_PATCHES = [
  null,
  [],
  "x",
  1,
  { metadata: null },
  { metadata: { name: "other" } },
  { metadata: { labels: null } },
  { metadata: { labels: { app: null } } },
  { metadata: { finalizers: null } },
];
const ODD_BODY_PATCHES = [{ data: null }, { spec: null }, { data: { a: null } }];

export function mergePatch(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(
      objectName(kind),
      seldom(2, labelsAndMore()),
      kind.whole ? fieldsOf(kind) : fc.constant({}),
      writeQuery(),
      seldom(20, among<unknown>(...ODD_METADATA_PATCHES, ...(kind.whole ? ODD_BODY_PATCHES : []))),
      seldom(12, fc.constant(1)),
    )
    .chain(([name, more, fields, query, odd, versioned]) =>
      askedVersion(kind, name).map((resourceVersion) =>
        step("PATCH", `${kind.path}/${name}${queryText(query)}`, {
          body: odd ?? {
            ...((more || versioned) && {
              metadata: defined({ ...more, ...(versioned && { resourceVersion }) }),
            }),
            ...fields,
          },
          headers: MERGE_PATCH,
        }),
      ),
    );
}

const POINTERS = [
  ...[
    "/metadata/labels/app",
    "/metadata/labels",
    "/metadata/annotations",
    "/metadata/finalizers",
    "/metadata/finalizers/0",
  ],
  ...[
    "/metadata/finalizers/-",
    "/data/a",
    "/data",
    "/data/b",
    "/spec/x",
    "/spec/list/0",
    "/spec/list/-",
    "/spec/parts/0",
    "/spec/tags/-",
  ],
  ...[
    "/spec",
    "/spec/size",
    "/immutable",
    "/metadata/name",
    "/metadata/resourceVersion",
    "/metadata/generation",
    "/missing/x",
    "x",
    "/metadata/labels/example.com~1x",
    "/spec/holderIdentity",
    "/type",
    "/metadata/uid",
  ],
];

export function jsonPatch(kind: Kind): fc.Arbitrary<Step> {
  const headers = { "content-type": "application/json-patch+json" };
  const value = among<unknown>(
    "1",
    "2",
    "web",
    1,
    {},
    [],
    null,
    { app: "db" },
    ["example.com/hold"],
    "example.com/hold",
    { a: "1" },
    true,
  );
  const pointer = among(...(kind.whole ? POINTERS : POINTERS.filter((one) => one.startsWith("/metadata"))));
  // What is moved into a label or name must not differ from server to server.
  const source = pointer.filter((one) => one !== "/metadata/resourceVersion" && one !== "/metadata/uid");
  const operation = weighted<unknown>(
    [12, fc.record({ op: among("add", "replace", "test"), path: pointer, value })],
    [4, fc.record({ op: among("remove"), path: pointer })],
    [3, fc.record({ op: among("move", "copy"), path: pointer, from: source })],
    [
      1,
      among<unknown>(
        {},
        { op: "add", path: "/data/a" },
        { op: "other", path: "/data" },
        { op: "add" },
        null,
        "x",
        { path: "/data" },
        { op: "copy", path: "/data/b" },
      ),
    ],
  );
  return fc
    .tuple(
      objectName(kind),
      weighted<unknown>(
        [20, fc.array(operation, { minLength: 1, maxLength: 2 })],
        [1, among<unknown>({}, "x")],
      ),
      writeQuery(),
    )
    .map(([name, body, query]) =>
      step("PATCH", `${kind.path}/${name}${queryText(query)}`, { body, headers }),
    );
}
