import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { formatCauses, formatReport, type Report } from "../../../examples/rollout_controller/report.ts";
import type { Cause, JsonPatchOperation, WatchedObject } from "../../../mod.ts";

const deployment = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
const secret = { version: "v1", kind: "Secret", namespace: "default", name: "db" };

function object(namespace: string, name: string): WatchedObject {
  return { namespace, name, uid: "u", resourceVersion: "1", labels: {}, object: () => undefined };
}

function modified(...operations: JsonPatchOperation[]): Cause {
  const [before, after] = [object("default", "db"), object("default", "db")];
  return { type: "MODIFIED", watched: secret, before, after, relisted: false, patch: operations };
}

function replaced(path: string): JsonPatchOperation {
  return { op: "replace", path, value: "s3cr3t" };
}

const causes: { name: string; cause: Cause; expected: string }[] = [
  {
    name: "a modification by its paths, without what every write changes",
    cause: modified(
      replaced("/metadata/resourceVersion"),
      replaced("/metadata/generation"),
      replaced("/status/replicas"),
      replaced("/data/password"),
      { op: "remove", path: "/data/user" },
      replaced("/data/status"),
    ),
    expected: "Secret default/db MODIFIED: /data/password, /data/user, /data/status",
  },
  {
    name: "many paths by the first few",
    cause: modified(...[1, 2, 3, 4, 5, 6, 7].map((n) => replaced(`/data/${n}`))),
    expected: "Secret default/db MODIFIED: /data/1, /data/2, /data/3, /data/4, /data/5 and 2 more",
  },
  {
    name: "a modification of nothing that counts",
    cause: modified(replaced("/metadata/resourceVersion")),
    expected: "Secret default/db MODIFIED",
  },
  {
    name: "an addition under a selector, by the object's name",
    cause: {
      type: "ADDED",
      watched: { group: "apps", version: "v1", kind: "Deployment", selector: "" },
      after: object("team", "api"),
      relisted: true,
    },
    expected: "Deployment team/api ADDED",
  },
  {
    name: "a deletion",
    cause: { type: "DELETED", watched: secret, before: object("default", "db"), relisted: false },
    expected: "Secret default/db DELETED",
  },
  {
    name: "the first sight of an object",
    cause: { type: "INITIAL", watched: secret },
    expected: "Secret default/db is watched now",
  },
  {
    name: "the first sight of a set",
    cause: { type: "INITIAL", watched: { version: "v1", kind: "Node", selector: "" } },
    expected: "Node (all) is watched now",
  },
  { name: "a retry", cause: { type: "RETRY", error: new Error("no") }, expected: "the last run failed: no" },
  { name: "a trigger", cause: { type: "TRIGGER" }, expected: "TRIGGER" },
];

const reports: { report: Report; expected: string }[] = [
  {
    report: {
      type: "watches",
      deployment,
      added: [{ kind: "Secret", name: "db", optional: false }],
      dropped: [{ kind: "ConfigMap", name: "app", optional: true }],
    },
    expected: "Deployment default/web depends on: + Secret db, - ConfigMap app",
  },
  {
    report: { type: "waits", deployment, missing: [{ kind: "Secret", name: "db", optional: false }] },
    expected: "Deployment default/web waits for: Secret db",
  },
  {
    report: {
      type: "rollout",
      deployment,
      checksum: "0123456789abcdef",
      causes: [modified(replaced("/data/password")), { type: "REQUEUE" }],
    },
    expected:
      "Deployment default/web rolls out with checksum 01234567 because: Secret default/db MODIFIED: /data/password; REQUEUE",
  },
  { report: { type: "released", deployment }, expected: "Deployment default/web is left alone from now on" },
  {
    report: { type: "trouble", message: "A stream is retried", error: new Error("no") },
    expected: "A stream is retried: no",
  },
  { report: { type: "trouble", message: "Warning: old", error: undefined }, expected: "Warning: old" },
];

describe("formatCauses", () => {
  for (const { name, cause, expected } of causes) {
    it(`tells ${name}`, () => {
      expect(formatCauses([cause])).toEqual([expected]);
    });
  }
});

describe("formatReport", () => {
  for (const { report, expected } of reports) {
    it(`says what it ${report.type}, in one line and without values`, () => {
      expect(formatReport(report)).toBe(expected);
    });
  }
});
