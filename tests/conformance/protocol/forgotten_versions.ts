import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import { custom } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, continueTooOld, errorFrame, failure, frame } from "./expected.ts";

export function forgottenVersionCases(open: OpenSession): void {
  describe("a forgotten version of a kind with a watch cache", () => {
    it("is gone for the pages of a list, with a token that goes on later", async () => {
      const api = await open();
      for (const name of ["a", "b"]) await api.create(api.configMaps, { metadata: { name } });
      const first = (await api.get(`${api.configMaps}?limit=1`)).json.metadata;
      await api.create(api.configMaps, { metadata: { name: "c" } });
      await api.server.forget();
      const gone = await api.get(`${api.configMaps}?limit=1&continue=${first.continue}`);
      expect([gone.status, gone.text]).toEqual([410, continueTooOld]);
      const later = await api.get(`${api.configMaps}?continue=${gone.json.metadata.continue}`);
      expect(later.json.items.map(({ metadata }) => metadata.name)).toEqual(["b", "c"]);
    });

    it("is gone for a list of that very state", async () => {
      const api = await open();
      const version = await api.version(api.configMaps);
      await api.create(api.configMaps, { metadata: { name: "a" } });
      await api.server.forget();
      const reply = await api.get(`${api.configMaps}?resourceVersion=${version}&resourceVersionMatch=Exact`);
      const message = "The resourceVersion for the provided list is too old.";
      expect(reply.text).toBe(failure(410, { message, reason: "Expired" }));
    });

    it("is gone for a watch, but the present one is not", async () => {
      const api = await open();
      const old = await api.version(api.configMaps);
      await api.create(api.configMaps, { metadata: { name: "a" } });
      await api.server.forget();
      const message = `too old resource version: ${old} (<version>)`;
      const stale = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${old}`);
      expect(await stale.rest()).toEqual([errorFrame(failure(410, { message, reason: "Expired" }))]);
      const present = await api.version(api.configMaps);
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${present}`);
      await api.create(api.configMaps, { metadata: { name: "b" } });
      expect(await watch.next()).toBe(frame("ADDED", configMap("b", { uid: 1, version: 1 })));
    });

    it("is good enough for a streaming list that may be newer", async () => {
      const api = await open();
      const old = await api.version(api.configMaps);
      await api.create(api.configMaps, { metadata: { name: "a" } });
      await api.server.forget();
      const query = `sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=${old}`;
      const watch = await api.watch(`${api.configMaps}?watch=1&allowWatchBookmarks=true&${query}`);
      expect(await watch.next()).toBe(frame("ADDED", configMap("a", { uid: 1, version: 1 })));
      expect(await watch.next()).toContain('"k8s.io/initial-events-end":"true"');
    });

    it("is gone for what a watch missed, and a list goes on from the present", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w"));
      const old = await api.version(api.widgets);
      await api.patch(`${api.widgets}/w`, { spec: { colour: "red" } });
      await api.server.forget();
      await until(async () => (await api.get(api.widgets)).status === 200, { what: "widgets to be served" });
      const stale = await api.watch(`${api.widgets}?watch=1&resourceVersion=${old}`);
      const message = `too old resource version: ${old} (<version>)`;
      expect(await stale.rest()).toEqual([errorFrame(failure(410, { message, reason: "Expired" }))]);
      const { items, metadata } = (await api.get(api.widgets)).json;
      expect(items).toMatchObject([{ spec: { colour: "red" } }]);
      const watch = await api.watch(`${api.widgets}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      await api.delete(`${api.widgets}/w`);
      expect(JSON.parse(await watch.nextRaw()).type).toBe("DELETED");
    });
  });
}
