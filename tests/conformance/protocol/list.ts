import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";

export function listCases(open: OpenSession): void {
  describe("a list", () => {
    it("of a built-in kind has its metadata first, and items without kind and apiVersion", async () => {
      const api = await open();
      await createConfigMaps(api, ["b", "a"]);
      const reply = await api.get(api.configMaps);
      expect(reply.status).toBe(200);
      expect(reply.header("content-type")).toBe("application/json");
      expect(reply.header("cache-control")).toBe("no-cache, private");
      expect(reply.text).toBe(
        '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"<version>"},"items":[' +
          '{"metadata":{"name":"a","namespace":"<namespace>","uid":"<uid 1>","resourceVersion":"<version 1>","creationTimestamp":"<time>"},"data":{"name":"a"}},' +
          '{"metadata":{"name":"b","namespace":"<namespace>","uid":"<uid 2>","resourceVersion":"<version 2>","creationTimestamp":"<time>"},"data":{"name":"b"}}' +
          "]}\n",
      );
    });

    it("of a custom kind has its metadata last, with an empty continue, and items in full, sorted by key", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w", { spec: { b: { d: 1, c: 2 }, a: [] }, alpha: 1 }));
      const reply = await api.get(api.widgets);
      expect(reply.header("content-type")).toBe("application/json");
      expect(reply.text).toBe(
        '{"apiVersion":"example.com/v1","items":[' +
          '{"alpha":1,"apiVersion":"example.com/v1","kind":"Widget","metadata":{"creationTimestamp":"<time>","generation":1,"name":"w","namespace":"<namespace>","resourceVersion":"<version 1>","uid":"<uid 1>"},"spec":{"a":[],"b":{"c":2,"d":1}}}' +
          '],"kind":"WidgetList","metadata":{"continue":"","resourceVersion":"<version>"}}\n',
      );
    });

    it("of nothing has empty items, also in a namespace that does not exist", async () => {
      const api = await open();
      const empty =
        '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"<version>"},"items":[]}\n';
      expect((await api.get(api.configMaps)).text).toBe(empty);
      expect((await api.get("/api/v1/namespaces/nowhere/configmaps")).text).toBe(empty);
    });

    it("of nothing of a custom kind is empty the custom way", async () => {
      const api = await open();
      expect((await api.get(api.widgets)).text).toBe(
        '{"apiVersion":"example.com/v1","items":[],"kind":"WidgetList","metadata":{"continue":"","resourceVersion":"<version>"}}\n',
      );
    });

    it("of all namespaces is sorted by namespace, then name; an empty namespace means all", async () => {
      const api = await open();
      const other = await api.server.createNamespace();
      const label = `home=${api.namespace}`;
      const labels = { home: api.namespace };
      await api.create(`/api/v1/namespaces/${other}/configmaps`, { metadata: { name: "b", labels } });
      await api.create(`/api/v1/namespaces/${other}/configmaps`, { metadata: { name: "a", labels } });
      await api.create(api.configMaps, { metadata: { name: "z", labels } });
      const sorted = [`${api.namespace}/z`, `${other}/a`, `${other}/b`];
      for (const path of ["/api/v1/configmaps", "/api/v1/namespaces//configmaps"]) {
        const { items } = (await api.get(`${path}?labelSelector=${label}`)).json;
        expect(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(sorted);
      }
    });
  });

  describe("a selector of a list", () => {
    const cases: readonly [parameter: string, selector: string, selected: readonly string[]][] = [
      ["labelSelector", "", ["a", "b", "c", "d"]],
      ["labelSelector", "app=web", ["a", "b"]],
      ["labelSelector", "app==web,tier", ["b"]],
      ["labelSelector", "app!=web", ["c", "d"]],
      ["labelSelector", "app", ["a", "b", "c"]],
      ["labelSelector", "!app", ["d"]],
      ["labelSelector", "app in (web, db)", ["a", "b", "c"]],
      ["labelSelector", "app notin (web)", ["c", "d"]],
      ["labelSelector", "app in ()", []],
      ["labelSelector", "app=", []],
      ["labelSelector", "app=web,app=db", []],
      ["labelSelector", "size>1", ["b"]],
      ["labelSelector", "size<2", ["a"]],
      ["labelSelector", "app!=", ["a", "b", "c", "d"]],
      ["fieldSelector", "metadata.name=b", ["b"]],
      ["fieldSelector", "metadata.name==b", ["b"]],
      ["fieldSelector", "metadata.name!=b", ["a", "c", "d"]],
      ["fieldSelector", "metadata.name=b,metadata.name=a", []],
      ["fieldSelector", "metadata.namespace=elsewhere", []],
      ["fieldSelector", "", ["a", "b", "c", "d"]],
    ];
    for (const [parameter, selector, selected] of cases) {
      it(`${parameter} "${selector}" selects ${selected.join(" ") || "nothing"}`, async () => {
        const api = await open();
        const labels = [{ app: "web", size: "1" }, { app: "web", tier: "x", size: "2" }, { app: "db" }, {}];
        for (const [index, name] of ["a", "b", "c", "d"].entries()) {
          await api.create(api.configMaps, { metadata: { name, labels: labels[index] } });
        }
        const reply = await api.get(`${api.configMaps}?${parameter}=${encodeURIComponent(selector)}`);
        expect(reply.json.items.map(({ metadata }) => metadata.name)).toEqual(selected);
      });
    }

    it("selects custom objects by name and by the fields that their definition names", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "r", { spec: { colour: "red" } }));
      await api.create(api.widgets, custom("Widget", "g", { spec: { colour: "green" } }));
      for (const selector of ["metadata.name=g", "spec.colour=green", "spec.colour!=red"]) {
        const { items } = (await api.get(`${api.widgets}?fieldSelector=${encodeURIComponent(selector)}`))
          .json;
        expect(items.map(({ metadata }) => metadata.name)).toEqual(["g"]);
      }
    });
  });
}

async function createConfigMaps(api: Session, names: readonly string[]): Promise<void> {
  for (const name of names) await api.create(api.configMaps, { metadata: { name }, data: { name } });
}
