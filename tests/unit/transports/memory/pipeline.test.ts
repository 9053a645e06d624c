import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { AccessRequest } from "../../../../transports/memory/mod.ts";
import { CONFIG_MAPS, DEPLOYMENTS, exchange, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

describe("handle", () => {
  const plain = "404 page not found\n";
  const nowhere: [call: string, status: number, message: string][] = [
    ["GET /api/v1/namespaces/t/nokind", 404, "the server could not find the requested resource"],
    ["GET /apis/apps/v9/deployments", 404, "the server could not find the requested resource"],
    [`GET ${CONFIG_MAPS}/a/status`, 404, "the server could not find the requested resource"],
    [`GET ${DEPLOYMENTS}/a/foo`, 404, "the server could not find the requested resource"],
    ["GET /api/v1/configmaps/a", 404, "the server could not find the requested resource"],
    ["GET /api/v1/namespaces/t/nodes", 404, "the server could not find the requested resource"],
    ["GET /apis/foo/v1/x", 404, plain],
    ["GET /foo", 404, plain],
    ["GET /", 404, plain],
    [`OPTIONS ${CONFIG_MAPS}`, 405, "the server does not allow this method on the requested resource"],
    [`HEAD ${CONFIG_MAPS}`, 405, "the server does not allow this method on the requested resource"],
    [`POST ${CONFIG_MAPS}/a`, 405, "the server does not allow this method on the requested resource"],
    ["DELETE /api/v1/configmaps", 405, "the server does not allow this method on the requested resource"],
    [`POST ${DEPLOYMENTS}/d/status`, 405, "the server does not allow this method on the requested resource"],
    [
      "GET /apis/authentication.k8s.io/v1/selfsubjectreviews",
      405,
      "the server does not allow this method on the requested resource",
    ],
    ["POST /version", 405, "the server does not allow this method on the requested resource"],
  ];
  for (const [call, status, message] of nowhere) {
    it(`answers ${status} to ${call}, as ${message === plain ? "text" : "a Status"}`, async () => {
      const { send } = await world();
      const answer = await send(call);
      expect(answer.status).toBe(status);
      if (message === plain) expect(answer.text).toBe(plain);
      else expect([answer.json.message, answer.json.details]).toEqual([message, {}]);
    });
  }

  it("decodes names in paths", async () => {
    const { send, server } = await world();
    const metadata = { name: "system:a", namespace: "t" };
    await server.create({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules: [] });
    const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/t/roles/system%3Aa";
    expect((await send(`GET ${path}`)).json.metadata.name).toBe("system:a");
    expect((await send("GET /api/v1/namespaces/%zz")).status).toBe(400);
  });

  it("answers 413 to a body over 3 MiB", async () => {
    const { send } = await world();
    const body = { metadata: { name: "a" }, data: { k: "x".repeat(3 * 1024 * 1024) } };
    expect((await send(`POST ${CONFIG_MAPS}`, { body })).text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413}\n',
    );
  });

  it("tells its version and health", async () => {
    const { send } = await world();
    expect((await send("GET /version")).json.gitVersion).toBe("v1.35.4");
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      const { status, text, headers } = await send(`GET ${path}`);
      expect([status, text, headers.get("content-type")]).toEqual([200, "ok", "text/plain; charset=utf-8"]);
    }
  });
});

describe("authorization", () => {
  const refusals: [call: string, message: string, details: object][] = [
    [
      `GET ${CONFIG_MAPS}`,
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "t"',
      { kind: "configmaps" },
    ],
    [
      "GET /api/v1/configmaps",
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" at the cluster scope',
      { kind: "configmaps" },
    ],
    [
      `GET ${CONFIG_MAPS}/x`,
      'configmaps "x" is forbidden: User "alice" cannot get resource "configmaps" in API group "" in the namespace "t"',
      { name: "x", kind: "configmaps" },
    ],
    [
      `GET ${CONFIG_MAPS}?fieldSelector=metadata.name%3Dx&watch=1`,
      'configmaps "x" is forbidden: User "alice" cannot watch resource "configmaps" in API group "" in the namespace "t"',
      { name: "x", kind: "configmaps" },
    ],
    [
      `GET ${CONFIG_MAPS}?fieldSelector=metadata.name`,
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "t"',
      { kind: "configmaps" },
    ],
    [
      `GET ${DEPLOYMENTS}/x/status`,
      'deployments.apps "x" is forbidden: User "alice" cannot get resource "deployments/status" in API group "apps" in the namespace "t"',
      { name: "x", group: "apps", kind: "deployments" },
    ],
    [
      "GET /apis/foo.io/v1/foos",
      'foos.foo.io is forbidden: User "alice" cannot list resource "foos" in API group "foo.io" at the cluster scope',
      { group: "foo.io", kind: "foos" },
    ],
    [
      "GET /api/v1/namespaces/t",
      'namespaces "t" is forbidden: User "alice" cannot get resource "namespaces" in API group "" in the namespace "t"',
      { name: "t", kind: "namespaces" },
    ],
  ];
  for (const [call, message, details] of refusals) {
    it(`answers 403 to ${call} where it is not allowed`, async () => {
      const { server } = await world({ authorize: () => false });
      const { status, json } = await exchange(server.transport("alice"), call);
      expect([status, json.reason, json.message, json.details]).toEqual([403, "Forbidden", message, details]);
    });
  }

  it("is asked what a request wants, and never about the superuser", async () => {
    const asked: AccessRequest[] = [];
    const { server, send } = await world({ authorize: (request) => asked.push(request) > 0 });
    await send(`GET ${CONFIG_MAPS}`);
    await exchange(server.transport("alice"), `DELETE ${DEPLOYMENTS}/x`);
    expect(asked).toEqual([
      {
        ...{ user: "alice", groups: ["system:authenticated"] },
        ...{ verb: "delete", group: "apps", resource: "deployments", subresource: "" },
        ...{ namespace: "t", name: "x" },
      },
    ]);
  });

  it("leaves discovery, version and health open to every known user", async () => {
    const { server } = await world({ authorize: () => false });
    for (const path of ["/api", "/apis", "/api/v1", "/version", "/readyz"]) {
      expect((await exchange(server.transport("alice"), `GET ${path}`)).status).toBe(200);
    }
  });

  it("is asked at each request: a running watch goes on, the next is refused", async () => {
    let allowed = true;
    const { server } = await world({ authorize: () => allowed });
    const transport = server.transport("alice");
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=5`);
    allowed = false;
    await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "t" } });
    expect(watch.told).toEqual(["ADDED a"]);
    expect((await exchange(transport, `GET ${CONFIG_MAPS}?watch=1`)).status).toBe(403);
    watch.abort();
  });

  it("answers 401 everywhere to a user who is not known, or no longer", async () => {
    const users = [{ name: "alice" }];
    const { server } = await world({ users });
    const transport = server.transport("alice");
    expect((await exchange(transport, `GET ${CONFIG_MAPS}`)).status).toBe(200);
    users.pop();
    for (const path of [CONFIG_MAPS, "/healthz", "/apis"]) {
      const { status, text } = await exchange(transport, `GET ${path}`);
      expect(status).toBe(401);
      expect(text).toBe(
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
      );
    }
    expect(await server.list({ version: "v1", kind: "ConfigMap" })).toEqual([]);
  });
});
