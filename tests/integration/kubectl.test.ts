import { expect } from "@std/expect";
import { afterEach, beforeEach, it } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeKubectl, Kubectl } from "../fixtures/kubectl.ts";
import { widgetDefinition } from "../fixtures/widget_definition.ts";

const WIDGETS = widgetDefinition({
  subresources: { status: {} },
  additionalPrinterColumns: [
    { name: "Colour", type: "string", jsonPath: ".spec.colour" },
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  ],
});

function settings(data: Record<string, string>) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data };
}

/** The words of each line. */
function words(table: string): string[][] {
  return table.split("\n").map((line) => line.trim().split(/\s{2,}/));
}

describeKubectl("kubectl, on the embedded API server over HTTP", () => {
  let server: MemoryApiServer;
  let listening: ListeningServer;
  let kubectl: Kubectl;

  beforeEach(async () => {
    server = memoryApiServer({ authorization: "rbac" });
    listening = await serve(server);
    kubectl = await Kubectl.create({ server: listening.url });
  });

  afterEach(async () => {
    await kubectl.close();
    await listening.close();
  });

  it("create, then get: as a table, wide, as JSON and by name", async () => {
    expect(await kubectl.out("create -f -", { input: settings({ a: "b" }) })).toBe(
      "configmap/settings created",
    );
    expect(words(await kubectl.out("get configmaps"))).toEqual([
      ["NAME", "DATA", "AGE"],
      ["settings", "1", expect.stringMatching(/^\d+s$/)],
    ]);
    expect(await kubectl.out("get cm settings -o name")).toBe("configmap/settings");
    const { data } = JSON.parse(await kubectl.out("get cm settings -o json"));
    expect(data).toEqual({ a: "b" });
    expect(words(await kubectl.out("get namespaces -o wide"))[1]).toEqual([
      ...["default", "Active", expect.stringMatching(/^\d+s$/)],
    ]);
    const again = await kubectl.run("create -f -", { input: settings({}) });
    expect([again.code, again.stderr]).toEqual([
      1,
      'Error from server (AlreadyExists): error when creating "STDIN": configmaps "settings" already exists\n',
    ]);
    const missing = await kubectl.run("get cm nothing");
    expect(missing.stderr).toBe('Error from server (NotFound): configmaps "nothing" not found\n');
  });

  it("get in pages, sorted, and by selectors", async () => {
    for (const name of ["c", "a", "b"]) {
      const metadata = { name, namespace: "default", labels: { first: String(name === "a") } };
      await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata });
    }
    const names = async (flags: string) =>
      (await kubectl.out(`get cm --no-headers ${flags}`)).split("\n").map((line) => line.split(" ")[0]);
    expect(await names("--chunk-size=1")).toEqual(["a", "b", "c"]);
    expect(await names("--sort-by={.metadata.creationTimestamp}")).toHaveLength(3);
    expect(await names("-l first=true")).toEqual(["a"]);
    expect(await names("--field-selector metadata.name!=a")).toEqual(["b", "c"]);
  });

  it("get -w: a row for each event", async () => {
    await kubectl.out("create -f -", { input: settings({ a: "b" }) });
    const lines = kubectl.lines("get cm -w --output-watch-events --no-headers");
    const next = async () => {
      const { value } = await lines.next();
      return String(value).trim().split(/\s+/).slice(0, 3);
    };
    expect(await next()).toEqual(["ADDED", "settings", "1"]);
    await kubectl.out('patch cm settings --type=merge -p {"data":{"c":"d"}}');
    expect(await next()).toEqual(["MODIFIED", "settings", "2"]);
    await kubectl.out("delete cm settings");
    expect(await next()).toEqual(["DELETED", "settings", "2"]);
  });

  it("apply --server-side: makes, changes, and tells whose field it is", async () => {
    const apply = "apply --server-side -f -";
    expect(await kubectl.out(apply, { input: settings({ a: "b" }) })).toBe(
      "configmap/settings serverside-applied",
    );
    await kubectl.out(apply, { input: settings({ a: "c" }) });
    expect(await kubectl.out("get cm settings -o jsonpath={.data}")).toBe('{"a":"c"}');
    const other = await kubectl.run(`${apply} --field-manager=other`, { input: settings({ a: "d" }) });
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('Apply failed with 1 conflict: conflict with "kubectl": .data.a'),
    ]);
    await kubectl.out(`${apply} --field-manager=other --force-conflicts`, { input: settings({ a: "d" }) });
    expect(await kubectl.out("get cm settings -o jsonpath={.data}")).toBe('{"a":"d"}');
    await kubectl.out(`${apply} --dry-run=server --force-conflicts`, { input: settings({ a: "e" }) });
    expect(await kubectl.out("get cm settings -o jsonpath={.data}")).toBe('{"a":"d"}');
  });

  it("patch: merge and json; a strategic merge is refused", async () => {
    await kubectl.out("create -f -", { input: settings({ a: "b" }) });
    await kubectl.out('patch cm settings --type=merge -p {"data":{"c":"d"}}');
    await kubectl.out('patch cm settings --type=json -p [{"op":"remove","path":"/data/a"}]');
    expect(await kubectl.out("get cm settings -o jsonpath={.data}")).toBe('{"c":"d"}');
    const strategic = await kubectl.run('patch cm settings --type=strategic -p {"data":{}}');
    expect([strategic.code, strategic.stderr]).toEqual([
      1,
      expect.stringContaining(
        "application/strategic-merge-patch+json is not supported by /v1, Kind=ConfigMap",
      ),
    ]);
  });

  it("delete: waits until a finalizer is gone", async () => {
    const held = settings({});
    const metadata = { ...held.metadata, finalizers: ["example.com/held"] };
    await kubectl.out("create -f -", { input: { ...held, metadata } });
    const deleted = kubectl.out("delete cm settings");
    const lines = kubectl.lines('get cm -w --no-headers -o jsonpath={.metadata.deletionTimestamp}{"\\n"}');
    while ((await lines.next()).value === "");
    await kubectl.out('patch cm settings --type=json -p [{"op":"remove","path":"/metadata/finalizers"}]');
    expect(await deleted).toContain('configmap "settings" deleted');
    expect(await server.list({ version: "v1", kind: "ConfigMap" })).toEqual([]);
  });

  it("wait: for a condition, for a value and for the end", async () => {
    await kubectl.out("create -f -", { input: WIDGETS });
    await kubectl.out("wait --for=condition=Established crd/widgets.example.com");
    const metadata = { name: "one", namespace: "default" };
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata, spec: { colour: "red" } };
    await kubectl.out("create -f -", { input: widget });
    expect(words(await kubectl.out("get wd"))).toEqual([
      ["NAME", "COLOUR", "READY"],
      ["one", "red"],
    ]);
    const ready = kubectl.out("wait --for=condition=Ready wd/one");
    const blue = kubectl.out("wait --for=jsonpath={.spec.colour}=blue wd/one");
    const identifier = { group: "example.com", version: "v1", kind: "Widget", ...metadata };
    await server.patch(identifier, { spec: { colour: "blue" } });
    const conditions = [{ type: "Ready", status: "True" }];
    await server.patch(identifier, { status: { conditions } }, { subresource: "status" });
    expect(await ready).toBe("widget.example.com/one condition met");
    expect(await blue).toBe("widget.example.com/one condition met");
    expect(words(await kubectl.out("get wd"))[1]).toEqual(["one", "blue", "True"]);
    const gone = kubectl.out("wait --for=delete wd/one");
    await until(() => server.openWatches === 1, { what: "kubectl to watch" });
    await server.delete(identifier);
    expect(await gone).toBe("widget.example.com/one condition met");
  });

  it("api-resources and api-versions: custom kinds too", async () => {
    await kubectl.out("create -f -", { input: WIDGETS });
    const rows = words(await kubectl.out("api-resources --no-headers"));
    expect(rows).toContainEqual(["deployments", "deploy", "apps/v1", "true", "Deployment"]);
    expect(rows).toContainEqual(["widgets", "wd", "example.com/v1", "true", "Widget"]);
    expect((await kubectl.out("api-versions")).split("\n")).toContain("example.com/v1");
    expect(await kubectl.out("version")).toContain("Server Version: v1.35.4");
  });

  it("--as: refused, and allowed by a role", async () => {
    const refused = await kubectl.run("get pods --as=alice");
    expect(refused.stderr).toBe(
      'Error from server (Forbidden): pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"\n',
    );
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
    const rbac = { apiVersion: "rbac.authorization.k8s.io/v1", metadata: { name: "reader" } };
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
    await kubectl.out("create -f -", { input: { ...rbac, kind: "Role", rules } });
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "team" }];
    await kubectl.out("create -f -", { input: { ...rbac, kind: "RoleBinding", roleRef, subjects } });
    expect((await kubectl.run("get pods --as=alice --as-group=team")).code).toBe(0);
    expect((await kubectl.run("get secrets --as=alice --as-group=team")).stderr).toContain("Forbidden");
  });
});
