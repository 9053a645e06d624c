import { expect } from "@std/expect";
import { beforeAll, it } from "@std/testing/bdd";
import { type ApiError, NoVersionedResourceError } from "../../lib/kubernetes/errors.ts";
import { ApiClient } from "../../lib/protocol/api_client.ts";
import { Discovery } from "../../lib/protocol/discovery.ts";
import { listPages } from "../../lib/protocol/list_pages.ts";
import type { Transport } from "../../lib/protocol/transport.ts";
import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { until } from "../fixtures/control_plane.ts";
import { rejection } from "../fixtures/fake_api.ts";
import { widgetDefinition } from "../fixtures/widget_definition.ts";

interface ConfigMap {
  apiVersion: "v1";
  kind: "ConfigMap";
  metadata: {
    name: string;
    namespace: string;
    resourceVersion?: string;
    uid?: string;
    labels?: Record<string, string>;
  };
  data?: Record<string, string>;
}

const kind = { version: "v1", kind: "ConfigMap" } as const;
const apiVersion = "v1";
const crd = widgetDefinition({ subresources: { status: {} } });

describeOnEachServer("an ApiClient", (server) => {
  let transport: Transport;
  let client: ApiClient;
  const warnings: string[] = [];

  beforeAll(async () => {
    transport = server().transport();
    client = new ApiClient(transport, { logger: { warn: (text) => void warnings.push(text), error() {} } });
    await client.create({ apiVersion, kind: "Namespace", metadata: { name: "t" } });
  });

  function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
    return { apiVersion, kind: "ConfigMap", metadata: { name, namespace: "t", labels: { app: name } }, data };
  }

  it("creates, reads, updates, patches and deletes", async () => {
    const id = { ...kind, namespace: "t", name: "a" };
    expect(await client.get(id)).toBe(undefined);
    const created = await client.create(configMap("a", { x: "1" }));
    expect(created.metadata.resourceVersion).toBeTruthy();
    expect(await client.get<ConfigMap>(id)).toEqual(created);
    const updated = await client.update({ ...created, data: { x: "2" } });
    expect(updated.data).toEqual({ x: "2" });
    const conflict = (await rejection(client.update(created))) as ApiError;
    expect([conflict.status, conflict.reason]).toEqual([409, "Conflict"]);
    const exists = (await rejection(client.create(configMap("a")))) as ApiError;
    expect([exists.status, exists.reason]).toEqual([409, "AlreadyExists"]);
    expect(
      (await client.patch<ConfigMap>(id, { data: { y: "3", x: null } }, { type: "merge" })).data,
    ).toEqual({ y: "3" });
    const operations = [{ op: "replace", path: "/data/y", value: "4" }];
    expect((await client.patch<ConfigMap>(id, operations, { type: "json" })).data).toEqual({ y: "4" });
    expect(((await rejection(client.delete(id, { preconditions: { uid: "no" } }))) as ApiError).status).toBe(
      409,
    );
    expect(await client.delete(id, { preconditions: { uid: created.metadata.uid } })).toBe(true);
    expect(await client.delete(id)).toBe(false);
  });

  it("lists by selector, over pages", async () => {
    for (let index = 0; index < 7; index += 1) await client.create(configMap(`page-${index}`));
    const all = await client.list<ConfigMap>({ ...kind, namespace: "t", selector: "app" });
    expect(all.filter(({ metadata }) => metadata.name.startsWith("page-")).length).toBe(7);
    expect(all.every((one) => one.kind === "ConfigMap" && one.apiVersion === "v1")).toBe(true);
    const selected = await client.list<ConfigMap>({ ...kind, selector: "app in (page-1, page-2)" });
    expect(selected.map(({ metadata }) => metadata.name).sort()).toEqual(["page-1", "page-2"]);
    const path = "/api/v1/namespaces/t/configmaps";
    const paged = await listPages(transport, path, { limit: 2, query: { labelSelector: "app" } });
    expect(paged.items.length).toBe(all.length);
  });

  it("knows a missing namespace from a missing kind", async () => {
    const namespace = "nowhere";
    expect(await client.get({ ...kind, namespace, name: "a" })).toBe(undefined);
    expect(await client.list({ ...kind, namespace })).toEqual([]);
    const created = configMap("a");
    const error = (await rejection(
      client.create({ ...created, metadata: { name: "a", namespace } }),
    )) as ApiError;
    expect([error.status, error.details.name]).toEqual([404, namespace]);
    expect(await rejection(client.list({ ...kind, kind: "Nothing" }))).toBeInstanceOf(
      NoVersionedResourceError,
    );
    expect(await rejection(client.list({ group: "no.example.com", ...kind }))).toBeInstanceOf(
      NoVersionedResourceError,
    );
  });

  it("finds built-in kinds", async () => {
    const discovery = new Discovery(transport);
    expect(
      (await discovery.findWatchable({ group: "apps", version: "v1", kind: "Deployment" })).resource,
    ).toBe("deployments");
    expect((await discovery.find({ version: "v1", kind: "Namespace" })).namespaced).toBe(false);
  });

  it("follows a custom resource from its definition to its end", async () => {
    const widget = { group: "example.com", version: "v1", kind: "Widget" };
    expect(await rejection(client.list(widget))).toBeInstanceOf(NoVersionedResourceError);
    await client.create(crd);
    const served = async () => (await client.list(widget).catch(() => undefined)) !== undefined;
    await until(served, { what: "widgets to be served" });
    const metadata = { name: "w", namespace: "t" };
    await client.create({ apiVersion: "example.com/v1", kind: "Widget", metadata, spec: { size: 1 } });
    const id = { ...widget, ...metadata };
    const changed = await client.patch<{ status?: unknown }>(
      id,
      { status: { ok: true } },
      { type: "merge", subresource: "status" },
    );
    expect(changed.status).toEqual({ ok: true });
    const [found] = await client.list<{ kind: string; spec: unknown }>(widget);
    expect([found?.kind, found?.spec]).toEqual(["Widget", { size: 1 }]);
    await client.delete({
      group: "apiextensions.k8s.io",
      version: "v1",
      kind: "CustomResourceDefinition",
      name: "widgets.example.com",
    });
    const gone = async () => (await rejection(client.get(id))) instanceof NoVersionedResourceError;
    await until(gone, { what: "widgets to be gone" });
  });
});
