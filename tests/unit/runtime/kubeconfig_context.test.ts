import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { selectContext } from "../../../runtime/kubeconfig_context.ts";
import { invalidInput, parse } from "./kubeconfig_case.ts";

const config = parse(
  `
current-context: dev
clusters: [{name: one}, {name: two}]
users: [{name: me}, {name: you}]
contexts:
- {name: dev, context: {cluster: one, user: me}}
- {name: prod, context: {cluster: two, user: you, namespace: team}}
- {name: anonymous, context: {cluster: one}}
- {name: lost-cluster, context: {cluster: three, user: me}}
- {name: lost-user, context: {cluster: one, user: her}}
- {name: no-cluster, context: {user: me}}
`,
  "/k",
);

describe("selectContext", () => {
  for (const { context, expected } of [
    { context: undefined, expected: ["one", "me", "default"] },
    { context: "", expected: ["one", "me", "default"] },
    { context: "prod", expected: ["two", "you", "team"] },
    { context: "anonymous", expected: ["one", undefined, "default"] },
  ]) {
    it(`takes ${JSON.stringify(context)}`, () => {
      const { cluster, user, namespace } = selectContext(config, context);
      expect([cluster.name, user?.name, namespace]).toEqual(expected);
    });
  }

  const all = '"dev", "prod", "anonymous", "lost-cluster", "lost-user", "no-cluster"';
  for (const { name, text, context, field, says } of [
    {
      name: "an unknown context",
      context: "x",
      field: "context",
      says: `no context "x"; the contexts are ${all}`,
    },
    {
      name: "an unknown cluster",
      context: "lost-cluster",
      field: "contexts[3].context.cluster",
      says: 'contexts[3] "lost-cluster": context.cluster names "three", which does not exist; the clusters are "one", "two"',
    },
    {
      name: "an unknown user",
      context: "lost-user",
      field: "contexts[4].context.user",
      says: 'context.user names "her", which does not exist; the users are "me", "you"',
    },
    {
      name: "no cluster",
      context: "no-cluster",
      field: "contexts[5].context.cluster",
      says: "context.cluster is missing",
    },
    {
      name: "an unknown current-context",
      text: "current-context: y\ncontexts: [{name: z}]",
      field: "current-context",
      says: 'no context "y"; the contexts are "z"',
    },
    { name: "an empty kubeconfig", text: "", field: "current-context", says: "there are no contexts" },
  ]) {
    it(`refuses ${name} and lists what there is`, async () => {
      const error = await invalidInput(() =>
        selectContext(text === undefined ? config : parse(text, "/k"), context),
      );
      expect(error.field).toBe(field);
      expect(error.message).toContain("Cannot use kubeconfig /k: ");
      expect(error.message).toContain(says);
    });
  }
});
