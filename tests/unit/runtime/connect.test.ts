import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Transport } from "../../../lib/protocol/transport.ts";
import { type ConnectOptions, connectBy } from "../../../runtime/connect.ts";
import type { Connection } from "../../../runtime/connection.ts";
import type { Host } from "../../../runtime/host.ts";
import { fakeHost, invalidInput } from "./kubeconfig_case.ts";

const MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const PROXY = "http://proxy.example:3128";
const IN_CLUSTER = {
  env: { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" },
  contents: { [`${MOUNT}/ca.crt`]: "CA", [`${MOUNT}/token`]: "t", [`${MOUNT}/namespace`]: "team" },
};

const transport: Transport = {
  request: () => Promise.reject(new Error("nothing may be requested")),
  close: async () => {},
};

function kubeconfig(cluster: object, user: object = {}): string {
  return JSON.stringify({
    "current-context": "x",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  });
}

/** What the runtime is asked to make a transport of. */
async function connected(
  options: ConnectOptions,
  host: Partial<Host> & { contents?: Record<string, string> } = {},
) {
  let made: Connection | undefined;
  const result = await connectBy(
    (connection) => {
      made = connection;
      return transport;
    },
    { options, host: fakeHost({ home: "/no/such/home", ...host }) },
  );
  return { ...result, connection: made! };
}

describe("connectBy", () => {
  it("gives the runtime's transport, and where it leads", async () => {
    const kubeconfigText = kubeconfig({ server: "https://prod" });
    const { connection, ...result } = await connected({ kubeconfigText });
    expect(result).toEqual({ transport, namespace: "default", server: "https://prod" });
    expect(connection.proxy).toBeUndefined();
  });

  it("takes the environment's proxy, unless the cluster has one", async () => {
    const env = { HTTPS_PROXY: PROXY, NO_PROXY: "direct" };
    for (const [cluster, expected] of [
      [{ server: "https://prod" }, PROXY],
      [{ server: "https://direct" }, undefined],
      [{ server: "https://127.0.0.1:6443" }, undefined],
      [{ server: "https://direct", "proxy-url": "http://own" }, "http://own"],
    ] as const) {
      const { connection } = await connected({ kubeconfigText: kubeconfig(cluster) }, { env });
      expect(connection.proxy).toBe(expected);
    }
  });

  it("takes the environment's proxy from inside a cluster too", async () => {
    const env = { ...IN_CLUSTER.env, HTTPS_PROXY: PROXY };
    expect((await connected({}, { ...IN_CLUSTER, env })).connection.proxy).toBe(PROXY);
    const near = { ...env, NO_PROXY: "10.0.0.0/8" };
    expect((await connected({}, { ...IN_CLUSTER, env: near })).connection.proxy).toBeUndefined();
  });

  it("is somebody else where the option says so, from inside a cluster too", async () => {
    const impersonate = { user: "jane", groups: ["a"] };
    const { connection, namespace } = await connected({ impersonate }, IN_CLUSTER);
    expect(namespace).toBe("team");
    expect(await connection.credentials?.headers({ rejected: false })).toEqual({
      authorization: "Bearer t",
      "impersonate-user": "jane",
      "impersonate-group": ["a"],
    });
  });

  it("runs a plugin only where that is allowed", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "c", interactiveMode: "Never" };
    const kubeconfigText = kubeconfig({ server: "https://prod" }, { exec });
    for (const allowed of [undefined, true]) await connected({ kubeconfigText, exec: allowed });
    const error = await invalidInput(() => connected({ kubeconfigText, exec: false }));
    expect(error.field).toBe("users[0].user.exec");
  });

  for (const { options, field } of [
    { options: { exec: "no" }, field: "exec" },
    { options: { exec: null }, field: "exec" },
    { options: { kubeconfig: "" }, field: "kubeconfig" },
    { options: { kubeconfigText: "" }, field: "kubeconfigText" },
    { options: { context: "" }, field: "context" },
    { options: { impersonate: { usr: "s3cr3t" } }, field: "impersonate.usr" },
    { options: { impersonate: "s3cr3t" }, field: "impersonate" },
    { options: { impersonate: {} }, field: "impersonate.user" },
    { options: { impersonate: { user: "" } }, field: "impersonate.user" },
    { options: { impersonate: { user: "a\ns3cr3t" } }, field: "impersonate.user" },
    { options: { impersonate: { user: "a", uid: 5 } }, field: "impersonate.uid" },
    { options: { impersonate: { user: "a", groups: "s3cr3t" } }, field: "impersonate.groups" },
    { options: { impersonate: { user: "a", groups: ["b", ""] } }, field: "impersonate.groups.1" },
    { options: { impersonate: { user: "a", extra: { k: "s3cr3t" } } }, field: "impersonate.extra.k" },
    { options: { impersonate: { user: "a", group: ["s3cr3t"] } }, field: "impersonate.group" },
  ]) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const error = await invalidInput(() => connected(options as unknown as ConnectOptions));
      expect(error.field).toBe(field);
      expect(error.message).toContain(`Cannot use ${field}: it `);
      expect(inspect(error)).not.toContain("s3cr3t");
    });
  }
});
