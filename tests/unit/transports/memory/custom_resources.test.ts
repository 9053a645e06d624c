import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, definition, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

const WIDGETS = "/apis/example.com/v1/namespaces/t/widgets";
const crd = {
  ...{ group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" },
  name: "widgets.example.com",
};
const widget = (name: string, fields = {}) => ({
  ...{ apiVersion: "example.com/v1", kind: "Widget", metadata: { name, namespace: "t", ...fields } },
});
const id = (name: string) => ({ group: "example.com", version: "v1", kind: "Widget", namespace: "t", name });

describe("CustomResources", () => {
  it("serves a kind from its definition's creation on, which it then calls established", async () => {
    const { server, send, transport } = await world();
    expect((await send(`GET ${WIDGETS}`)).text).toBe("404 page not found\n");
    const watch = await OpenWatch.open(
      transport,
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?watch=1&resourceVersion=5",
    );
    await server.create(definition("Widget"));
    expect((await send(`GET ${WIDGETS}`)).json.kind).toBe("WidgetList");
    expect(watch.told).toEqual(["ADDED widgets.example.com", "MODIFIED widgets.example.com"]);
    expect(watch.frames[1]?.object.status).toEqual({
      conditions: ["NamesAccepted", "Established"].map((type) =>
        expect.objectContaining({ type, status: "True", lastTransitionTime: "2026-11-22T14:05:15Z" }),
      ),
      acceptedNames: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      storedVersions: ["v1"],
    });
    watch.abort();
  });

  it("sorts a custom object by key at every level, in frames too", async () => {
    const { server, transport } = await world();
    await server.create(definition("Widget"));
    const watch = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=7`);
    await server.create({
      ...widget("w", { labels: { b: "1", a: "2" } }),
      zeta: [{ z: 1, a: 2 }],
      alpha: { metadata: {} },
    });
    expect(watch.text).toMatch(
      /^{"type":"ADDED","object":{"alpha":{"metadata":{}},"apiVersion":"example\.com\/v1","kind":"Widget","metadata":{"creationTimestamp":"[^"]+","generation":1,"labels":{"a":"2","b":"1"},"managedFields":\[.*\],"name":"w","namespace":"t","resourceVersion":"8","uid":"[^"]+"},"zeta":\[{"a":2,"z":1}\]}}\n$/,
    );
    watch.abort();
  });

  it("serves one object in all versions of its kind", async () => {
    const { server, send, transport } = await world();
    await server.create(definition("Widget", { versions: ["v1", "v2"] }));
    const watch = await OpenWatch.open(transport, "/apis/example.com/v2/widgets?watch=1&resourceVersion=7");
    await server.create(widget("w"));
    expect((await send(`GET ${WIDGETS.replace("v1", "v2")}/w`)).json.apiVersion).toBe("example.com/v2");
    expect((await send(`GET ${WIDGETS}/w`)).json.apiVersion).toBe("example.com/v1");
    expect(watch.frames[0]?.object.apiVersion).toBe("example.com/v2");
    watch.abort();
  });

  const bodies: [body: object, status: number, message: string | RegExp][] = [
    [
      { metadata: { name: "w" } },
      400,
      /^the object provided is unrecognized \(must be of type Widget\): Object 'Kind' is missing/,
    ],
    [
      { kind: "Widget", metadata: { name: "w" } },
      400,
      "the API version in the data () does not match the expected API version (example.com/v1)",
    ],
    [
      { kind: "Gadget", apiVersion: "example.com/v1", metadata: { name: "w" } },
      422,
      'Gadget.example.com "w" is invalid: kind: Invalid value: "Gadget": must be Widget',
    ],
  ];
  for (const [body, status, message] of bodies) {
    it(`answers ${status} to a custom object that says ${JSON.stringify(body)}`, async () => {
      const { server, send } = await world();
      await server.create(definition("Widget"));
      const answer = await send(`POST ${WIDGETS}`, { body });
      expect(answer.status).toBe(status);
      if (typeof message === "string") expect(answer.json.message).toBe(message);
      else expect(answer.json.message).toMatch(message);
    });
  }

  it("knows the field labels that the definition makes selectable, and no namespace at cluster scope", async () => {
    const { server, send } = await world();
    await server.create(definition("Widget", { scope: "Cluster" }));
    for (const label of ["metadata.namespace", "spec.x"]) {
      const { status, json } = await send(`GET /apis/example.com/v1/widgets?fieldSelector=${label}%3Da`);
      expect([status, json.message]).toEqual([400, `field label not supported: ${label}`]);
    }
  });

  it("takes a kind away with its definition: objects, watches and paths", async () => {
    const { server, send, transport } = await world();
    await server.create(definition("Widget"));
    for (const name of ["a", "b"]) await server.create(widget(name));
    const watch = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=9`);
    const other = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=9`);
    expect(await server.delete(crd)).toBe(true);
    await server.create(configMap("still"));
    expect([watch.told, watch.end]).toEqual([["DELETED a", "DELETED b"], {}]);
    expect([other.told, other.end]).toEqual([["ADDED still"], undefined]);
    expect((await send(`GET ${WIDGETS}`)).status).toBe(404);
    expect(await server.get(crd)).toBeUndefined();
    expect(server.openWatches).toBe(1);
    other.abort();
  });

  it("makes every version from before stale when a definition comes again", async () => {
    const { server, transport } = await world();
    await server.create(definition("Widget"));
    await server.create(widget("a"));
    await server.delete(crd);
    await server.create(definition("Widget"));
    const watch = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=8`);
    expect(watch.frames[0]?.object.reason).toBe("Expired");
  });

  it("sends watches away when the schema changes, and not when a label does", async () => {
    const { server, transport } = await world();
    await server.create(definition("Widget"));
    const watch = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=7`);
    await server.patch(crd, { metadata: { labels: { a: "1" } } });
    await server.create(widget("a"));
    expect([watch.told, watch.end]).toEqual([["ADDED a"], undefined]);
    await server.patch(crd, { spec: { names: { shortNames: ["wd"] } } });
    await server.get(crd);
    expect([watch.told, watch.end]).toEqual([["ADDED a"], {}]);
    const again = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=9`);
    expect(again.frames[0]?.object.reason).toBe("Expired");
    expect((await server.get(id("a")))?.metadata?.name).toBe("a");
  });

  it("keeps a definition whose objects are held, creates nothing new, and goes with the last of them", async () => {
    const { server, send, transport } = await world();
    await server.create(definition("Widget"));
    await server.create(widget("held", { finalizers: ["x.io/f"] }));
    const watch = await OpenWatch.open(transport, `${WIDGETS}?watch=1&resourceVersion=8`);
    await server.delete(crd);
    expect((await server.get(crd))?.metadata?.deletionTimestamp).toBe("2026-11-22T14:05:15Z");
    const refused = await send(`POST ${WIDGETS}`, { body: widget("new") });
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'widgets.example.com "new" is forbidden: create not allowed while custom resource definition is terminating',
    ]);
    const [resource] = (await send("GET /apis/example.com/v1")).json.resources as { verbs: string[] }[];
    expect(resource?.verbs).toEqual(["delete", "deletecollection", "get", "list", "watch"]);
    await server.patch(id("held"), { metadata: { finalizers: null } });
    await server.list({ version: "v1", kind: "Namespace" });
    expect([watch.told, watch.end]).toEqual([["MODIFIED held", "DELETED held"], {}]);
    expect(await server.get(crd)).toBeUndefined();
  });

  const unfit: [spec: object, problem: string][] = [
    [
      { group: "other.io" },
      'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
    ],
    [
      { versions: [] },
      "spec.versions: Invalid value: null: must have exactly one version marked as storage version",
    ],
    [{ scope: undefined }, "spec.scope: Required value"],
  ];
  for (const [spec, problem] of unfit) {
    it(`refuses a definition with ${JSON.stringify(spec)}`, async () => {
      const { send } = await world();
      const body = definition("Widget");
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      const answer = await send(`POST ${path}`, {
        body: { ...body, spec: { ...(body.spec as object), ...spec } },
      });
      expect([answer.status, answer.json.message]).toEqual([
        422,
        `CustomResourceDefinition.apiextensions.k8s.io "widgets.example.com" is invalid: ${problem}`,
      ]);
      expect((await send("GET /apis/example.com")).status).toBe(404);
    });
  }

  it("refuses a change that makes a definition one that cannot be served, and goes on serving", async () => {
    const { server, send } = await world();
    await server.create(definition("Widget"));
    await expect(server.patch(crd, { spec: { versions: null } })).rejects.toMatchObject({ status: 422 });
    expect((await send(`GET ${WIDGETS}`)).status).toBe(200);
  });

  it("answers as text to a POST without a namespace, and names the object where a subresource is missing", async () => {
    const { server, send } = await world();
    await server.create(definition("Widget"));
    expect((await send("POST /apis/example.com/v1/widgets", { body: widget("w") })).text).toBe(
      "404 page not found\n",
    );
    const { status, json } = await send(`GET ${WIDGETS}/w/status`);
    expect([status, json.message]).toEqual([404, 'widgets.example.com "w" not found']);
  });

  it("stores of an object what the stored version knows, also where another one wrote it", async () => {
    const { server, send } = await world();
    const text = { type: "string" };
    const versionWith = (
      name: string,
      { storage, ...properties }: { storage: boolean; [field: string]: unknown },
    ) => {
      const spec = { type: "object", properties };
      const openAPIV3Schema = { type: "object", properties: { spec } };
      return { name, served: true, storage, schema: { openAPIV3Schema } };
    };
    const { spec, ...rest } = definition("Widget");
    const versions = [
      versionWith("v1", { storage: true, a: text }),
      versionWith("v2", { storage: false, a: text, b: text }),
    ];
    await server.create({ ...rest, spec: { ...(spec as object), versions } });
    const later = WIDGETS.replace("v1", "v2");
    const body = { ...widget("w"), apiVersion: "example.com/v2", spec: { a: "1", b: "2" } };
    const made = await send(`POST ${later}`, { body });
    expect([made.status, made.headers.get("warning"), made.json.spec]).toEqual([201, null, { a: "1" }]);
    expect((await send(`GET ${later}/w`)).json.spec).toEqual({ a: "1" });
  });
});
