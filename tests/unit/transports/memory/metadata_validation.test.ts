import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, MERGE_PATCH, world } from "./exchange.ts";
import { THINGS, thing, thingWorld } from "./thing.ts";

const NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY = `a valid label key ${NAME.replace("name part ", "")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "1" };
const long = "x".repeat(64);
const unstandard = "name is neither a standard finalizer name nor is it fully qualified";

/** What kube-apiserver 1.35.4 said of the metadata of a new ConfigMap: field, value as it is told, and why. */
const CASES: readonly [metadata: object, ...causes: [field: string, value: string, why: string][]][] = [
  [{ labels: { "-a": "1" } }, ["labels", '"-a"', NAME]],
  [{ labels: { a: "b c" } }, ["labels", '"b c"', VALUE]],
  [
    { labels: { [long]: long } },
    ...[["labels", `"${long}"`, "name part must be no more than 63 bytes"] as [string, string, string]],
    ["labels", `"${long}"`, "must be no more than 63 bytes"],
  ],
  [{ labels: { "a/b/c": "1" } }, ["labels", '"a/b/c"', KEY]],
  [{ labels: { "A.b/c": "1" } }, ["labels", '"A.b/c"', `prefix part ${SUBDOMAIN}`]],
  [{ labels: { "/x": "1" } }, ["labels", '"/x"', "prefix part must be non-empty"]],
  [{ labels: { "p/": "1" } }, ["labels", '"p/"', "name part must be non-empty"], ["labels", '"p/"', NAME]],
  [{ annotations: { "-A": "1", "Abc/D": "x y" } }, ["annotations", '"-A"', NAME]],
  [
    { finalizers: ["bad", "bad thing"] },
    ...[["finalizers", '"bad thing"', NAME] as [string, string, string]],
    ...[["finalizers[0]", '"bad"', unstandard] as [string, string, string]],
    ["finalizers[1]", '"bad thing"', unstandard],
  ],
  [
    { finalizers: ["foregroundDeletion", "orphan"] },
    [
      "finalizers",
      '["foregroundDeletion","orphan"]',
      "finalizer orphan and foregroundDeletion cannot be both set",
    ],
  ],
  [
    { ownerReferences: [{ ...owner, apiVersion: "", kind: "", name: "", uid: "" }] },
    ...[["ownerReferences.apiVersion", '""', "version must not be empty"] as [string, string, string]],
    ...[["ownerReferences.kind", '""', "must not be empty"] as [string, string, string]],
    ...[["ownerReferences.name", '""', "must not be empty"] as [string, string, string]],
    ["ownerReferences.uid", '""', "must not be empty"],
  ],
  [
    { ownerReferences: [{ ...owner, kind: "Event" }] },
    [
      "ownerReferences",
      '{"apiVersion":"v1","kind":"Event","name":"p","uid":"1"}',
      "/v1, Kind=Event is disallowed from being an owner",
    ],
  ],
  [
    {
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, name: "q", uid: "2", controller: true },
      ],
    },
    [
      "ownerReferences",
      '[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"q","uid":"2","controller":true}]',
      'Only one reference can have Controller set to true. Found "true" in references for Pod/p and Pod/q',
    ],
  ],
];

describe("metadata that is written", () => {
  for (const [metadata, ...causes] of CASES) {
    it(`as ${JSON.stringify(metadata).slice(0, 90)} is a 422 in the API server's words`, async () => {
      const { send } = await world();
      const { status, json } = await send(`POST ${CONFIG_MAPS}`, {
        body: { metadata: { name: "a", ...metadata } },
      });
      const told = causes.map(([field, value, why]) => ({
        reason: "FieldValueInvalid",
        message: `Invalid value: ${value}: ${why}`,
        field: `metadata.${field}`,
      }));
      expect([status, json.details]).toEqual([422, { name: "a", kind: "ConfigMap", causes: told }]);
      const said = told.map(({ field, message }) => `${field}: ${message}`);
      expect(json.message).toBe(
        `ConfigMap "a" is invalid: ${said.length === 1 ? said[0] : `[${said.join(", ")}]`}`,
      );
    });
  }

  it("with too many annotations is a 422 in the API server's words", async () => {
    const { send } = await world();
    const metadata = { name: "a", annotations: { a: "x".repeat(262_144) } };
    const { json } = await send(`POST ${CONFIG_MAPS}`, { body: { metadata } });
    expect(json.message).toBe(
      'ConfigMap "a" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    );
  });

  for (const metadata of [
    { labels: { "a.b-c/D_e.f": "", x: "1", [`${"a".repeat(253)}/n`]: "y".repeat(63) } },
    { annotations: { "UPPER.case/Key": "anything goes: <&>\n" } },
    {
      finalizers: ["kubernetes", "orphan", "example.com/x"],
      ownerReferences: [{ ...owner, controller: true }],
    },
  ]) {
    it(`as ${JSON.stringify(metadata).slice(0, 90)} is taken`, async () => {
      const { send } = await world();
      const { status } = await send(`POST ${CONFIG_MAPS}`, {
        body: { metadata: { name: "a", ...metadata } },
      });
      expect(status).toBe(201);
    });
  }

  it("is judged before the name is found to be taken", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const { status } = await send(`POST ${CONFIG_MAPS}`, { body: configMap("a", { labels: { "-x": "1" } }) });
    expect(status).toBe(422);
  });

  it("with a bad generateName says so of base and name, as the API server does", async () => {
    const { send } = await world();
    const { json } = await send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: "Bad_" } } });
    const causes = json.details.causes as { field: string; message: string }[];
    expect(causes.map(({ field }) => field)).toEqual(["metadata.generateName", "metadata.name"]);
    expect(causes[0]?.message).toBe(`Invalid value: "Bad_": ${SUBDOMAIN}`);
  });

  it("is checked on updates, where causes come as often as the API server finds them", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const body = { metadata: { labels: { "-a": "1" } } };
    const { status, json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: MERGE_PATCH, body });
    expect([status, json.message, (json.details.causes as unknown[]).length]).toEqual([
      422,
      `ConfigMap "a" is invalid: metadata.labels: Invalid value: "-a": ${NAME}`,
      4,
    ]);
    const things = await thingWorld();
    await things.send(`POST ${THINGS}`, { body: thing("a") });
    const answer = await things.patch("a", body, { as: "m" });
    expect([answer.status, (answer.json.details.causes as unknown[]).length]).toEqual([422, 3]);
  });
});
