import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, errorFrame, failure, frame } from "./expected.ts";

export function watchCases(open: OpenSession): void {
  describe("a watch", () => {
    it("tells what is created, changed and deleted, a frame a line", async () => {
      const api = await open();
      const watch = await api.watch(
        `${api.configMaps}?watch=1&resourceVersion=${await api.version(api.configMaps)}`,
      );
      expect(watch.status).toBe(200);
      expect(watch.header("content-type")).toBe("application/json");
      expect(watch.header("cache-control")).toBe("no-cache, private");
      await api.create(api.configMaps, {
        metadata: { name: "one", labels: { app: "web" } },
        data: { a: "1" },
      });
      await api.patch(`${api.configMaps}/one`, { data: { b: "2" } });
      await api.delete(`${api.configMaps}/one`);
      const head =
        '"object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"one","namespace":"<namespace>","uid":"<uid 1>",';
      const tail = '"creationTimestamp":"<time>","labels":{"app":"web"}}';
      expect(await watch.take(3)).toEqual([
        `{"type":"ADDED",${head}"resourceVersion":"<version 1>",${tail},"data":{"a":"1"}}}\n`,
        `{"type":"MODIFIED",${head}"resourceVersion":"<version 2>",${tail},"data":{"a":"1","b":"2"}}}\n`,
        `{"type":"DELETED",${head}"resourceVersion":"<version 3>",${tail},"data":{"a":"1","b":"2"}}}\n`,
      ]);
    });

    it("of a custom kind sorts every level by key", async () => {
      const api = await open();
      const watch = await api.watch(
        `${api.widgets}?watch=1&resourceVersion=${await api.version(api.widgets)}`,
      );
      const metadata = {
        labels: { z: "1", a: "2" },
        annotations: { note: "x" },
        finalizers: ["example.com/held"],
      };
      const alpha = { metadata: { name: "trap" } };
      await api.create(
        api.widgets,
        custom("Widget", "w", { metadata, spec: { b: [{ d: 1, c: 2 }], a: null }, alpha, data: 1 }),
      );
      await api.delete(`${api.widgets}/w`);
      const body = (metadata: string) =>
        '"object":{"alpha":{"metadata":{"name":"trap"}},"apiVersion":"example.com/v1","data":1,"kind":"Widget",' +
        `"metadata":{"annotations":{"note":"x"},"creationTimestamp":"<time>",${metadata}},"spec":{"a":null,"b":[{"c":2,"d":1}]}}}\n`;
      const rest = (version: number) =>
        `"labels":{"a":"2","z":"1"},"name":"w","namespace":"<namespace>","resourceVersion":"<version ${version}>","uid":"<uid 1>"`;
      expect(await watch.take(2)).toEqual([
        `{"type":"ADDED",${body(`"finalizers":["example.com/held"],"generation":1,${rest(1)}`)}`,
        `{"type":"MODIFIED",${body(`"deletionGracePeriodSeconds":0,"deletionTimestamp":"<time>","finalizers":["example.com/held"],"generation":2,${rest(2)}`)}`,
      ]);
    });

    it("escapes what HTML and JavaScript would misread, and nothing else", async () => {
      const api = await open();
      const watch = await api.watch(
        `${api.configMaps}?watch=1&resourceVersion=${await api.version(api.configMaps)}`,
      );
      const data = { text: 'a<b>c&d\u2028e\u2029f"g\\h\u00e9\u{1f600}\u0001\b\f\n\r\t/\u007f' };
      await api.create(api.configMaps, { metadata: { name: "text" }, data });
      const escaped =
        'a\\u003cb\\u003ec\\u0026d\\u2028e\\u2029f\\"g\\\\h\u00e9\u{1f600}\\u0001\\b\\f\\n\\r\\t/\u007f';
      expect(await watch.next()).toContain(`"data":{"text":"${escaped}"}}}\n`);
    });

    it("tells what enters a selector as ADDED, what leaves it as DELETED with its former state", async () => {
      const api = await open();
      const version = await api.version(api.configMaps);
      const watch = await api.watch(
        `${api.configMaps}?watch=1&labelSelector=app%3Dweb&resourceVersion=${version}`,
      );
      const label = (app: string | null, data?: object) =>
        api.patch(`${api.configMaps}/one`, { metadata: { labels: { app } }, data });
      await api.create(api.configMaps, {
        metadata: { name: "one", labels: { app: "db" } },
        data: { a: "1" },
      });
      await label("web");
      await label("web", { a: "2" });
      await label("db", { a: "3" });
      await label(null, { a: "4" });
      await label("web", { a: "5" });
      await api.delete(`${api.configMaps}/one`);
      const at = (version: number, a: string) =>
        configMap("one", { uid: 1, version, labels: { app: "web" }, data: { a } });
      expect(await watch.take(5)).toEqual([
        frame("ADDED", at(1, "1")),
        frame("MODIFIED", at(2, "2")),
        frame("DELETED", at(3, "2")),
        frame("ADDED", at(4, "5")),
        frame("DELETED", at(5, "5")),
      ]);
    });

    it("by name tells of that object only", async () => {
      const api = await open();
      const version = await api.version(api.configMaps);
      const watch = await api.watch(
        `${api.configMaps}?watch=1&fieldSelector=metadata.name%3Dtwo&resourceVersion=${version}`,
      );
      await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.create(api.configMaps, { metadata: { name: "two" } });
      expect(await watch.next()).toBe(frame("ADDED", configMap("two", { uid: 1, version: 1 })));
    });

    it("of all namespaces tells of all", async () => {
      const api = await open();
      const version = await api.version("/api/v1/configmaps");
      const query = `labelSelector=home%3D${api.namespace}&resourceVersion=${version}`;
      const watch = await api.watch(`/api/v1/configmaps?watch=1&${query}`);
      const other = await api.server.createNamespace();
      const metadata = { name: "one", labels: { home: api.namespace } };
      await api.create(`/api/v1/namespaces/${other}/configmaps`, { metadata });
      await api.create(api.configMaps, { metadata });
      expect((await watch.take(2)).map((text) => JSON.parse(text).object.metadata.namespace)).toEqual([
        other,
        "<namespace>",
      ]);
    });

    it("of a namespace that does not exist is silent until it does", async () => {
      const api = await open();
      const name = `${api.namespace}-later`;
      const path = `/api/v1/namespaces/${name}/configmaps`;
      const watch = await api.watch(`${path}?watch=1&resourceVersion=${await api.version(path)}`);
      await api.create("/api/v1/namespaces", { metadata: { name } });
      await api.create(path, { metadata: { name: "one" } });
      expect(await watch.next()).toContain('{"type":"ADDED"');
    });

    it("has only what came after its resource version", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const { metadata } = await api.patch(`${api.configMaps}/one`, { data: { a: "1" } });
      await api.patch(`${api.configMaps}/one`, { data: { a: "2" } });
      await api.create(api.configMaps, { metadata: { name: "two" } });
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      expect(await watch.take(2)).toEqual([
        frame("MODIFIED", configMap("one", { uid: 1, version: 1, data: { a: "2" } })),
        frame("ADDED", configMap("two", { uid: 2, version: 2 })),
      ]);
    });

    it("is silent until a resource version in the future has passed", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one" } });
      const future = Number(metadata.resourceVersion) + 10;
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${future}`);
      const passed: string[] = [];
      for (let count = 1; passed.length < 2; count += 1) {
        const { resourceVersion } = (
          await api.patch(`${api.configMaps}/one`, { data: { count: `${count}` } })
        ).metadata;
        if (Number(resourceVersion) > future) passed.push(`${count}`);
      }
      const frames = await watch.take(2);
      expect(frames.map((text) => JSON.parse(text).object.data.count)).toEqual(passed);
    });

    it("has nothing of a write that changes nothing", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one" }, data: { a: "1" } });
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      const same = await api.patch(`${api.configMaps}/one`, { data: { a: "1" } });
      expect(same.metadata.resourceVersion).toBe(metadata.resourceVersion);
      await api.patch(`${api.configMaps}/one`, { data: { a: "2" } });
      expect(await watch.next()).toContain('"data":{"a":"2"}');
    });

    it("does not heed a limit", async () => {
      const api = await open();
      for (const name of ["a", "b", "c"]) await api.create(api.configMaps, { metadata: { name } });
      const watch = await api.watch(`${api.configMaps}?watch=1&limit=1`);
      expect(await watch.take(3)).toHaveLength(3);
    });

    it("ends cleanly at its timeout", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const watch = await api.watch(`${api.configMaps}?watch=1&timeoutSeconds=1`);
      expect(await watch.rest()).toEqual([frame("ADDED", configMap("one", { uid: 1, version: 1 }))]);
    });
  });

  describe("the state that a watch begins with", () => {
    for (const query of ["", "&resourceVersion=", "&resourceVersion=0"]) {
      it(`comes in the order of keys, and is followed by what is new, with ?watch=1${query}`, async () => {
        const api = await open();
        for (const name of ["b", "c", "a"]) await api.create(api.configMaps, { metadata: { name } });
        const { metadata } = await api.patch(`${api.configMaps}/b`, { data: { changed: "yes" } });
        await api.cached(api.configMaps, metadata.resourceVersion);
        const watch = await api.watch(`${api.configMaps}?watch=1${query}`);
        expect(await watch.take(3)).toEqual([
          frame("ADDED", configMap("a", { uid: 1, version: 1 })),
          frame("ADDED", configMap("b", { uid: 2, version: 2, data: { changed: "yes" } })),
          frame("ADDED", configMap("c", { uid: 3, version: 3 })),
        ]);
        await api.create(api.configMaps, { metadata: { name: "aa" } });
        expect(await watch.next()).toBe(frame("ADDED", configMap("aa", { uid: 4, version: 4 })));
      });
    }

    it("is left out with sendInitialEvents=false", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "old" } });
      const query = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan";
      const watch = await api.watch(`${api.configMaps}?watch=1&${query}`);
      await api.create(api.configMaps, { metadata: { name: "new" } });
      expect(await watch.next()).toContain('"name":"new"');
    });
  });

  describe("a watch from a resource version that is forgotten", () => {
    it("answers 200, an ERROR of 410, and ends", async () => {
      const api = await open();
      // Of custom kinds, nothing before their definition is known.
      const watch = await api.watch(`${api.widgets}?watch=1&resourceVersion=1`);
      expect(watch.status).toBe(200);
      const message = "too old resource version: 1 (<version>)";
      expect(await watch.rest()).toEqual([errorFrame(failure(410, { message, reason: "Expired" }))]);
    });

    it("has other words for Events", async () => {
      const api = await open();
      const events = api.path("events");
      const version = await api.version(events);
      for (const name of ["a", "b"]) {
        await api.create(events, { metadata: { name }, involvedObject: { namespace: api.namespace } });
      }
      await api.server.compact();
      const watch = await api.watch(`${events}?watch=1&resourceVersion=${version}`);
      const message = "The resourceVersion for the provided watch is too old.";
      expect(await watch.rest()).toEqual([errorFrame(failure(410, { message, reason: "Expired" }))]);
    });
  });
}
