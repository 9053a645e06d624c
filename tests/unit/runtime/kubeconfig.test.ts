import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { mergeKubeconfigs } from "../../../runtime/kubeconfig.ts";
import { invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t-t0ken";

const full = `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: prod
  cluster: { server: "https://prod:6443", certificate-authority: ca.crt, made-up-field: [1] }
contexts:
- name: dev
  context: { cluster: prod, user: me, namespace: team }
users:
- name: me
  user: { token: abc, made-up: {} }
`;

const broken: { name: string; text: string; field: string; says: string }[] = [
  {
    name: "a server that is a list",
    text: `clusters: [{name: a}, {name: b}, {name: prod, cluster: {server: [${SECRET}]}}]`,
    field: "clusters[2].cluster.server",
    says: 'file.yaml: clusters[2] "prod": cluster.server must be a string',
  },
  {
    name: "a token that is a map",
    text: `users: [{name: me, user: {token: {a: ${SECRET}}}}]`,
    field: "users[0].user.token",
    says: 'users[0] "me": user.token must be a string',
  },
  {
    name: "a user that is a text",
    text: `users: [{name: me, user: ${SECRET}}]`,
    field: "users[0].user",
    says: 'users[0] "me": user must be a map',
  },
  {
    name: "an entry that is a text",
    text: `users: [${SECRET}]`,
    field: "users[0]",
    says: "users[0] must be a map",
  },
  {
    name: "an entry without a name",
    text: `users: [{name: a}, {user: {token: ${SECRET}}}]`,
    field: "users[1].name",
    says: "users[1]: name is missing",
  },
  {
    name: "a section that is a map",
    text: `clusters: {prod: {server: ${SECRET}}}`,
    field: "clusters",
    says: "clusters must be a list",
  },
  {
    name: "a flag that is neither true nor false",
    text: `clusters: [{name: prod, cluster: {insecure-skip-tls-verify: ${SECRET}}}]`,
    field: "clusters[0].cluster.insecure-skip-tls-verify",
    says: "cluster.insecure-skip-tls-verify must be true or false",
  },
  { name: "a bare text", text: SECRET, field: "kubeconfig", says: "the document must be a map" },
  {
    name: "bad indentation",
    text: `users:\n- name: me\n  user:\n     token: ${SECRET}\n   password: ${SECRET}`,
    field: "kubeconfig",
    says: "at line 5",
  },
  {
    name: "a key twice",
    text: `a: ${SECRET}\na: ${SECRET}`,
    field: "kubeconfig",
    says: "DUPLICATE_KEY at line 2, column 1",
  },
  { name: "two documents", text: `a: 1\n---\nb: ${SECRET}`, field: "kubeconfig", says: "MULTIPLE_DOCS" },
  { name: "an alias without anchor", text: `users: *${SECRET}`, field: "kubeconfig", says: "an alias" },
  { name: "a reserved character", text: `token: @${SECRET}`, field: "kubeconfig", says: "line 1, column 8" },
  { name: "an open quote", text: `token: "${SECRET}`, field: "kubeconfig", says: "neither YAML nor JSON" },
  {
    name: "a map as a key",
    text: `{token: ${SECRET}}: 1`,
    field: "kubeconfig",
    says: "neither YAML nor JSON",
  },
];

describe("parseKubeconfig", () => {
  it("reads entries with their place, and ignores fields that it does not know", () => {
    const config = parse(full);
    expect(config.currentContext).toBe("dev");
    expect(config.clusters.get("prod")?.fields).toEqual({
      server: "https://prod:6443",
      "certificate-authority": "ca.crt",
    });
    expect(config.contexts.get("dev")?.fields).toEqual({ cluster: "prod", user: "me", namespace: "team" });
    expect(config.users.get("me")).toMatchObject({ section: "users", index: 0, fields: { token: "abc" } });
  });

  it("reads JSON, with tabs and escapes", () => {
    const config = parse('{\n\t"current-context": "caf\\u00e9",\n\t"clusters": [{ "name": "a\\/b" }]\n}');
    expect(config.currentContext).toBe("café");
    expect([...config.clusters.keys()]).toEqual(["a/b"]);
  });

  const scalars: { yaml: string; expected: string | undefined }[] = [
    { yaml: "123", expected: "123" },
    { yaml: "0123", expected: "0123" },
    { yaml: "12345678901234567890123", expected: "12345678901234567890123" },
    { yaml: "1e3", expected: "1e3" },
    { yaml: "yes", expected: "yes" },
    { yaml: '"yes"', expected: "yes" },
    { yaml: "true", expected: "true" },
    { yaml: "2026-11-22", expected: "2026-11-22" },
    { yaml: '"null"', expected: "null" },
    { yaml: "null", expected: undefined },
    { yaml: "~", expected: undefined },
    { yaml: '""', expected: undefined },
    { yaml: "C:\\Users\\me\\token", expected: "C:\\Users\\me\\token" },
  ];
  for (const { yaml, expected } of scalars) {
    it(`reads ${yaml} as ${expected === undefined ? "absent" : `the text ${expected}`}`, () => {
      const config = parse(`current-context: ${yaml}\nusers:\n- name: me\n  user:\n    token: ${yaml}\n`);
      expect(config.currentContext).toBe(expected);
      expect(config.users.get("me")?.fields.token).toBe(expected);
    });
  }

  for (const name of ["123", "yes", "null-ish", "true"]) {
    it(`takes ${name} for a name`, () => {
      expect([...parse(`users: [{name: ${name}}]`).users.keys()]).toEqual([name]);
    });
  }

  for (const [yaml, expected] of [
    ["true", true],
    ['"true"', true],
    ["false", false],
    ["null", undefined],
  ] as const) {
    it(`reads the flag ${yaml}`, () => {
      const config = parse(`clusters: [{name: a, cluster: {insecure-skip-tls-verify: ${yaml}}}]`);
      expect(Boolean(config.clusters.get("a")?.fields["insecure-skip-tls-verify"])).toBe(Boolean(expected));
    });
  }

  for (const empty of [
    "",
    "# nothing\n",
    "clusters: null\nusers:\ncontexts: []\ncurrent-context: ''",
    "{}",
  ]) {
    it(`reads ${JSON.stringify(empty)} as empty`, () => {
      const { currentContext, clusters, users, contexts } = parse(empty);
      expect([currentContext, clusters.size, users.size, contexts.size]).toEqual([undefined, 0, 0, 0]);
    });
  }

  it("takes an entry without fields", () => {
    expect(parse("users: [{name: anonymous}]").users.get("anonymous")?.fields).toEqual({});
  });

  it("takes the first of entries with one name", () => {
    const config = parse("users: [{name: me, user: {token: one}}, {name: me, user: {token: two}}]");
    expect(config.users.get("me")).toMatchObject({ index: 0, fields: { token: "one" } });
  });

  for (const { name, text, field, says } of broken) {
    it(`refuses ${name}, and names the place but not the value`, async () => {
      const error = await invalidInput(() => parse(text, "file.yaml"));
      expect(error.field).toBe(field);
      expect(error.message).toContain("file.yaml");
      expect(error.message).toContain(says);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
    });
  }
});

describe("mergeKubeconfigs", () => {
  it("takes each entry whole from the first file that has it", () => {
    const first = parse("users: [{name: me, user: {token: one}}, {name: a, user: {token: a}}]", "first");
    const second = parse("users: [{name: me, user: {username: two}}, {name: b, user: {token: b}}]", "second");
    const { users, sources } = mergeKubeconfigs([first, second]);
    expect(users.get("me")).toMatchObject({ source: { name: "first" } });
    expect(users.get("me")?.fields).toEqual({ token: "one" });
    expect([...users.keys()]).toEqual(["me", "a", "b"]);
    expect(users.get("b")?.source.name).toBe("second");
    expect(sources).toEqual(["first", "second"]);
  });

  it("takes the first current-context that is not empty", () => {
    const texts = ["", 'current-context: ""', "current-context: b", "current-context: c"];
    expect(mergeKubeconfigs(texts.map((text) => parse(text))).currentContext).toBe("b");
  });
});
